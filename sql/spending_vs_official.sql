-- spending_vs_official: each reported defence budget of a state beside its official military expenditure of that year,
-- else of the latest of the three years before (official_source names the year). Parts of a budget (with an item) and
-- duplicates of documents are left out.
-- needs: official_expenditure, documents, actors, defence_spending
WITH claims AS (
    SELECT
        spent.spending_id,
        payer.country,
        CAST(coalesce(spent.period_start, year(document.published_on)) AS INTEGER) AS year,
        spent.measure,
        CASE spent.measure
            WHEN 'share_of_gdp' THEN coalesce(spent.low, spent.high)
            ELSE coalesce(spent.low_usd, spent.high_usd)
        END AS claimed
    FROM defence_spending AS spent
    JOIN documents AS document ON document.doc_id = spent.doc_id AND document.duplicate_of IS NULL
    JOIN actors AS payer ON payer.actor_id = spent.spender_id AND payer.actor_type = 'state'
    WHERE spent.flow = 'budget' AND spent.item IS NULL
),

official AS (
    SELECT iso3, CAST(year AS INTEGER) AS year, 'share_of_gdp' AS measure, CAST(share_of_gdp AS DOUBLE) AS value, source
    FROM official_expenditure
    UNION ALL
    SELECT iso3, CAST(year AS INTEGER) AS year, 'amount' AS measure, CAST(usd AS DOUBLE) AS value, source
    FROM official_expenditure
)

SELECT
    claim.spending_id,
    claim.country,
    claim.year,
    claim.measure,
    claim.claimed,
    official.value AS official,
    claim.claimed / official.value AS ratio,
    official.source || ' (' || CAST(official.year AS VARCHAR) || ')' AS official_source
FROM claims AS claim
JOIN official
    ON official.iso3 = claim.country
    AND official.measure = claim.measure
    AND official.year BETWEEN claim.year - 3 AND claim.year
WHERE claim.claimed IS NOT NULL AND official.value > 0
QUALIFY row_number() OVER (PARTITION BY claim.spending_id ORDER BY official.year DESC, official.source) = 1
