-- The stretches of documents that the report shows, around its sums and its statements, joined where they touch; numbered
-- as they stand in the page, with the numbers of their documents.
WITH wanted AS (
    SELECT doc_id, first, last FROM shown_spending
    UNION ALL
    SELECT doc_id, first, last FROM shown_statements
),

parted AS (
    SELECT
        *,
        first > coalesce(max(last) OVER (
            PARTITION BY doc_id ORDER BY first, last ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ), -1) AS is_new
    FROM wanted
),

counted AS (
    SELECT *, count(*) FILTER (is_new) OVER (PARTITION BY doc_id ORDER BY first, last) AS stretch FROM parted
)

SELECT
    doc_id,
    min(first) AS first,
    max(last) AS last,
    dense_rank() OVER (ORDER BY doc_id) - 1 AS document,
    row_number() OVER (ORDER BY doc_id, stretch) - 1 AS passage
FROM counted
GROUP BY doc_id, stretch
