-- Which sums does somebody claim, rather than the outlet itself, and in whose words?
SELECT
    coalesce(speaker.name, said.speaker_text) AS claimed_by,
    speaker.role,
    said.cue_text,
    said.kind,
    spent.amount_text,
    spent.spender,
    spent.flow,
    spent.status,
    document.source,
    document.published_on
FROM defence_spending AS spent
JOIN statements AS said USING (statement_id)
JOIN documents AS document ON document.doc_id = spent.doc_id AND document.duplicate_of IS NULL
LEFT JOIN actors AS speaker ON speaker.actor_id = said.speaker_id
ORDER BY claimed_by, document.published_on, spent.spending_id
