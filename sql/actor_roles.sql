-- actor_roles: one row an office that an actor held in the texts. Spellings that differ in case are one office, shown
-- as most documents write it; duplicates of documents are left out.
-- needs: documents, actor_records, actor_links
WITH held AS (
    SELECT link.actor_id, record.role, record.country, record.doc_id, document.published_on
    FROM actor_records AS record
    JOIN actor_links AS link
        ON link.doc_id = record.doc_id AND link.from_id = record.actor_id AND link.actor_id IS NOT NULL
    JOIN documents AS document ON document.doc_id = record.doc_id AND document.duplicate_of IS NULL
    WHERE record.role IS NOT NULL
),

spelled AS (
    SELECT actor_id, lower(role) AS folded, role
    FROM held
    GROUP BY actor_id, role
    QUALIFY row_number() OVER (PARTITION BY actor_id, lower(role) ORDER BY count(DISTINCT doc_id) DESC, role) = 1
)

SELECT
    held.actor_id,
    spelled.role,
    held.country,
    min(held.published_on) AS first_seen,
    max(held.published_on) AS last_seen,
    count(DISTINCT held.doc_id) AS document_count
FROM held
JOIN spelled ON spelled.actor_id = held.actor_id AND spelled.folded = lower(held.role)
GROUP BY held.actor_id, spelled.role, held.country
