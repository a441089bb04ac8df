-- Reported sums a country and flow: how many claims, and the largest of them in euros (bounds apart).
SELECT
    payer.country,
    spent.flow,
    count(*) AS claims,
    max(coalesce(spent.high_eur, spent.low_eur)) AS largest_eur
FROM defence_spending AS spent
JOIN documents AS document ON document.doc_id = spent.doc_id AND document.duplicate_of IS NULL
JOIN actors AS payer ON payer.actor_id = spent.spender_id
WHERE payer.country IS NOT NULL AND spent.measure = 'amount'
GROUP BY payer.country, spent.flow
ORDER BY claims DESC, payer.country, spent.flow
