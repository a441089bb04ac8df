-- defence_spending: one row a figure that is defence money, duplicates of documents included; payer and recipient
-- carry the name that actors gives them.
-- needs: extracted_spending, actor_links, actors
SELECT
    spent.spending_id,
    spent.doc_id,
    spent.figure_id,
    spent.start_char,
    spent.end_char,
    spent.amount_text,
    spent.measure,
    spent.low,
    spent.high,
    spent.qualifier,
    spent.currency,
    spent.low_eur,
    spent.high_eur,
    spent.low_usd,
    spent.high_usd,
    spent.rate_date,
    payer.actor_id AS spender_id,
    coalesce(payer.name, spent.spender) AS spender,
    payee.actor_id AS recipient_id,
    coalesce(payee.name, spent.recipient) AS recipient,
    spent.flow,
    spent.status,
    spent.item,
    spent.period,
    spent.period_start,
    spent.period_end,
    spent.statement_id,
    spent.evidence,
    spent.confidence
FROM extracted_spending AS spent
LEFT JOIN actor_links AS payer_link ON payer_link.doc_id = spent.doc_id AND payer_link.from_id = spent.spender_id
LEFT JOIN actors AS payer ON payer.actor_id = payer_link.actor_id
LEFT JOIN actor_links AS payee_link ON payee_link.doc_id = spent.doc_id AND payee_link.from_id = spent.recipient_id
LEFT JOIN actors AS payee ON payee.actor_id = payee_link.actor_id
