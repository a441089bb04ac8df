-- Who changed office, from what to what?
SELECT
    actor.name,
    actor.role AS latest_role,
    held.role,
    held.country,
    held.first_seen,
    held.last_seen,
    held.document_count
FROM actor_roles AS held
JOIN actors AS actor USING (actor_id)
WHERE held.actor_id IN (SELECT actor_id FROM actor_roles GROUP BY actor_id HAVING count(*) > 1)
ORDER BY actor.name, held.first_seen, held.role
