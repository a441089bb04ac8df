-- said_by: what did somebody say? One row a statement of those whom actors_called means by an id or a part of a name;
-- duplicates of documents are left out. Belief and intention (cue_class think, plan) are among the rows.
-- needs: statements, documents, actors_called
CREATE OR REPLACE MACRO said_by(who) AS TABLE
    SELECT speaker.name AS speaker, document.source, said.*
    FROM statements AS said
    JOIN actors_called(who) AS speaker ON speaker.actor_id = said.speaker_id
    JOIN documents AS document ON document.doc_id = said.doc_id AND document.duplicate_of IS NULL
