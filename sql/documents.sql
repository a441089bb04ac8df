-- documents: one row a document that was read; of equal texts, the first by day, place and id is the original, and
-- where that one is a near-copy, its original is the original of them all.
-- needs: source_documents, copy_links, document_versions
WITH read AS (
    SELECT *, first_value(doc_id) OVER copies AS first_copy
    FROM source_documents
    WINDOW copies AS (PARTITION BY text_sha256 ORDER BY published_on, raw_uri, doc_id)
)

SELECT
    read.doc_id,
    read.external_id,
    read.source,
    read.url,
    read.title,
    read.author,
    read.language,
    read.published_on,
    read.date_basis,
    read.text,
    read.word_count,
    read.raw_uri,
    read.raw_sha256,
    read.text_sha256,
    read.extra,
    read.feed,
    read.retrieved_at,
    read.ingested_at,
    coalesce(link.original_id, nullif(read.first_copy, read.doc_id)) AS duplicate_of,
    coalesce(versioned.version, 1) AS version,
    CASE WHEN read.language <> 'en' THEN 'unsupported_language' END AS skipped
FROM read
LEFT JOIN copy_links AS link ON link.doc_id = read.first_copy
LEFT JOIN document_versions AS versioned
    ON versioned.url = read.url AND versioned.text = read.text AND read.retrieved_at IS NOT NULL
