-- Which outlets quote, which paraphrase, and how often do they leave the speaker unnamed?
SELECT
    document.source,
    count(DISTINCT document.doc_id) AS documents,
    count(said.statement_id) AS statements,
    round(100 * avg(CAST(said.kind <> 'indirect' AS INTEGER))) AS percent_quoted,
    round(100 * avg(CAST(said.speaker_id IS NULL AS INTEGER))) AS percent_unnamed
FROM documents AS document
LEFT JOIN statements AS said ON said.doc_id = document.doc_id
WHERE document.duplicate_of IS NULL
GROUP BY document.source
ORDER BY statements DESC, document.source
