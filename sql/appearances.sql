-- appearances: one row a document and an actor that it knows: what it says of the actor, and how often it names and quotes
-- it. Whom a document knows by two ids that mean one actor has two rows there.
-- needs: documents, actor_records, actor_links, extracted_mentions, extracted_statements
WITH named AS (
    SELECT
        doc_id,
        actor_id,
        list(DISTINCT trim(regexp_replace(text, '\s+', ' ', 'g')) ORDER BY trim(regexp_replace(text, '\s+', ' ', 'g')))
            FILTER (WHERE mention_type = 'name') AS names,
        count(*) AS mention_count,
        count(*) FILTER (WHERE mention_type = 'name') AS name_count
    FROM extracted_mentions
    WHERE actor_id IS NOT NULL
    GROUP BY doc_id, actor_id
),

quoted AS (
    SELECT
        doc_id,
        speaker_id AS actor_id,
        count(*) AS statement_count,
        count(*) FILTER (WHERE cue_class NOT IN ('think', 'plan')) AS said_count,
        count(*) FILTER (WHERE cue_class NOT IN ('think', 'plan') AND kind = 'direct') AS direct_count
    FROM extracted_statements
    WHERE speaker_id IS NOT NULL
    GROUP BY doc_id, speaker_id
)

SELECT
    record.doc_id,
    record.actor_id AS local_id,
    link.actor_id,
    record.name,
    record.actor_type,
    record.country,
    record.role,
    record.wikidata_id,
    record.named,
    record.placed,
    record.described,
    document.published_on,
    document.duplicate_of IS NULL AS is_original,
    coalesce(named.names, []) AS names,
    coalesce(named.mention_count, 0) AS mention_count,
    coalesce(named.name_count, 0) AS name_count,
    coalesce(quoted.statement_count, 0) AS statement_count,
    coalesce(quoted.said_count, 0) AS said_count,
    coalesce(quoted.direct_count, 0) AS direct_count
FROM actor_records AS record
JOIN actor_links AS link
    ON link.doc_id = record.doc_id AND link.from_id = record.actor_id AND link.actor_id IS NOT NULL
JOIN documents AS document ON document.doc_id = record.doc_id
LEFT JOIN named ON named.doc_id = record.doc_id AND named.actor_id = record.actor_id
LEFT JOIN quoted ON quoted.doc_id = record.doc_id AND quoted.actor_id = record.actor_id
