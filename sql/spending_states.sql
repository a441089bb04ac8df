-- spending_states (intermediate): one row a document with defence spending, with a hash of what decides its rows in
-- defence_spending besides its own text: who pays and receives, and the names that actors gives them. See
-- document_states.
-- needs: extracted_spending, actor_links, actors
SELECT
    spent.doc_id,
    bit_xor(hash(spent.spending_id, payer.actor_id, payer.name, payee.actor_id, payee.name)) AS state
FROM extracted_spending AS spent
LEFT JOIN actor_links AS payer_link ON payer_link.doc_id = spent.doc_id AND payer_link.from_id = spent.spender_id
LEFT JOIN actors AS payer ON payer.actor_id = payer_link.actor_id
LEFT JOIN actor_links AS payee_link ON payee_link.doc_id = spent.doc_id AND payee_link.from_id = spent.recipient_id
LEFT JOIN actors AS payee ON payee.actor_id = payee_link.actor_id
GROUP BY spent.doc_id
