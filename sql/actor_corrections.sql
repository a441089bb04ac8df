-- actor_corrections: one row an actor that a user has corrected by hand, with the documents in which that tells.
-- needs: corrections, actor_links
WITH touched AS (
    SELECT correction.line, correction.actor_id, link.doc_id
    FROM corrections AS correction
    JOIN actor_links AS link
        ON CASE correction.action
            WHEN 'split' THEN link.split_line = correction.line
            WHEN 'merge' THEN link.split_id = correction.actor_id
            WHEN 'block' THEN link.split_id = correction.actor_id
            ELSE link.actor_id = correction.actor_id
        END
)

SELECT
    correction.line,
    correction.action,
    correction.actor_id,
    correction.value,
    correction.because,
    count(DISTINCT touched.doc_id) AS document_count
FROM corrections AS correction
LEFT JOIN touched ON touched.line = correction.line AND touched.actor_id = correction.actor_id
GROUP BY ALL
