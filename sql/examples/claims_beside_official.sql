-- Which reported budgets are far from the official expenditure of the year?
SELECT
    claim.country,
    claim.year,
    spent.amount_text,
    spent.status,
    round(claim.claimed, 2) AS claimed,
    round(claim.official, 2) AS official,
    round(claim.ratio, 2) AS ratio,
    claim.official_source,
    document.source,
    spent.evidence
FROM spending_vs_official AS claim
JOIN defence_spending AS spent USING (spending_id)
JOIN documents AS document USING (doc_id)
ORDER BY abs(ln(nullif(claim.ratio, 0))) DESC NULLS LAST, claim.spending_id
