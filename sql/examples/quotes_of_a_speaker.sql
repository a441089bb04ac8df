-- What did Anda Krūmiņa say in her own words, where and when?
SELECT
    said.published_on,
    said.content,
    said.cue_text,
    document.source,
    document.title,
    coalesce(document.url, document.raw_uri) AS link
FROM statements AS said
JOIN documents AS document ON document.doc_id = said.doc_id AND document.duplicate_of IS NULL
JOIN actors AS speaker ON speaker.actor_id = said.speaker_id
WHERE speaker.name = 'Anda Krūmiņa' AND said.kind IN ('direct', 'mixed')
ORDER BY said.published_on, said.doc_id, said.content_spans[1]."start"
