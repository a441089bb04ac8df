-- appearances: one row a document and an actor in it: what it says of the actor, and how often it names and quotes it.
-- Where a document by itself would tell two actors apart that are one, what it says of the one whose id they have goes
-- first, then that of the longer name.
-- It is worked out in parts, some documents each, for the counts of all would not fit into the memory.
-- needs: documents, actor_records, actor_links, extracted_mentions, extracted_statements
-- parts: extracted_mentions
WITH named AS (
    SELECT
        doc_id,
        actor_id,
        list(DISTINCT trim(regexp_replace(text, '\s+', ' ', 'g'))) FILTER (WHERE mention_type = 'name') AS names,
        count(*) AS mention_count,
        count(*) FILTER (WHERE mention_type = 'name') AS name_count
    FROM extracted_mentions
    WHERE actor_id IS NOT NULL AND hash(doc_id) % coalesce(getvariable('parts'), 1) = coalesce(getvariable('part'), 0)
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
    WHERE speaker_id IS NOT NULL AND hash(doc_id) % coalesce(getvariable('parts'), 1) = coalesce(getvariable('part'), 0)
    GROUP BY doc_id, speaker_id
),

known AS (
    SELECT
        record.* EXCLUDE (actor_id),
        record.actor_id AS local_id,
        link.actor_id,
        (record.actor_id = link.actor_id, record.described, length(record.name), record.actor_id) AS weight
    FROM actor_records AS record
    JOIN actor_links AS link
        ON link.doc_id = record.doc_id AND link.from_id = record.actor_id AND link.actor_id IS NOT NULL
    WHERE hash(record.doc_id) % coalesce(getvariable('parts'), 1) = coalesce(getvariable('part'), 0)
),

counted AS (
    SELECT
        known.doc_id,
        known.actor_id,
        arg_max(known.local_id, known.weight) AS local_id,
        arg_max(known.name, known.weight) AS name,
        arg_max(known.actor_type, known.weight) AS actor_type,
        arg_max(known.country, known.weight) AS country,
        arg_max(known.role, known.weight) AS role,
        arg_max(known.wikidata_id, known.weight) AS wikidata_id,
        bool_or(known.named) AS named,
        coalesce(arg_max(known.placed, known.weight) FILTER (WHERE known.country IS NOT NULL), false) AS placed,
        bool_or(known.described) AS described,
        list_sort(list_distinct(flatten(list(list_append(coalesce(named.names, []), known.name))))) AS names,
        CAST(coalesce(sum(named.mention_count), 0) AS BIGINT) AS mention_count,
        CAST(coalesce(sum(named.name_count), 0) AS BIGINT) AS name_count,
        CAST(coalesce(sum(quoted.statement_count), 0) AS BIGINT) AS statement_count,
        CAST(coalesce(sum(quoted.said_count), 0) AS BIGINT) AS said_count,
        CAST(coalesce(sum(quoted.direct_count), 0) AS BIGINT) AS direct_count
    FROM known
    LEFT JOIN named ON named.doc_id = known.doc_id AND named.actor_id = known.local_id
    LEFT JOIN quoted ON quoted.doc_id = known.doc_id AND quoted.actor_id = known.local_id
    GROUP BY known.doc_id, known.actor_id
)

SELECT counted.*, document.published_on, document.duplicate_of IS NULL AS is_original
FROM counted
JOIN documents AS document ON document.doc_id = counted.doc_id
