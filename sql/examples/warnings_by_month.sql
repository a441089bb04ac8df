-- Who warned, accused or denied, month by month?
SELECT
    CAST(date_trunc('month', said.published_on) AS DATE) AS month,
    said.cue_class,
    coalesce(speaker.name, said.speaker_text) AS speaker,
    count(*) AS statements,
    min(said.content) AS example
FROM statements AS said
JOIN documents AS document ON document.doc_id = said.doc_id AND document.duplicate_of IS NULL
LEFT JOIN actors AS speaker ON speaker.actor_id = said.speaker_id
WHERE said.cue_class IN ('warn', 'accuse', 'deny')
GROUP BY ALL
ORDER BY month, said.cue_class, statements DESC, speaker
