-- Which inputs could not be read, and why?
SELECT reason, raw_uri, detail
FROM rejected_documents
ORDER BY reason, raw_uri, rejection_id
