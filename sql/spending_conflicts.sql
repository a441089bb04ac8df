-- spending_conflicts: two figures for the same payer, flow, measure, period and item (or both without item) that cannot
-- both be true, being more than five percent apart, and stand in different documents, duplicates left out. Bounds
-- count: "at least 3.7 percent" and "5.4 percent" agree. Amounts in one currency are compared as they stand, others in
-- euros. A figure that an outlet repeats is taken once, where it first stood: the pairs grow with the numbers that are
-- in dispute, not with the documents that repeat them. Caveat: a draft and the budget that was passed may differ, and
-- both be told rightly; see the status of the two records.
-- needs: documents, defence_spending, statements
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
        coalesce(spent.low, 0) AS low,
        coalesce(spent.high, 'infinity') AS high,
        coalesce(spent.low_eur, 0) AS low_eur,
        coalesce(spent.high_eur, 'infinity') AS high_eur,
        coalesce(spent.low_eur, spent.high_eur) IS NOT NULL AS has_rate,
        spent.amount_text,
        spent.evidence,
        document.source,
        said.speaker_id
    FROM defence_spending AS spent
    JOIN documents AS document ON document.doc_id = spent.doc_id AND document.duplicate_of IS NULL
    LEFT JOIN statements AS said ON said.statement_id = spent.statement_id
    WHERE spent.spender_id IS NOT NULL AND spent.period IS NOT NULL AND coalesce(spent.low, spent.high) > 0
    QUALIFY row_number() OVER (
        PARTITION BY
            spent.spender_id,
            spent.flow,
            spent.measure,
            spent.period,
            lower(spent.item),
            spent.currency,
            spent.low,
            spent.high,
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
        a.speaker_id AS speaker_id_a,
        b.speaker_id AS speaker_id_b,
        a.evidence AS evidence_a,
        b.evidence AS evidence_b,
        CASE WHEN a.unit = b.unit THEN a.low ELSE a.low_eur END AS low_a,
        CASE WHEN a.unit = b.unit THEN a.high ELSE a.high_eur END AS high_a,
        CASE WHEN a.unit = b.unit THEN b.low ELSE b.low_eur END AS low_b,
        CASE WHEN a.unit = b.unit THEN b.high ELSE b.high_eur END AS high_b
    FROM claims AS a
    JOIN claims AS b
        ON b.spender_id = a.spender_id
        AND b.flow = a.flow
        AND b.measure = a.measure
        AND b.period = a.period
        AND b.item = a.item
        AND b.spending_id > a.spending_id
        AND b.doc_id <> a.doc_id
        AND (a.unit = b.unit OR (a.has_rate AND b.has_rate))
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
    speaker_id_a,
    speaker_id_b,
    evidence_a,
    evidence_b,
    greatest(low_a / high_b, low_b / high_a) AS ratio
FROM pairs
WHERE high_a > 0 AND high_b > 0 AND greatest(low_a / high_b, low_b / high_a) > 1.05
