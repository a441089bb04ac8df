-- unknown_corrections (intermediate): actors that a correction names and neither a document nor an earlier publish knows;
-- a row stops the refresh. The aim of a split may be new.
-- needs: actor_records, actor_links, corrections, last_actors, last_redirects
SELECT line, action, actor_id
FROM (
    SELECT line, action, actor_id FROM corrections
    UNION ALL
    SELECT line, action, value FROM corrections WHERE action = 'merge'
)
WHERE actor_id NOT IN (SELECT actor_id FROM actor_records)
  AND actor_id NOT IN (SELECT split_id FROM actor_links)
  AND actor_id NOT IN (SELECT value FROM corrections WHERE action = 'split')
  AND actor_id NOT IN (SELECT actor_id FROM last_actors)
  AND actor_id NOT IN (SELECT from_id FROM last_redirects)
