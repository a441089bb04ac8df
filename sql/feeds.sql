-- feeds: one row a feed of feeds.yaml, with what came of it; copies and older versions of articles count as they came.
-- needs: feed_states, source_documents
SELECT
    known.*,
    count(read.doc_id) AS document_count,
    min(read.retrieved_at) AS first_document,
    max(read.retrieved_at) AS last_document
FROM feed_states AS known
LEFT JOIN source_documents AS read ON read.feed = known.feed
GROUP BY ALL
