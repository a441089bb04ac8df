-- The statements that the report may show, the newest first; duplicates of documents, belief and intention left out.
-- about are those of $subjects, whom the report's matrix shows, that a statement names.
WITH named AS (
    SELECT statement_id, list(actor_id ORDER BY actor_id) AS about
    FROM statement_mentions
    WHERE actor_id IN (SELECT unnest($subjects))
    GROUP BY statement_id
)

SELECT
    said.statement_id,
    said.doc_id,
    said.speaker_id,
    said.speaker_text,
    said.speaker_start,
    said.speaker_end,
    said.cue_start,
    said.cue_end,
    said.cue_class,
    said.kind,
    said.content_spans,
    said.published_on,
    said.confidence,
    named.about
FROM statements AS said
JOIN documents AS document ON document.doc_id = said.doc_id AND document.duplicate_of IS NULL
LEFT JOIN named ON named.statement_id = said.statement_id
WHERE said.cue_class NOT IN ('think', 'plan')
ORDER BY said.published_on DESC, said.doc_id, said.content_spans[1]."start", said.statement_id
