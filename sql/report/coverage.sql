-- Documents a source and month, the fifteen largest sources by themselves.
WITH counted AS (
    SELECT coalesce(source, 'no source') AS source, date_trunc('month', published_on)::DATE AS month, count(*) AS documents
    FROM documents
    WHERE duplicate_of IS NULL
    GROUP BY 1, 2
),

largest AS (
    SELECT source FROM counted GROUP BY source ORDER BY sum(documents) DESC, source LIMIT 15
)

SELECT coalesce(largest.source, 'all others') AS source, counted.month, sum(counted.documents)::BIGINT AS documents
FROM counted
LEFT JOIN largest ON largest.source = counted.source
GROUP BY 1, 2
ORDER BY 1, 2
