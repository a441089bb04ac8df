-- actor_redirects: one row an id that means another actor now, so that what was written down yesterday is found today. The
-- documents themselves tell most of it; only an id that an earlier version of extraction gave is looked for by the
-- places where it stood in the last publish.
-- needs: actors, actor_links, corrections, mentions, last_actors, last_mentions, last_redirects
WITH links AS (
    SELECT DISTINCT from_id, actor_id, split_id FROM actor_links
),

told AS (
    SELECT
        link.from_id,
        link.actor_id,
        CASE
            WHEN link.actor_id IS NULL THEN 'blocked'
            WHEN bool_or(merge.actor_id IS NOT NULL) THEN 'merged'
            WHEN count(*) OVER (PARTITION BY link.from_id) > 1 THEN 'split'
            ELSE 'linked'
        END AS reason
    FROM (
        SELECT from_id, actor_id, split_id FROM links
        UNION
        SELECT split_id, actor_id, split_id FROM links
    ) AS link
    LEFT JOIN corrections AS merge ON merge.action = 'merge' AND merge.actor_id = link.split_id
    GROUP BY link.from_id, link.actor_id
),

gone AS (
    SELECT actor_id AS from_id, CAST(NULL AS VARCHAR) AS next_id FROM last_actors
    UNION ALL
    SELECT from_id, actor_id FROM last_redirects
),

lost AS MATERIALIZED (  -- few or none: of all the mentions, those of nobody else are read
    SELECT actor_id
    FROM last_actors
    WHERE actor_id NOT IN (SELECT actor_id FROM actors) AND actor_id NOT IN (SELECT from_id FROM told)
),

places AS (
    SELECT before.actor_id AS from_id, now.actor_id, count(*) AS mention_count
    FROM (FROM last_mentions SEMI JOIN lost USING (actor_id)) AS before
    JOIN mentions AS now ON now.mention_id = before.mention_id AND now.actor_id IS NOT NULL
    GROUP BY before.actor_id, now.actor_id
),

moved AS (
    SELECT from_id, actor_id
    FROM places
    QUALIFY row_number() OVER (PARTITION BY from_id ORDER BY mention_count DESC, actor_id) = 1
),

candidates AS (
    SELECT from_id, actor_id, reason FROM told
    UNION ALL
    SELECT gone.from_id, min(coalesce(later.actor_id, told.actor_id, moved.actor_id)), 'replaced'
    FROM gone
    LEFT JOIN actors AS later ON later.actor_id = gone.next_id
    LEFT JOIN told ON told.from_id = gone.next_id
    LEFT JOIN moved ON moved.from_id = coalesce(gone.next_id, gone.from_id)
    WHERE gone.from_id NOT IN (SELECT from_id FROM told)
    GROUP BY gone.from_id
)

SELECT from_id, actor_id, reason
FROM candidates
WHERE from_id NOT IN (SELECT actor_id FROM actors)
