-- statement_tokens: in which statements does a word stand? One row a word and statement, duplicates of documents left out,
-- with the number of words that the statement has: what `search_statements` weighs words by.
-- needs: statements, documents
WITH placed AS (
    SELECT statement_id, len(tokens) AS length, unnest(tokens) AS token
    FROM (
        SELECT statement.statement_id, search_tokens(statement.content) AS tokens
        FROM statements AS statement
        JOIN documents AS document ON document.doc_id = statement.doc_id AND document.duplicate_of IS NULL
    )
)

SELECT token, statement_id, count(*) AS occurrences, any_value(length) AS length
FROM placed
GROUP BY token, statement_id
