-- Figures that claim the same thing and disagree, with where each stands.
SELECT
    payer.name AS spender,
    conflict.flow,
    conflict.period,
    conflict.amount_a,
    conflict.source_a,
    conflict.spending_id_a,
    conflict.amount_b,
    conflict.source_b,
    conflict.spending_id_b,
    conflict.ratio
FROM spending_conflicts AS conflict
JOIN actors AS payer ON payer.actor_id = conflict.spender_id
ORDER BY conflict.ratio DESC, conflict.spending_id_a, conflict.spending_id_b
LIMIT 200
