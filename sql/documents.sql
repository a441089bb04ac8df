-- documents: one row a document that was read.
-- needs: source_documents, document_places
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
    place.duplicate_of,
    place.version,
    CASE WHEN read.language <> 'en' THEN 'unsupported_language' END AS skipped
FROM source_documents AS read
JOIN document_places AS place ON place.doc_id = read.doc_id
