-- statements_by_actor_month: how often each actor speaks, a month; duplicates of documents are left out, and so are belief
-- and intention, which are attributed but not said.
-- needs: documents, statements, actors
SELECT
    actor.actor_id,
    actor.name,
    CAST(date_trunc('month', said.published_on) AS DATE) AS month,
    count(*) AS statement_count,
    count(*) FILTER (WHERE said.kind = 'direct') AS direct_count,
    count(DISTINCT said.doc_id) AS document_count
FROM statements AS said
JOIN documents AS document ON document.doc_id = said.doc_id AND document.duplicate_of IS NULL
JOIN actors AS actor ON actor.actor_id = said.speaker_id
WHERE said.cue_class NOT IN ('think', 'plan')
GROUP BY ALL
