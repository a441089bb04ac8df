-- near_copies: pairs of texts of which the smaller stands in the larger all but for light edits, datelines and credits,
-- printed within a week of each other. Of equal texts only the first is compared: `documents` links the rest to it.
--
-- The limits were chosen on pairs that were read, see `benchmarks/RESULTS.md` (`./run bench duplicates`):
--   within 7 days: letters, determinations and lists return with the same words and other facts after two weeks, a year;
--   0.80 of the smaller's shingles, 0.85 of a part of less than 0.6 (of a part, less is known); nothing below a quarter,
--   for a transcript or a digest is no copy of each statement that it quotes; pairs from 0.65 are kept, not near, for
--   two copies of one text may be edited at different places;
--   in the larger, 1 in 25 of the smaller's numbers and repeated words may be missing, and 1 in 10 of its numbers (one in
--   any case): an announcement of another day has the same words around other numbers and another subject.
-- needs: copy_candidates, extracted_fingerprints
WITH prints AS MATERIALIZED (  -- what is known of a text whether it is the smaller of a pair or the larger
    SELECT
        *,
        list_filter(shingles, lambda shingle: NOT list_contains(edge_shingles, shingle)) AS inner_shingles,
        CASE WHEN shingle_count > len(shingles) THEN shingles[-1] END AS known_to
    FROM extracted_fingerprints
    SEMI JOIN (
        SELECT smaller_id AS doc_id FROM copy_candidates
        UNION ALL
        SELECT larger_id FROM copy_candidates
    ) AS candidate ON candidate.doc_id = extracted_fingerprints.doc_id
),

compared AS MATERIALIZED (  -- as an inequality between the two sides, the least size would be joined on first
    SELECT
        smaller.doc_id AS smaller_id,
        larger.doc_id AS larger_id,
        smaller.shingle_count / larger.shingle_count AS size,
        list_filter(  -- above the highest of a full list nothing is known; null where both lists are whole
            smaller.inner_shingles, lambda shingle: shingle <= coalesce(least(smaller.known_to, larger.known_to), shingle)
        ) AS expected,
        len(list_intersect(expected, larger.shingles)) AS found,
        len(smaller.numbers) AS number_count,
        len(smaller.repeated) AS repeated_count,
        number_count - len(list_intersect(smaller.numbers, larger.vocabulary)) AS other_numbers,
        repeated_count - len(list_intersect(smaller.repeated, larger.vocabulary)) AS other_words
    FROM copy_candidates AS candidate
    JOIN prints AS smaller ON smaller.doc_id = candidate.smaller_id
    JOIN prints AS larger ON larger.doc_id = candidate.larger_id
)

SELECT
    smaller_id,
    larger_id,
    size < 0.75 AS is_part,
    found >= CASE WHEN size < 0.6 THEN 0.85 ELSE 0.8 END * len(expected) AS is_near
FROM compared
WHERE size >= 0.25
    AND found >= 0.65 * len(expected)
    AND len(expected) > 0
    AND other_numbers <= greatest(1, number_count / 10)
    AND other_numbers + other_words <= (number_count + repeated_count) / 25
