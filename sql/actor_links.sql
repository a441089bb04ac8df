-- actor_links (intermediate): one row a document and an actor_id of its own, with the id that is published for it, null
-- where a correction blocks it. Persons of one name whom the texts themselves place in different states are homonyms,
-- and their ids end in the state; so are those of one surname, and known by nothing else, who hold different offices,
-- and their ids end in the office. Those whom the reference tables know may serve and hold several. Corrections come
-- after what is concluded: first splits, of several the first of the file that fits the document; then merges, whose
-- chains are at their end already; then blocks.
-- needs: source_documents, actor_records, actor_matches, corrections
WITH same AS (
    SELECT
        record.doc_id,
        record.actor_id AS from_id,
        coalesce(matched.actor_id, record.actor_id) AS actor_id,
        record.name,
        record.actor_type,
        record.country,
        record.role,
        record.office,
        record.named,
        record.placed,
        record.listed
    FROM actor_records AS record
    LEFT JOIN actor_matches AS matched
        ON matched.from_id = record.actor_id AND (matched.office IS NULL OR matched.office = record.office)
),

homonyms AS (
    SELECT
        actor_id,
        list(DISTINCT country) FILTER (WHERE placed AND country IS NOT NULL) AS states,
        list(DISTINCT office) FILTER (WHERE NOT contains(name, ' ')) AS offices
    FROM same
    WHERE actor_type = 'person' AND named
    GROUP BY actor_id
    HAVING NOT bool_or(listed)
       AND (
           count(DISTINCT country) FILTER (WHERE placed) > 1
           OR (count(DISTINCT office) > 1 AND bool_and(NOT contains(name, ' ')))
       )
),

matched AS (
    SELECT
        same.doc_id,
        same.from_id,
        concat(
            same.actor_id,
            CASE
                WHEN len(homonyms.states) > 1 AND list_contains(homonyms.states, same.country)
                    THEN concat('-', lower(same.country))
                WHEN len(homonyms.offices) > 1 AND list_contains(homonyms.offices, same.office)
                    THEN concat('-', same.office)
            END
        ) AS actor_id,
        same.name,
        same.country,
        same.role
    FROM same
    LEFT JOIN homonyms ON homonyms.actor_id = same.actor_id
),

divided AS (
    SELECT matched.doc_id, matched.from_id, min_by(split.value, split.line) AS actor_id, min(split.line) AS line
    FROM matched
    JOIN corrections AS split ON split.action = 'split' AND split.actor_id = matched.actor_id
    JOIN source_documents AS document ON document.doc_id = matched.doc_id
    WHERE (split.documents = [] OR list_has_any(
              split.documents, [document.doc_id, document.external_id, document.raw_uri]
          ))
      AND (split.sources = [] OR list_contains(split.sources, document.source))
      AND (split.name IS NULL OR lower(matched.name) = lower(split.name))
      AND (split.country IS NULL OR matched.country = split.country)
      AND (split.role IS NULL OR contains(lower(matched.role), lower(split.role)))
      AND (split.since IS NULL OR document.published_on >= split.since)
      AND (split.until IS NULL OR document.published_on <= split.until)
    GROUP BY matched.doc_id, matched.from_id
)

SELECT
    matched.doc_id,
    matched.from_id,
    coalesce(divided.actor_id, matched.actor_id) AS split_id,
    divided.line AS split_line,
    CASE
        WHEN block.actor_id IS NULL THEN coalesce(merge.value, divided.actor_id, matched.actor_id)
    END AS actor_id
FROM matched
LEFT JOIN divided ON divided.doc_id = matched.doc_id AND divided.from_id = matched.from_id
LEFT JOIN corrections AS merge
    ON merge.action = 'merge' AND merge.actor_id = coalesce(divided.actor_id, matched.actor_id)
LEFT JOIN corrections AS block
    ON block.action = 'block' AND block.actor_id = coalesce(divided.actor_id, matched.actor_id)
