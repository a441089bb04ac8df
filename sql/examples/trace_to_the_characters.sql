-- Where exactly does each amount stand, and does the text there say so?
SELECT
    spent.spending_id,
    document.raw_uri,
    spent.start_char,
    spent.end_char,
    spent.amount_text,
    substr(document.text, spent.start_char + 1, spent.end_char - spent.start_char) = spent.amount_text AS as_stored,
    substr(document.text, greatest(spent.start_char - 60, 0) + 1, least(spent.start_char, 60)) AS before,
    substr(document.text, spent.end_char + 1, 60) AS after
FROM defence_spending AS spent
JOIN documents AS document USING (doc_id)
ORDER BY document.raw_uri, spent.start_char
