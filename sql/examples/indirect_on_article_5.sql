-- Who is paraphrased on Article 5, with which verb?
SELECT
    said.published_on,
    coalesce(speaker.name, said.speaker_text) AS speaker,
    said.cue_text,
    said.cue_class,
    said.content,
    document.source
FROM statements AS said
JOIN documents AS document ON document.doc_id = said.doc_id AND document.duplicate_of IS NULL
LEFT JOIN actors AS speaker ON speaker.actor_id = said.speaker_id
WHERE said.kind = 'indirect' AND said.content ILIKE '%Article 5%'
ORDER BY said.published_on, said.statement_id
