-- rejected_documents: one row an input that could not be read, and why.
-- needs: rejected_inputs
SELECT
    rejection_id,
    raw_uri,
    external_id,
    reason,
    detail,
    raw_sha256,
    ingested_at
FROM rejected_inputs
