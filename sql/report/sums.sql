-- The forty largest sums in euros as they are drawn: a line from bound to bound, a dot, and where the text gives one bound
-- only, how far an arrow reaches (three times, or a third).
WITH claimed AS (
    SELECT
        spent.spending_id,
        spent.spender,
        spent.amount_text,
        spent.item,
        spent.flow,
        spent.status,
        document.published_on,
        spent.low_eur,
        spent.high_eur
    FROM defence_spending AS spent
    JOIN documents AS document ON document.doc_id = spent.doc_id AND document.duplicate_of IS NULL
    WHERE spent.measure = 'amount' AND coalesce(spent.high_eur, spent.low_eur) > 0
    ORDER BY coalesce(spent.high_eur, spent.low_eur) DESC, spent.spending_id
    LIMIT 40
),

placed AS (
    SELECT *, row_number() OVER (ORDER BY coalesce(high_eur, low_eur) DESC, spending_id) AS place FROM claimed
)

SELECT
    spending_id,
    place || '. ' || coalesce(spender, 'unknown') || ': ' || coalesce(item, flow) AS label,
    spender,
    amount_text,
    item,
    flow,
    status,
    published_on,
    coalesce(low_eur, high_eur / 3) AS from_eur,
    coalesce(high_eur, low_eur * 3) AS to_eur,
    coalesce(high_eur, low_eur) AS at_eur,
    CASE WHEN low_eur IS NULL THEN high_eur / 3 WHEN high_eur IS NULL THEN low_eur * 3 END AS open_eur,
    CASE WHEN low_eur IS NULL THEN 'triangle-left' ELSE 'triangle-right' END AS shape
FROM placed
ORDER BY place
