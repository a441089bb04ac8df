-- token_statistics: how common is a word? One row a word of the statements, as the search compares words (see
-- sql/macros/search_tokens.sql); duplicates of documents are left out.
-- needs: statement_tokens
SELECT token, count(*) AS statement_count, CAST(sum(occurrences) AS BIGINT) AS occurrences
FROM statement_tokens
GROUP BY token
