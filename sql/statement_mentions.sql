-- statement_mentions: one row a statement and an actor that it names in its content, the speaker left out.
-- needs: statements, mentions
WITH contents AS (
    SELECT statement_id, doc_id, speaker_id, unnest(content_spans) AS piece
    FROM statements
)

SELECT
    content.statement_id,
    mention.actor_id,
    count(DISTINCT mention.mention_id) AS mention_count
FROM contents AS content
JOIN mentions AS mention
    ON mention.doc_id = content.doc_id
    AND mention.start_char >= content.piece."start"
    AND mention.end_char <= content.piece."end"
WHERE mention.actor_id IS NOT NULL AND mention.actor_id IS DISTINCT FROM content.speaker_id
GROUP BY content.statement_id, mention.actor_id
