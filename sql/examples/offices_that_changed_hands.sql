-- Which offices have changed hands, from whom to whom, as the texts call them?
SELECT held.country, replace(lower(held.role), 'defense', 'defence') AS office, actor.name, held.first_seen, held.last_seen, held.document_count
FROM actor_roles AS held
JOIN actors AS actor USING (actor_id)
WHERE held.country IS NOT NULL AND NOT regexp_matches(lower(held.role), '^(former|then|acting|deputy)\b')
QUALIFY count(DISTINCT held.actor_id) OVER (PARTITION BY held.country, office) > 1
ORDER BY held.country, office, held.first_seen, actor.name
