-- statements: one row a statement that a text attributes to a speaker, duplicates of documents included.
-- needs: extracted_statements, actor_links
SELECT
    said.statement_id,
    said.doc_id,
    link.actor_id AS speaker_id,
    said.speaker_text,
    said.speaker_start,
    said.speaker_end,
    said.cue_text,
    said.cue_lemma,
    said.cue_class,
    said.cue_start,
    said.cue_end,
    said.content,
    said.content_spans,
    said.kind,
    said.medium,
    said.published_on,
    said.confidence,
    said.negated,
    said.modality
FROM extracted_statements AS said
LEFT JOIN actor_links AS link ON link.doc_id = said.doc_id AND link.from_id = said.speaker_id
