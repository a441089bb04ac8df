-- mentions: one row a place where a text names an actor, duplicates of documents included.
-- needs: extracted_mentions, actor_links
SELECT
    mention.mention_id,
    mention.doc_id,
    mention.start_char,
    mention.end_char,
    mention.text,
    mention.mention_type,
    mention.entity_label,
    link.actor_id
FROM extracted_mentions AS mention
LEFT JOIN actor_links AS link ON link.doc_id = mention.doc_id AND link.from_id = mention.actor_id
