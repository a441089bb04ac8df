-- documents: one row a document that was read; of equal texts, the first by day, place and id is the original.
-- needs: source_documents
SELECT
    doc_id,
    external_id,
    source,
    url,
    title,
    author,
    language,
    published_on,
    date_basis,
    text,
    word_count,
    raw_uri,
    raw_sha256,
    text_sha256,
    extra,
    ingested_at,
    nullif(first_value(doc_id) OVER copies, doc_id) AS duplicate_of
FROM source_documents
WINDOW copies AS (PARTITION BY text_sha256 ORDER BY published_on, raw_uri, doc_id)
