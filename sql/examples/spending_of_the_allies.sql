-- What have the present members of NATO signed for, in euros, and who says so?
SELECT spent.spender, spent.amount_text, round(coalesce(spent.low_eur, spent.high_eur) / 1e6) AS million_eur,
    spent.item, speaker.name AS claimed_by, document.source
FROM defence_spending AS spent
JOIN documents AS document ON document.doc_id = spent.doc_id AND document.duplicate_of IS NULL
JOIN actors AS payer ON payer.actor_id = spent.spender_id
JOIN bloc_members AS member
    ON member.bloc_id = 'nato' AND member.country = payer.country AND member.member_until IS NULL
LEFT JOIN statements AS said ON said.statement_id = spent.statement_id
LEFT JOIN actors AS speaker ON speaker.actor_id = said.speaker_id
WHERE spent.status = 'signed' AND spent.measure = 'amount'
ORDER BY million_eur DESC NULLS LAST, spent.spending_id
