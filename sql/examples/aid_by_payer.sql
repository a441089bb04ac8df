-- Which countries give most aid and loans by their largest reported figure, and how many figures are there behind it?
SELECT
    country,
    round(max(largest_eur) / 1e6) AS largest_eur_millions,
    arg_max(year, largest_eur) AS year_of_the_largest,
    CAST(sum(record_count) AS BIGINT) AS figures
FROM spending_by_country_year
WHERE flow IN ('aid', 'loan')
GROUP BY country
ORDER BY largest_eur_millions DESC NULLS LAST, country
