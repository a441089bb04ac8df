-- Figures that claim the same thing and disagree, with where each stands.
SELECT
    payer.name AS spender,
    conflict.flow,
    conflict.period,
    conflict.amount_a,
    coalesce(one.name, conflict.source_a) AS source_a,
    conflict.spending_id_a,
    conflict.amount_b,
    coalesce(another.name, conflict.source_b) AS source_b,
    conflict.spending_id_b,
    conflict.ratio
FROM spending_conflicts AS conflict
JOIN actors AS payer ON payer.actor_id = conflict.spender_id
LEFT JOIN actors AS one ON one.actor_id = conflict.speaker_id_a
LEFT JOIN actors AS another ON another.actor_id = conflict.speaker_id_b
ORDER BY conflict.ratio DESC, conflict.spending_id_a, conflict.spending_id_b
LIMIT 200
