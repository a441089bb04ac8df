-- search_statements: which statements answer a few words best? One row a statement that has at least one of the words,
-- the best first; duplicates of documents are left out. The score is the sum of the weights of the words (BM25, see
-- sql/statement_tokens.sql): it orders the rows of one question and means nothing between two. Words are looked for in
-- the content alone; there are no phrases and no operators.
-- needs: statement_tokens, statements, search_tokens
CREATE MACRO search_statements(question) AS TABLE
    WITH asked AS (
        SELECT DISTINCT unnest(search_tokens(CAST(question AS VARCHAR))) AS token
    ),

    scored AS (
        SELECT found.statement_id, round(sum(found.weight), 4) AS score
        FROM statement_tokens AS found
        JOIN asked ON asked.token = found.token
        GROUP BY found.statement_id
    )

    SELECT said.statement_id, scored.score, said.speaker_id, said.content, said.doc_id, said.published_on
    FROM scored
    JOIN statements AS said ON said.statement_id = scored.statement_id
    ORDER BY scored.score DESC, said.published_on DESC, said.statement_id
