-- The defence spending that the report shows, the largest sums first, at most $most; duplicates of documents left out.
-- first and last bound what is shown of the text, $around characters around the amount.
WITH largest AS (
    SELECT spent.*, document.published_on
    FROM defence_spending AS spent
    JOIN documents AS document ON document.doc_id = spent.doc_id AND document.duplicate_of IS NULL
    ORDER BY coalesce(spent.high_eur, spent.low_eur) DESC NULLS LAST, spent.spending_id
    LIMIT $most
)

SELECT
    row_number() OVER (ORDER BY coalesce(spent.high_eur, spent.low_eur) DESC NULLS LAST, spent.spending_id) AS place,
    spent.doc_id,
    greatest(0, spent.start_char - $around) AS first,
    spent.end_char + $around AS last,
    struct_pack(amount := [[spent.start_char, spent.end_char]]) AS spans,
    spent.spending_id,
    spent.amount_text,
    spent.measure,
    spent.low,
    spent.high,
    spent.low_eur,
    spent.high_eur,
    spent.spender_id,
    spent.spender,
    payer.country,
    spent.recipient,
    spent.flow,
    spent.status,
    spent.item,
    spent.period,
    spent.published_on,
    claimed.speaker_id AS claimed_by
FROM largest AS spent
LEFT JOIN actors AS payer ON payer.actor_id = spent.spender_id
LEFT JOIN statements AS claimed ON claimed.statement_id = spent.statement_id
