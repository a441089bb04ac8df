-- Statements a month of the ten who speak most, belief and intention left out as in the mart.
SELECT month, actor_id, name, statement_count
FROM statements_by_actor_month
WHERE actor_id IN (
    SELECT actor_id
    FROM statements_by_actor_month
    GROUP BY actor_id
    ORDER BY sum(statement_count) DESC, actor_id
    LIMIT 10
)
ORDER BY month, actor_id
