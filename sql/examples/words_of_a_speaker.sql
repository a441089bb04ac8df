-- Which words does Anda Krūmiņa use more often than the others do?
-- Words of at least two of her statements, by how much larger their share is in hers than in all.
WITH own AS (
    SELECT statement_id
    FROM said_by('anda-krumina')
)

SELECT
    word.token,
    count(*) AS statements,
    overall.statement_count AS statements_of_all,
    round((count(*) / (SELECT count(*) FROM own))
        / (overall.statement_count / (SELECT count(DISTINCT statement_id) FROM statement_tokens)), 1) AS times_as_often
FROM statement_tokens AS word
JOIN own ON own.statement_id = word.statement_id
JOIN token_statistics AS overall ON overall.token = word.token
GROUP BY word.token, overall.statement_count
HAVING count(*) >= 2 AND times_as_often > 1
ORDER BY times_as_often DESC, statements DESC, word.token
LIMIT 20
