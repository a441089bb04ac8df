-- document_states (intermediate): one row a document, with a hash of what decides its rows in documents, mentions,
-- statements, figures, appearances, statement_mentions and statement_tokens, besides its own text: its place among the other
-- documents and who its actors are. Where the hash is that of the last build, so are the rows (pipeline.store.increment).
-- needs: document_places, actor_links
WITH linked AS (
    SELECT doc_id, bit_xor(hash(from_id, actor_id)) AS state
    FROM actor_links
    GROUP BY doc_id
)

SELECT place.doc_id, hash(place.duplicate_of, place.version, linked.state) AS state
FROM document_places AS place
LEFT JOIN linked ON linked.doc_id = place.doc_id
