-- Who speaks about whom: the pairs among the twenty who speak most and the twenty spoken about most.
WITH pairs AS (
    SELECT source_id, target_id, weight FROM actor_network WHERE relation = 'speaks_about'
),

speakers AS (
    SELECT source_id FROM pairs GROUP BY source_id ORDER BY sum(weight) DESC, source_id LIMIT 20
),

subjects AS (
    SELECT target_id FROM pairs GROUP BY target_id ORDER BY sum(weight) DESC, target_id LIMIT 20
)

SELECT pairs.source_id, speaker.name AS source, pairs.target_id, subject.name AS target, pairs.weight
FROM pairs
JOIN speakers ON speakers.source_id = pairs.source_id
JOIN subjects ON subjects.target_id = pairs.target_id
JOIN actors AS speaker ON speaker.actor_id = pairs.source_id
JOIN actors AS subject ON subject.actor_id = pairs.target_id
ORDER BY pairs.weight DESC, pairs.source_id, pairs.target_id
