-- What do the texts report each country spends on defence, in millions of euros and percent of GDP?
SELECT
    state.name AS country,
    by_year.year,
    by_year.flow,
    by_year.status,
    by_year.record_count,
    round(by_year.largest_eur / 1e6, 1) AS largest_eur_millions,
    round(by_year.sum_eur / 1e6, 1) AS sum_eur_millions,
    by_year.largest_share_of_gdp
FROM spending_by_country_year AS by_year
LEFT JOIN actors AS state ON state.actor_id = by_year.country
ORDER BY by_year.country, by_year.year, by_year.flow, by_year.status
