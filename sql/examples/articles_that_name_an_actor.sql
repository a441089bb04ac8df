-- Which articles name NATO most, and what do they call it?
SELECT
    place.published_on,
    document.source,
    document.title,
    place.mention_count,
    place.statement_count,
    array_to_string(place.names, ', ') AS names,
    coalesce(document.url, document.raw_uri) AS link
FROM appearances AS place
JOIN documents AS document ON document.doc_id = place.doc_id
WHERE place.actor_id = 'nato' AND place.is_original
ORDER BY place.mention_count DESC, place.published_on, place.doc_id
