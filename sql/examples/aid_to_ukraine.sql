-- Who sends Ukraine military aid, how much, and how far has it come?
SELECT
    coalesce(spent.spender, '(not said)') AS payer,
    spent.amount_text,
    round(coalesce(spent.low_eur, spent.high_eur) / 1e6, 1) AS eur_millions,
    spent.item,
    spent.status,
    spent.period,
    document.source,
    document.published_on
FROM defence_spending AS spent
JOIN documents AS document ON document.doc_id = spent.doc_id AND document.duplicate_of IS NULL
WHERE spent.flow IN ('aid', 'loan') AND spent.recipient_id = 'UKR'
ORDER BY eur_millions DESC NULLS LAST, spent.spending_id
