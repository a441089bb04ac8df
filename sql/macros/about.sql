-- about: which statements name somebody? One row a statement whose content names one or more of those whom actors_called
-- means by an id or a part of a name, with their names in `named`; the speaker's own name does not count. Duplicates of
-- documents are left out.
-- needs: statements, statement_mentions, documents, actors_called
CREATE OR REPLACE MACRO about(who) AS TABLE
    WITH naming AS (
        SELECT mention.statement_id, list(actor.name ORDER BY actor.name) AS named
        FROM statement_mentions AS mention
        JOIN actors_called(who) AS actor ON actor.actor_id = mention.actor_id
        GROUP BY mention.statement_id
    )

    SELECT naming.named, document.source, said.*
    FROM naming
    JOIN statements AS said ON said.statement_id = naming.statement_id
    JOIN documents AS document ON document.doc_id = said.doc_id AND document.duplicate_of IS NULL
