-- actors: one row a person, state, body or group. What the documents say of it is decided by the number of documents,
-- then by the value, so that no order of arrival shows; a country that a text gives goes before one that only its context
-- suggests; the role is the latest that a document gives. Duplicates of
-- documents count for nothing, but an actor that only they know has its row, with zero counts. What a user corrects
-- goes before all of it.
-- needs: documents, actor_records, actor_links, corrections, mentions, statements
WITH records AS (
    SELECT
        link.actor_id,
        record.* EXCLUDE (actor_id),
        record.actor_id <> link.actor_id AS linked,
        document.published_on,
        document.duplicate_of IS NULL AS original
    FROM actor_records AS record
    JOIN actor_links AS link
        ON link.doc_id = record.doc_id AND link.from_id = record.actor_id AND link.actor_id IS NOT NULL
    JOIN documents AS document ON document.doc_id = record.doc_id
),

votes AS (
    SELECT actor_id, 'name' AS field, name AS value, true AS told, linked, described, original, doc_id FROM records
    UNION ALL
    SELECT actor_id, 'actor_type', actor_type, true, linked, described, original, doc_id FROM records
    UNION ALL
    SELECT actor_id, 'country', country, placed, linked, described, original, doc_id
    FROM records
    WHERE country IS NOT NULL
    UNION ALL
    SELECT actor_id, 'wikidata_id', wikidata_id, true, linked, described, original, doc_id
    FROM records
    WHERE wikidata_id IS NOT NULL
),

ranked AS (
    SELECT
        actor_id,
        field,
        value,
        row_number() OVER (
            PARTITION BY actor_id, field
            ORDER BY
                bool_or(described AND NOT linked) DESC,
                bool_or(described) DESC,
                bool_or(told) DESC,
                count(DISTINCT doc_id) FILTER (WHERE original) DESC,
                CASE WHEN field = 'name' THEN length(value) ELSE 0 END DESC,
                value
        ) AS place
    FROM votes
    GROUP BY actor_id, field, value
),

decided AS (
    SELECT
        actor_id,
        max(value) FILTER (WHERE field = 'name') AS name,
        max(value) FILTER (WHERE field = 'actor_type') AS actor_type,
        max(value) FILTER (WHERE field = 'country') AS country,
        max(value) FILTER (WHERE field = 'wikidata_id') AS wikidata_id
    FROM ranked
    WHERE place = 1
    GROUP BY actor_id
),

corrected AS (
    SELECT
        actor_id,
        max(value) FILTER (WHERE action = 'rename') AS name,
        max(value) FILTER (WHERE action = 'retype') AS actor_type,
        max(value) FILTER (WHERE action = 'relocate') AS country,
        bool_or(action = 'relocate') AS is_relocated
    FROM corrections
    GROUP BY actor_id
),

roles AS (
    SELECT actor_id, role
    FROM records
    WHERE role IS NOT NULL
    QUALIFY row_number() OVER (
        PARTITION BY actor_id ORDER BY original DESC, published_on DESC, linked, doc_id DESC, role
    ) = 1
),

names AS (
    SELECT actor_id, list(DISTINCT name ORDER BY name) AS aliases, bool_or(named) AS named
    FROM (
        SELECT actor_id, name, named FROM records
        UNION ALL
        SELECT actor_id, name, true FROM corrected WHERE name IS NOT NULL
        UNION ALL
        SELECT actor_id, trim(regexp_replace(text, '\s+', ' ', 'g')), false
        FROM (SELECT DISTINCT actor_id, text FROM mentions WHERE actor_id IS NOT NULL AND mention_type = 'name')
    )
    GROUP BY actor_id
),

seen AS (
    SELECT
        places.actor_id,
        min(document.published_on) AS first_seen,
        max(document.published_on) AS last_seen,
        count(*) AS document_count,
        sum(places.mention_count) AS mention_count
    FROM (
        SELECT actor_id, doc_id, sum(mention_count) AS mention_count
        FROM (
            SELECT actor_id, doc_id, 0 AS mention_count FROM records
            UNION ALL
            SELECT actor_id, doc_id, count(*) FROM mentions WHERE actor_id IS NOT NULL GROUP BY actor_id, doc_id
        )
        GROUP BY actor_id, doc_id
    ) AS places
    JOIN documents AS document ON document.doc_id = places.doc_id AND document.duplicate_of IS NULL
    GROUP BY places.actor_id
),

spoken AS (
    SELECT said.speaker_id AS actor_id, count(*) AS statement_count
    FROM statements AS said
    JOIN documents AS document ON document.doc_id = said.doc_id AND document.duplicate_of IS NULL
    WHERE said.speaker_id IS NOT NULL
    GROUP BY said.speaker_id
)

SELECT
    decided.actor_id,
    coalesce(corrected.name, decided.name) AS name,
    coalesce(corrected.actor_type, decided.actor_type) AS actor_type,
    CASE WHEN corrected.is_relocated THEN corrected.country ELSE decided.country END AS country,
    roles.role,
    decided.wikidata_id,
    names.aliases,
    names.named,
    seen.first_seen,
    seen.last_seen,
    CAST(coalesce(seen.document_count, 0) AS BIGINT) AS document_count,
    CAST(coalesce(seen.mention_count, 0) AS BIGINT) AS mention_count,
    CAST(coalesce(spoken.statement_count, 0) AS BIGINT) AS statement_count
FROM decided
JOIN names USING (actor_id)
LEFT JOIN corrected USING (actor_id)
LEFT JOIN roles USING (actor_id)
LEFT JOIN seen USING (actor_id)
LEFT JOIN spoken USING (actor_id)
