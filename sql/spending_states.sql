-- spending_states (intermediate): one row a document with defence spending, with a hash of what decides its rows in
-- defence_spending besides its own text: who pays and receives, and the names that actors gives them. See
-- document_states.
-- needs: extracted_spending, actor_links, actors
WITH parties AS (
    SELECT doc_id, spender_id AS from_id FROM extracted_spending
    UNION
    SELECT doc_id, recipient_id FROM extracted_spending
)

SELECT party.doc_id, bit_xor(hash(party.from_id, actor.actor_id, actor.name)) AS state
FROM parties AS party
LEFT JOIN actor_links AS link ON link.doc_id = party.doc_id AND link.from_id = party.from_id
LEFT JOIN actors AS actor ON actor.actor_id = link.actor_id
GROUP BY party.doc_id
