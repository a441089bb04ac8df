-- spending_conflicts: two figures for the same payer, flow, measure, period and item (or both without item) that differ
-- by more than two percent and stand in different documents, duplicates left out. Amounts in one currency are compared
-- as they stand, others in euros. A figure that an outlet repeats is taken once, where it first stood: the pairs
-- grow with the numbers that are in dispute, not with the documents that repeat them.
-- needs: documents, defence_spending
WITH claims AS (
    SELECT
        spent.spending_id,
        spent.doc_id,
        spent.spender_id,
        spent.flow,
        spent.measure,
        spent.period,
        coalesce(lower(spent.item), '') AS item,
        coalesce(spent.currency, 'percent') AS unit,
        coalesce(spent.low, spent.high) AS number,
        coalesce(spent.low_eur, spent.high_eur) AS eur,
        spent.amount_text,
        document.source
    FROM defence_spending AS spent
    JOIN documents AS document ON document.doc_id = spent.doc_id AND document.duplicate_of IS NULL
    WHERE spent.spender_id IS NOT NULL AND spent.period IS NOT NULL AND coalesce(spent.low, spent.high) > 0
    QUALIFY row_number() OVER (
        PARTITION BY
            spent.spender_id,
            spent.flow,
            spent.measure,
            spent.period,
            lower(spent.item),
            spent.currency,
            coalesce(spent.low, spent.high),
            document.source
        ORDER BY document.published_on, spent.spending_id
    ) = 1
),

pairs AS (
    SELECT
        a.spender_id,
        a.flow,
        a.measure,
        a.period,
        a.spending_id AS spending_id_a,
        b.spending_id AS spending_id_b,
        a.amount_text AS amount_a,
        b.amount_text AS amount_b,
        a.source AS source_a,
        b.source AS source_b,
        CASE WHEN a.unit = b.unit THEN a.number ELSE a.eur END AS value_a,
        CASE WHEN a.unit = b.unit THEN b.number ELSE b.eur END AS value_b
    FROM claims AS a
    JOIN claims AS b
        ON b.spender_id = a.spender_id
        AND b.flow = a.flow
        AND b.measure = a.measure
        AND b.period = a.period
        AND b.item = a.item
        AND b.spending_id > a.spending_id
        AND b.doc_id <> a.doc_id
)

SELECT
    spender_id,
    flow,
    measure,
    period,
    spending_id_a,
    spending_id_b,
    amount_a,
    amount_b,
    source_a,
    source_b,
    greatest(value_a, value_b) / least(value_a, value_b) AS ratio
FROM pairs
WHERE value_a > 0 AND value_b > 0 AND greatest(value_a, value_b) > 1.02 * least(value_a, value_b)
