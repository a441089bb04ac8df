-- actor_records (intermediate): one row an actor and document, as extraction describes it. An id that a document's
-- mentions, statements or spending use without describing it gets a row from the words used there, so that every id
-- that is published stands in actors: an alpha-3 code is a state, anything else an organisation until a text says more.
-- office is the one of the public offices in the role that nobody holds together with another of them.
-- needs: extracted_actors, extracted_mentions, extracted_statements, extracted_spending
WITH used AS (
    SELECT doc_id, actor_id, text AS words FROM extracted_mentions WHERE actor_id IS NOT NULL
    UNION ALL
    SELECT doc_id, speaker_id, speaker_text FROM extracted_statements WHERE speaker_id IS NOT NULL
    UNION ALL
    SELECT doc_id, spender_id, spender FROM extracted_spending WHERE spender_id IS NOT NULL
    UNION ALL
    SELECT doc_id, recipient_id, recipient FROM extracted_spending WHERE recipient_id IS NOT NULL
),

undescribed AS (
    SELECT doc_id, actor_id, coalesce(min(words), actor_id) AS name
    FROM used
    WHERE NOT EXISTS (
        SELECT 1 FROM extracted_actors AS known WHERE known.doc_id = used.doc_id AND known.actor_id = used.actor_id
    )
    GROUP BY doc_id, actor_id
)

SELECT
    doc_id,
    actor_id,
    name,
    actor_type,
    country,
    role,
    CASE
        WHEN actor_type <> 'person' OR regexp_matches(lower(role), '\b(former|ex|then|deputy|vice|assistant)\b') THEN NULL
        WHEN regexp_matches(lower(role), '\b(senator|sen)\b') THEN 'senator'
        WHEN regexp_matches(lower(role), '\b(representative|rep|congressman|congresswoman)\b') THEN 'representative'
        ELSE nullif(
            regexp_extract(lower(role), '\b(governor|mayor|general|admiral|judge|ambassador|minister|chancellor)\b'), ''
        )
    END AS office,
    wikidata_id,
    named,
    placed,
    listed,
    true AS described
FROM extracted_actors
UNION ALL
SELECT
    doc_id,
    actor_id,
    name,
    CASE WHEN regexp_matches(actor_id, '^[A-Z]{3}$') THEN 'state' ELSE 'organisation' END AS actor_type,
    CASE WHEN regexp_matches(actor_id, '^[A-Z]{3}$') THEN actor_id END AS country,
    CAST(NULL AS VARCHAR) AS role,
    CAST(NULL AS VARCHAR) AS office,
    CAST(NULL AS VARCHAR) AS wikidata_id,
    true AS named,
    false AS placed,
    false AS listed,
    false AS described
FROM undescribed
