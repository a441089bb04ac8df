-- statement_tokens: in which statements does a word stand, and how much does it weigh there? One row a word and statement,
-- duplicates of documents left out. The weight is BM25's, with k1 = 1.2 and b = 0.75: a word weighs more the rarer it is
-- among the statements, the more often it stands in this one, and the shorter this one is. See Robertson and Zaragoza
-- (2009), "The Probabilistic Relevance Framework: BM25 and Beyond", Found. Trends Inf. Retr. 3(4); 1 is added inside the
-- logarithm, so that no word weighs less than nothing.
-- needs: statements, documents
WITH said AS (
    SELECT statement.statement_id, statement.content
    FROM statements AS statement
    JOIN documents AS document ON document.doc_id = statement.doc_id AND document.duplicate_of IS NULL
),

placed AS (
    SELECT statement_id, len(tokens) AS length, unnest(tokens) AS token
    FROM (SELECT statement_id, search_tokens(content) AS tokens FROM said)
),

counted AS MATERIALIZED (
    SELECT token, statement_id, any_value(length) AS length, count(*) AS occurrences
    FROM placed
    GROUP BY token, statement_id
),

spread AS (
    SELECT token, count(*) AS statement_count
    FROM counted
    GROUP BY token
),

whole AS (
    SELECT said_in_all.statements, sum(counted.occurrences) / said_in_all.statements AS mean_length
    FROM counted
    CROSS JOIN (SELECT count(*) AS statements FROM said) AS said_in_all
    GROUP BY said_in_all.statements
)

SELECT
    counted.token,
    counted.statement_id,
    counted.occurrences,
    ln(1 + (whole.statements - spread.statement_count + 0.5) / (spread.statement_count + 0.5))
        * occurrences / (occurrences + 1.2 * (1 - 0.75 + 0.75 * length / whole.mean_length)) AS weight
FROM counted
JOIN spread ON spread.token = counted.token
CROSS JOIN whole
