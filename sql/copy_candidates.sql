-- copy_candidates: pairs of texts that may be copies, for `near_copies` to compare; of equal texts only the first.
--
-- Texts are compared that share at least three of the shingles by which one of them is looked up: its eight lowest, and
-- its eight lowest that no more than fifty texts of the week have. It is looked up among the first fifty of each week:
-- so the work grows with the documents and not with their square, boilerplate hides no copy, and the first of a hundred
-- copies is found all the same.
-- needs: source_documents, extracted_fingerprints
WITH firsts AS (
    SELECT doc_id, published_on, raw_uri
    FROM source_documents
    QUALIFY row_number() OVER (PARTITION BY text_sha256 ORDER BY published_on, raw_uri, doc_id) = 1
),

texts AS (
    SELECT
        print.*,
        first.published_on,
        date_diff('day', DATE '1970-01-01', first.published_on) // 7 AS week,
        row_number() OVER (ORDER BY first.published_on, first.raw_uri, print.doc_id) AS place
    FROM firsts AS first
    JOIN extracted_fingerprints AS print ON print.doc_id = first.doc_id
    WHERE print.word_count >= 30
),

lowest AS (
    SELECT place, week, unnest(shingles[1:64]) AS shingle FROM texts
),

shared AS (
    SELECT shingle FROM lowest GROUP BY shingle HAVING count(*) > 1
),

entries AS (
    SELECT
        *,
        row_number() OVER (PARTITION BY shingle, week ORDER BY place) AS place_in_week,
        count(*) OVER (PARTITION BY shingle, week) > 50 AS is_popular
    FROM lowest
    SEMI JOIN shared USING (shingle)
),

probes AS (
    SELECT
        place,
        any_value(week) AS week,
        unnest(list_distinct(list_concat(min(shingle, 8) FILTER (WHERE NOT is_popular), min(shingle, 8)))) AS shingle
    FROM entries
    GROUP BY place
),

candidates AS (
    SELECT probe.place AS one, entry.place AS other
    FROM (SELECT place, shingle, unnest([week - 1, week, week + 1]) AS week FROM probes) AS probe
    JOIN entries AS entry
        ON entry.shingle = probe.shingle
        AND entry.week = probe.week
        AND entry.place <> probe.place
        AND entry.place_in_week <= 50
    GROUP BY probe.place, entry.place
    HAVING count(*) >= 3
)

SELECT DISTINCT
    CASE WHEN one.shingle_count < other.shingle_count THEN one.doc_id ELSE other.doc_id END AS smaller_id,
    CASE WHEN one.shingle_count < other.shingle_count THEN other.doc_id ELSE one.doc_id END AS larger_id
FROM (
    SELECT DISTINCT least(one, other) AS one, greatest(one, other) AS other FROM candidates
) AS pair
JOIN texts AS one ON one.place = pair.one
JOIN texts AS other ON other.place = pair.other
WHERE abs(one.published_on - other.published_on) <= 7
