-- copy_candidates (intermediate): pairs of texts that may be copies, for `copy_comparisons` to compare. week is that of the
-- earlier one; pairs of weeks that are as they were are left out (copy_weeks).
--
-- Texts are compared that share at least three of the shingles by which one of them is looked up: of those that another
-- text of its week or the weeks beside it has, its eight lowest, and its eight lowest that no more than fifty texts of
-- the week have. It is looked up among the first fifty of each week: so the work grows with the documents and not with
-- their square, boilerplate hides no copy, and the first of a hundred copies is found all the same.
-- needs: copy_texts, copy_weeks, extracted_fingerprints, known_weeks
WITH changed AS (
    SELECT week FROM copy_weeks ANTI JOIN known_weeks USING (week, state)
),

texts AS (
    SELECT
        text.*,
        print.shingle_count,
        print.shingles[1:64] AS shingles,
        row_number() OVER (ORDER BY text.published_on, text.raw_uri, text.doc_id) AS place
    FROM copy_texts AS text
    JOIN extracted_fingerprints AS print ON print.doc_id = text.doc_id
    WHERE text.week IN (SELECT unnest([week - 1, week, week + 1, week + 2]) FROM changed)
),

lowest AS (
    SELECT place, week, unnest(shingles) AS shingle FROM texts
),

shared AS (
    SELECT shingle, week
    FROM (
        SELECT shingle, week, count(*) AS text_count
        FROM lowest
        SEMI JOIN (SELECT shingle FROM lowest GROUP BY shingle HAVING count(*) > 1) AS again USING (shingle)
        GROUP BY shingle, week
    )
    QUALIFY sum(text_count) OVER (PARTITION BY shingle ORDER BY week RANGE BETWEEN 1 PRECEDING AND 1 FOLLOWING) > 1
),

entries AS (
    SELECT
        *,
        row_number() OVER (PARTITION BY shingle, week ORDER BY place) AS place_in_week,
        count(*) OVER (PARTITION BY shingle, week) > 50 AS is_popular
    FROM lowest
    SEMI JOIN shared USING (shingle, week)
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
    CASE WHEN one.shingle_count < other.shingle_count THEN other.doc_id ELSE one.doc_id END AS larger_id,
    one.week
FROM (
    SELECT DISTINCT least(one, other) AS one, greatest(one, other) AS other FROM candidates
) AS pair
JOIN texts AS one ON one.place = pair.one
JOIN texts AS other ON other.place = pair.other
WHERE abs(one.published_on - other.published_on) <= 7
    AND one.week IN (FROM changed)
