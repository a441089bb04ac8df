-- actors: one row a person, state, body or group. What the documents say of it is decided by the number of documents,
-- then by the value, so that no order of arrival shows; a country that a text gives goes before one that only its context
-- suggests; the role is the latest that a document gives. Duplicates of
-- documents count for nothing, but an actor that only they know has its row, with zero counts. What a user corrects
-- goes before all of it.
-- needs: appearances, corrections
WITH told AS (
    SELECT
        actor_id,
        name,
        actor_type,
        country,
        placed,
        wikidata_id,
        described,
        local_id = actor_id AS is_own,
        count(*) FILTER (WHERE is_original) AS document_count
    FROM appearances
    GROUP BY ALL
),

votes AS (
    SELECT actor_id, 'name' AS field, name AS value, true AS is_told, is_own, described, document_count FROM told
    UNION ALL
    SELECT actor_id, 'actor_type', actor_type, true, is_own, described, document_count FROM told
    UNION ALL
    SELECT actor_id, 'country', country, placed, is_own, described, document_count FROM told WHERE country IS NOT NULL
    UNION ALL
    SELECT actor_id, 'wikidata_id', wikidata_id, true, is_own, described, document_count
    FROM told
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
                bool_or(described AND is_own) DESC,
                bool_or(described) DESC,
                bool_or(is_told) DESC,
                sum(document_count) DESC,
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
    FROM (
        SELECT actor_id, role, max((is_original, published_on, local_id = actor_id, doc_id)) AS latest
        FROM appearances
        WHERE role IS NOT NULL
        GROUP BY actor_id, role
    )
    QUALIFY row_number() OVER (PARTITION BY actor_id ORDER BY latest DESC, role) = 1
),

names AS (
    SELECT actor_id, list(DISTINCT name ORDER BY name) AS aliases
    FROM (
        SELECT actor_id, unnest(names) AS name FROM appearances
        UNION ALL
        SELECT actor_id, name FROM corrected WHERE name IS NOT NULL
    )
    GROUP BY actor_id
),

seen AS (
    SELECT
        actor_id,
        bool_or(named) AS named,
        min(published_on) FILTER (WHERE is_original) AS first_seen,
        max(published_on) FILTER (WHERE is_original) AS last_seen,
        count(*) FILTER (WHERE is_original) AS document_count,
        sum(mention_count) FILTER (WHERE is_original) AS mention_count,
        sum(statement_count) FILTER (WHERE is_original) AS statement_count
    FROM appearances
    GROUP BY actor_id
)

SELECT
    decided.actor_id,
    coalesce(corrected.name, decided.name) AS name,
    coalesce(corrected.actor_type, decided.actor_type) AS actor_type,
    CASE WHEN corrected.is_relocated THEN corrected.country ELSE decided.country END AS country,
    roles.role,
    decided.wikidata_id,
    names.aliases,
    seen.named OR corrected.name IS NOT NULL AS named,
    seen.first_seen,
    seen.last_seen,
    seen.document_count,
    CAST(coalesce(seen.mention_count, 0) AS BIGINT) AS mention_count,
    CAST(coalesce(seen.statement_count, 0) AS BIGINT) AS statement_count
FROM decided
JOIN names USING (actor_id)
JOIN seen USING (actor_id)
LEFT JOIN corrected USING (actor_id)
LEFT JOIN roles USING (actor_id)
