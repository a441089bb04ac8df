-- spending_by_country_year: defence money a country, year, flow and status, as the texts report it. The sum takes each
-- figure once, however many documents repeat it: same payer, currency, number and item; a range counts with its upper
-- known bound. Duplicates of documents are left out. No total: reports of one programme overlap.
-- needs: documents, actors, defence_spending
WITH reported AS (
    SELECT
        payer.country,
        CAST(coalesce(spent.period_start, year(document.published_on)) AS INTEGER) AS year,
        spent.flow,
        spent.status,
        spent.spender_id,
        spent.measure,
        spent.currency,
        coalesce(spent.low, spent.high) AS number,
        lower(spent.item) AS item,
        coalesce(spent.high_eur, spent.low_eur) AS eur,
        coalesce(spent.high, spent.low) AS upper
    FROM defence_spending AS spent
    JOIN documents AS document ON document.doc_id = spent.doc_id AND document.duplicate_of IS NULL
    JOIN actors AS payer ON payer.actor_id = spent.spender_id
    WHERE payer.country IS NOT NULL
),

figures_once AS (
    SELECT
        country,
        year,
        flow,
        status,
        measure,
        count(*) AS record_count,
        max(eur) AS eur,
        max(upper) AS upper
    FROM reported
    GROUP BY country, year, flow, status, measure, spender_id, currency, number, item
)

SELECT
    country,
    year,
    flow,
    status,
    CAST(sum(record_count) AS BIGINT) AS record_count,
    max(eur) FILTER (WHERE measure = 'amount') AS largest_eur,
    -- Exact decimals: a sum of doubles would depend on the order of the rows.
    CAST(sum(TRY_CAST(eur AS DECIMAL(30, 2))) FILTER (WHERE measure = 'amount') AS DOUBLE) AS sum_eur,
    max(upper) FILTER (WHERE measure = 'share_of_gdp') AS largest_share_of_gdp
FROM figures_once
GROUP BY country, year, flow, status
