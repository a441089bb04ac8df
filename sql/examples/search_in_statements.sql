-- What is said about an attack and Article 5, the best answer first, by whom and where?
SELECT
    found.score,
    found.published_on,
    speaker.name AS speaker,
    found.content,
    document.source
FROM search_statements('attack Article 5') AS found
JOIN documents AS document ON document.doc_id = found.doc_id
LEFT JOIN actors AS speaker ON speaker.actor_id = found.speaker_id
ORDER BY found.score DESC, found.statement_id
LIMIT 20
