-- copy_comparisons (intermediate): how much of the smaller of two texts stands in the larger, for `near_copies` to judge.
-- One row a pair of copy_candidates: `found` of the `expected` shingles of the smaller's inner part are the larger's, `other_numbers` of its
-- `number_count` numbers and `other_words` of its `repeated_count` repeated words are not. It follows from the two texts
-- alone, so what an earlier build compared is not compared again (pipeline.store.memory). It is worked out in parts, some weeks
-- each, for the fingerprints of all texts would not fit into the memory.
-- needs: copy_candidates, extracted_fingerprints, known_comparisons
-- parts: copy_candidates
WITH unknown AS MATERIALIZED (
    SELECT smaller_id, larger_id, week FROM copy_candidates
    ANTI JOIN known_comparisons USING (smaller_id, larger_id)
    WHERE week // 8 % coalesce(getvariable('parts'), 1) = coalesce(getvariable('part'), 0)
),

prints AS MATERIALIZED (  -- what is known of a text whether it is the smaller of a pair or the larger
    SELECT
        *,
        list_filter(shingles, lambda shingle: NOT list_contains(edge_shingles, shingle)) AS inner_shingles,
        CASE WHEN shingle_count > len(shingles) THEN shingles[-1] END AS known_to
    FROM extracted_fingerprints
    SEMI JOIN (
        SELECT smaller_id AS doc_id FROM unknown
        UNION ALL
        SELECT larger_id FROM unknown
    ) AS candidate ON candidate.doc_id = extracted_fingerprints.doc_id
),

compared AS MATERIALIZED (  -- as an inequality between the two sides, the least size would be joined on first
    SELECT
        smaller.doc_id AS smaller_id,
        larger.doc_id AS larger_id,
        candidate.week,
        smaller.shingle_count / larger.shingle_count AS size,
        list_filter(  -- above the highest of a full list nothing is known; null where both lists are whole
            smaller.inner_shingles, lambda shingle: shingle <= coalesce(least(smaller.known_to, larger.known_to), shingle)
        ) AS expected_shingles,
        len(expected_shingles) AS expected,
        len(list_intersect(expected_shingles, larger.shingles)) AS found,
        len(smaller.numbers) AS number_count,
        len(smaller.repeated) AS repeated_count,
        number_count - len(list_intersect(smaller.numbers, larger.vocabulary)) AS other_numbers,
        repeated_count - len(list_intersect(smaller.repeated, larger.vocabulary)) AS other_words
    FROM unknown AS candidate
    JOIN prints AS smaller ON smaller.doc_id = candidate.smaller_id
    JOIN prints AS larger ON larger.doc_id = candidate.larger_id
)

SELECT smaller_id, larger_id, week, size, expected, found, number_count, repeated_count, other_numbers, other_words
FROM compared
UNION ALL BY NAME
SELECT * FROM known_comparisons
SEMI JOIN copy_candidates USING (smaller_id, larger_id)
WHERE coalesce(getvariable('part'), 0) = 0
