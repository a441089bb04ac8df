-- document_versions: the texts of every article that was retrieved with more than one, in the order of time. An article
-- is known by its address, as its page gives it; the last text is the one that was retrieved last.
-- needs: all_documents
WITH retrieved AS (
    SELECT
        *,
        first_value(text_sha256) OVER (PARTITION BY url ORDER BY retrieved_at DESC, doc_id DESC) AS last_text,
        row_number() OVER (PARTITION BY url, text_sha256 ORDER BY retrieved_at, doc_id) AS place
    FROM all_documents
    WHERE retrieved_at IS NOT NULL AND url IS NOT NULL
)

SELECT
    url,
    (row_number() OVER (PARTITION BY url ORDER BY retrieved_at, doc_id))::INTEGER AS version,
    doc_id,
    retrieved_at,
    title,
    text,
    word_count,
    text_sha256 = last_text AS is_last
FROM retrieved
WHERE place = 1
QUALIFY count(*) OVER (PARTITION BY url) > 1
