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
-- Pairs of weeks that are as they were are those of the last build (copy_weeks).
-- needs: copy_comparisons, copy_weeks, known_weeks, known_near_copies
SELECT
    smaller_id,
    larger_id,
    week,
    size < 0.75 AS is_part,
    found >= CASE WHEN size < 0.6 THEN 0.85 ELSE 0.8 END * expected AS is_near
FROM copy_comparisons
WHERE size >= 0.25
    AND found >= 0.65 * expected
    AND expected > 0
    AND other_numbers <= greatest(1, number_count / 10)
    AND other_numbers + other_words <= (number_count + repeated_count) / 25
UNION ALL BY NAME
SELECT *
FROM known_near_copies
SEMI JOIN (SELECT week FROM copy_weeks SEMI JOIN known_weeks USING (week, state)) AS unchanged USING (week)
