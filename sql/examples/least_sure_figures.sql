-- Which records of spending are the least sure, and should be read before they are published?
SELECT
    round(spent.confidence, 2) AS confidence,
    spent.spender,
    spent.amount_text,
    spent.flow,
    spent.status,
    spent.evidence,
    document.source
FROM defence_spending AS spent
JOIN documents AS document ON document.doc_id = spent.doc_id AND document.duplicate_of IS NULL
ORDER BY spent.confidence, spent.spending_id
LIMIT 20
