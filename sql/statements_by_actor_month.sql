-- statements_by_actor_month: how often each actor speaks, a month; duplicates of documents are left out, and so are belief
-- and intention, which are attributed but not said.
-- needs: appearances, actors
WITH spoken AS (
    SELECT
        actor_id,
        CAST(date_trunc('month', published_on) AS DATE) AS month,
        CAST(sum(said_count) AS BIGINT) AS statement_count,
        CAST(sum(direct_count) AS BIGINT) AS direct_count,
        count(*) AS document_count
    FROM appearances
    WHERE is_original AND said_count > 0
    GROUP BY actor_id, month
)

SELECT spoken.actor_id, actor.name, spoken.month, spoken.statement_count, spoken.direct_count, spoken.document_count
FROM spoken
JOIN actors AS actor ON actor.actor_id = spoken.actor_id
