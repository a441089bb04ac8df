-- From which countries come those who speak about NATO, and how do they speak?
SELECT
    coalesce(speaker.country, '(none)') AS country,
    count(*) AS statements,
    count(DISTINCT said.speaker_id) AS speakers,
    count(*) FILTER (WHERE said.kind = 'direct') AS direct,
    count(*) FILTER (WHERE said.cue_class IN ('warn', 'accuse')) AS warnings
FROM about('nato') AS said
LEFT JOIN actors AS speaker ON speaker.actor_id = said.speaker_id
GROUP BY ALL
ORDER BY statements DESC, country
