-- document_places (intermediate): what a document is among the others: whose copy, and which version of its article. Of
-- equal texts, the first by day, place and id is the original, and where that one is a near-copy, its original is the
-- original of them all.
-- needs: all_documents, source_documents, copy_links, document_versions
WITH versions AS (
    SELECT known.url, known.version, retrieved.text_sha256
    FROM document_versions AS known
    JOIN all_documents AS retrieved ON retrieved.doc_id = known.doc_id
),

read AS (
    SELECT doc_id, url, retrieved_at, text_sha256, first_value(doc_id) OVER copies AS first_copy
    FROM source_documents
    WINDOW copies AS (PARTITION BY text_sha256 ORDER BY published_on, raw_uri, doc_id)
)

SELECT
    read.doc_id,
    coalesce(link.original_id, nullif(read.first_copy, read.doc_id)) AS duplicate_of,
    coalesce(versioned.version, 1) AS version
FROM read
LEFT JOIN copy_links AS link ON link.doc_id = read.first_copy
LEFT JOIN versions AS versioned
    ON versioned.url = read.url AND versioned.text_sha256 = read.text_sha256 AND read.retrieved_at IS NOT NULL
