-- Which outlets give different figures for the same budget, and how far apart are they?
SELECT
    payer.name AS payer,
    conflict.period,
    conflict.flow,
    conflict.amount_a,
    conflict.source_a,
    conflict.amount_b,
    conflict.source_b,
    round(100 * (conflict.ratio - 1), 1) AS percent_apart,
    a.evidence AS evidence_a,
    b.evidence AS evidence_b
FROM spending_conflicts AS conflict
JOIN actors AS payer ON payer.actor_id = conflict.spender_id
JOIN defence_spending AS a ON a.spending_id = conflict.spending_id_a
JOIN defence_spending AS b ON b.spending_id = conflict.spending_id_b
ORDER BY conflict.ratio DESC, conflict.spending_id_a, conflict.spending_id_b
