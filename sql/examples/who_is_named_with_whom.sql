-- Who is named together with NATO most often, and who speaks about it?
SELECT
    tie.relation,
    other.name,
    other.actor_type,
    tie.weight,
    tie.document_count
FROM actor_network AS tie
JOIN actors AS other ON other.actor_id = CASE WHEN tie.source_id = 'nato' THEN tie.target_id ELSE tie.source_id END
WHERE tie.source_id = 'nato' OR tie.target_id = 'nato'
ORDER BY tie.relation, tie.weight DESC, other.name
