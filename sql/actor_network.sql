-- actor_network: who speaks about whom, and who is named with whom; duplicates of documents are left out.
-- named_with takes the 25 actors that a document names most (at most 300 pairs, however long it is), names each pair
-- once (source_id < target_id), and keeps the pairs of at least two documents.
-- needs: documents, statements, statement_mentions, appearances
WITH named AS (
    SELECT doc_id, actor_id
    FROM appearances
    WHERE is_original AND name_count > 0
    QUALIFY row_number() OVER (PARTITION BY doc_id ORDER BY name_count DESC, actor_id) <= 25
),

spoken AS (
    SELECT said.speaker_id AS source_id, about.actor_id AS target_id, said.doc_id, count(*) AS statement_count
    FROM statement_mentions AS about
    JOIN statements AS said ON said.statement_id = about.statement_id
    JOIN documents AS document ON document.doc_id = said.doc_id AND document.duplicate_of IS NULL
    WHERE said.speaker_id IS NOT NULL
    GROUP BY said.speaker_id, about.actor_id, said.doc_id
)

SELECT
    source_id,
    target_id,
    'speaks_about' AS relation,
    CAST(sum(statement_count) AS BIGINT) AS weight,
    count(*) AS document_count
FROM spoken
GROUP BY source_id, target_id
UNION ALL
SELECT
    one.actor_id AS source_id,
    other.actor_id AS target_id,
    'named_with' AS relation,
    count(*) AS weight,
    count(*) AS document_count
FROM named AS one
JOIN named AS other ON other.doc_id = one.doc_id AND one.actor_id < other.actor_id
GROUP BY one.actor_id, other.actor_id
HAVING count(*) >= 2
