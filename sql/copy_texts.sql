-- copy_texts (intermediate): the texts that may be copies of others: of equal texts the first, if it has thirty words.
-- week counts weeks from 1 January 1970.
-- needs: source_documents, extracted_fingerprints
WITH firsts AS (
    SELECT doc_id, published_on, raw_uri
    FROM source_documents
    QUALIFY row_number() OVER (PARTITION BY text_sha256 ORDER BY published_on, raw_uri, doc_id) = 1
)

SELECT
    first.doc_id,
    first.published_on,
    first.raw_uri,
    date_diff('day', DATE '1970-01-01', first.published_on) // 7 AS week
FROM firsts AS first
JOIN extracted_fingerprints AS print ON print.doc_id = first.doc_id
WHERE print.word_count >= 30
