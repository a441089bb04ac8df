-- Who spoke most about Ukraine, and how often in direct speech?
-- Another actor: change the id; `SELECT actor_id, name FROM actors` lists them.
SELECT
    speaker.name,
    speaker.role,
    count(*) AS statements,
    count(*) FILTER (WHERE said.kind = 'direct') AS direct,
    count(DISTINCT said.doc_id) AS documents
FROM statement_mentions AS about
JOIN statements AS said USING (statement_id)
JOIN documents AS document ON document.doc_id = said.doc_id AND document.duplicate_of IS NULL
JOIN actors AS speaker ON speaker.actor_id = said.speaker_id
WHERE about.actor_id = 'UKR'
GROUP BY speaker.actor_id, speaker.name, speaker.role
ORDER BY statements DESC, speaker.name
LIMIT 20
