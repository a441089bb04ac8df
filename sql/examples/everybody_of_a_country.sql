-- Who speaks for Estonia: the state, its ministries, its army and its office holders?
SELECT actor_id, name, actor_type, role, statement_count, first_seen, last_seen
FROM actors
WHERE country = 'EST' AND statement_count > 0
ORDER BY statement_count DESC, actor_id
