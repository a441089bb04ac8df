-- copy_links: each near-copy and its original, which is a copy of nothing itself.
--
-- Being a near-copy is not transitive: of a story that grows from hour to hour each state is one of the last, and the
-- tenth is none of the first. So originals are chosen in order: a text is an original if it is no near-copy of an
-- original before it, else it is a copy of the first of these. The order is by day, place and id, but texts that are
-- parts of others come after all that are none: a paper that prints the first third of an agency's text on the day
-- before must not be the original of the whole, two thirds of which would be counted nowhere.
--
-- A text that is near a copy of an original, and not far from the original itself, is a copy of it too: two papers edit
-- an agency's text each in its way. That step is taken once, so that a story that grows is not followed to its end, and
-- never by way of a mere part, which two stories may have in common.
--
-- Round by round, the texts with none before them are originals and go, and their copies go with them; what is chosen is
-- the same as one after the other (Blelloch, Fineman, Shun, "Greedy sequential maximal independent set and matching are
-- parallel on average", 2012), and depends on no order of arrival.
-- needs: source_documents, near_copies
WITH RECURSIVE
paired AS (
    SELECT smaller_id AS doc_id, is_part AND is_near AS is_part FROM near_copies
    UNION ALL
    SELECT larger_id, false FROM near_copies
),

ordered AS (
    SELECT
        paired.doc_id,
        row_number() OVER (
            ORDER BY bool_or(paired.is_part), any_value(document.published_on), any_value(document.raw_uri), paired.doc_id
        ) AS place
    FROM paired
    JOIN source_documents AS document ON document.doc_id = paired.doc_id
    GROUP BY paired.doc_id
),

pairs AS (
    SELECT
        least(one.place, other.place) AS earlier,
        greatest(one.place, other.place) AS later,
        pair.is_near,
        CASE WHEN pair.is_part THEN one.place END AS part
    FROM near_copies AS pair
    JOIN ordered AS one ON one.doc_id = pair.smaller_id
    JOIN ordered AS other ON other.doc_id = pair.larger_id
),

undecided AS (
    SELECT earlier, later, 0 AS round FROM pairs WHERE is_near
    UNION ALL
    (
        WITH covered AS (
            SELECT pair.later AS place
            FROM undecided AS pair
            ANTI JOIN undecided AS before ON before.later = pair.earlier
        )

        SELECT earlier, later, round + 1
        FROM undecided AS pair
        WHERE pair.earlier NOT IN (SELECT place FROM covered) AND pair.later NOT IN (SELECT place FROM covered)
    )
),

copies AS (
    SELECT DISTINCT pair.later AS place
    FROM undecided AS pair
    ANTI JOIN undecided AS before ON before.later = pair.earlier AND before.round = pair.round
),

links AS (
    SELECT pair.later AS place, min(pair.earlier) AS original
    FROM pairs AS pair
    SEMI JOIN copies ON copies.place = pair.later
    ANTI JOIN copies AS not_original ON not_original.place = pair.earlier
    WHERE pair.is_near
    GROUP BY pair.later
),

near AS (
    SELECT earlier AS one, later AS other FROM pairs WHERE is_near AND part IS DISTINCT FROM later
    UNION ALL
    SELECT later, earlier FROM pairs WHERE is_near AND part IS DISTINCT FROM earlier
),

by_a_copy AS (
    SELECT near.one AS place, min(link.original) AS original
    FROM near
    JOIN links AS link ON link.place = near.other AND link.original < near.one
    SEMI JOIN near AS first ON first.one = link.original AND first.other = link.place
    SEMI JOIN pairs AS pair ON pair.earlier = link.original AND pair.later = near.one
    ANTI JOIN copies ON copies.place = near.one
    GROUP BY near.one
),

moved AS (
    SELECT place, original FROM by_a_copy ANTI JOIN by_a_copy AS other ON other.place = by_a_copy.original
),

settled AS (
    SELECT place, original FROM moved
    UNION ALL
    SELECT link.place, coalesce(moved.original, link.original)
    FROM links AS link
    LEFT JOIN moved ON moved.place = link.original
)

SELECT copy.doc_id, original.doc_id AS original_id
FROM settled
JOIN ordered AS copy ON copy.place = settled.place
JOIN ordered AS original ON original.place = settled.original
