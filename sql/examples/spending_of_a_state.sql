-- What are Poland, its ministries and its army reported to pay from 2022 to 2026?
SELECT
    spender,
    amount_text,
    round(coalesce(low_eur, high_eur) / 1e6, 1) AS eur_millions,
    flow,
    status,
    item,
    period,
    source,
    published_on
FROM spent_by('POL', 2022, 2026)
ORDER BY published_on, spending_id
