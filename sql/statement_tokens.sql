-- statement_tokens: in which statements does a word stand, and how much does it weigh there? One row a word and statement,
-- duplicates of documents left out. The weight is BM25's, with k1 = 1.2 and b = 0.75: a word weighs more the rarer it is
-- among the statements, the more often it stands in this one, and the shorter this one is. See Robertson and Zaragoza
-- (2009), "The Probabilistic Relevance Framework: BM25 and Beyond", Found. Trends Inf. Retr. 3(4); 1 is added inside the
-- logarithm, so that no word weighs less than nothing.
-- needs: statements, documents
WITH said AS (
    SELECT statement.statement_id, search_tokens(statement.content) AS tokens
    FROM statements AS statement
    JOIN documents AS document ON document.doc_id = statement.doc_id AND document.duplicate_of IS NULL
),

placed AS (
    SELECT statement_id, len(tokens) AS length, unnest(tokens) AS token
    FROM said
),

counted AS (
    SELECT token, statement_id, length, count(*) AS occurrences, count(*) OVER (PARTITION BY token) AS statement_count
    FROM placed
    GROUP BY token, statement_id, length
),

whole AS (
    SELECT count(*) AS statements, avg(len(tokens)) AS mean_length
    FROM said
)

SELECT
    token,
    statement_id,
    occurrences,
    ln(1 + (whole.statements - statement_count + 0.5) / (statement_count + 0.5))
        * occurrences / (occurrences + 1.2 * (1 - 0.75 + 0.75 * length / whole.mean_length)) AS weight
FROM counted
CROSS JOIN whole
