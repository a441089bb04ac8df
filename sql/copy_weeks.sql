-- copy_weeks (intermediate): one row a week with texts, and a hash of what decides which of them and of the next week's are
-- near-copies of each other: the texts of both, of the week before and of the week after (see copy_candidates). Pairs of a
-- week whose hash is that of the last build are not looked for again (pipeline.store.memory).
-- needs: copy_texts
WITH weeks AS (
    SELECT week, bit_xor(hash(doc_id, published_on, raw_uri)) AS texts
    FROM copy_texts
    GROUP BY week
)

SELECT own.week, bit_xor(hash(near.week, near.texts)) AS state
FROM (SELECT week, unnest([week - 1, week, week + 1, week + 2]) AS near_week FROM weeks) AS own
JOIN weeks AS near ON near.week = own.near_week
GROUP BY own.week
