-- search_statements: which statements answer a few words best? One row a statement that has at least one of the words,
-- the best first; duplicates of documents are left out. The score orders the rows of one question and means nothing
-- between two. Words are looked for in the content alone; there are no phrases and no operators.
--
-- The score is BM25's, with k1 = 1.2 and b = 0.75: a word weighs more the rarer it is among the statements, the more often
-- it stands in this one, and the shorter this one is. See Robertson and Zaragoza (2009), "The Probabilistic Relevance
-- Framework: BM25 and Beyond", Found. Trends Inf. Retr. 3(4); 1 is added inside the logarithm, so that no word weighs
-- less than nothing.
-- needs: statement_tokens, token_statistics, statements, documents, search_tokens
CREATE OR REPLACE MACRO search_statements(question) AS TABLE
    WITH asked AS (
        SELECT DISTINCT unnest(search_tokens(CAST(question AS VARCHAR))) AS token
    ),

    said AS (
        SELECT count(*) AS statements
        FROM statements AS statement
        JOIN documents AS document ON document.doc_id = statement.doc_id AND document.duplicate_of IS NULL
    ),

    whole AS (
        SELECT said.statements, (SELECT sum(occurrences) FROM token_statistics) / said.statements AS mean_length
        FROM said
    ),

    scored AS (
        SELECT
            found.statement_id,
            round(sum(
                ln(1 + (whole.statements - spread.statement_count + 0.5) / (spread.statement_count + 0.5))
                * found.occurrences / (found.occurrences + 1.2 * (1 - 0.75 + 0.75 * found.length / whole.mean_length))
            ), 4) AS score
        FROM asked
        JOIN token_statistics AS spread ON spread.token = asked.token
        JOIN statement_tokens AS found ON found.token = asked.token
        CROSS JOIN whole
        GROUP BY found.statement_id
    )

    SELECT said.statement_id, scored.score, said.speaker_id, said.content, said.doc_id, said.published_on
    FROM scored
    JOIN statements AS said ON said.statement_id = scored.statement_id
    ORDER BY scored.score DESC, said.published_on DESC, said.statement_id
