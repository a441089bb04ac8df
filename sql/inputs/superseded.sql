-- superseded: documents whose article was retrieved later with another text; no table but document_versions has them.
-- needs: all_documents
SELECT doc_id
FROM all_documents
WHERE retrieved_at IS NOT NULL AND url IS NOT NULL
QUALIFY text_sha256 <> first_value(text_sha256) OVER (PARTITION BY url ORDER BY retrieved_at DESC, doc_id DESC)
