-- Who spoke as holder of which high office, by the days of the reference tables?
SELECT
    term.country,
    term.office,
    term.name,
    term.since,
    term.until,
    count(said.statement_id) AS statements_in_office
FROM terms_of_office AS term
JOIN statements AS said
    ON said.speaker_id = term.actor_id
    AND said.published_on >= term.since
    AND said.published_on <= coalesce(term.until, DATE '9999-12-31')
GROUP BY ALL
ORDER BY term.country, term.office, term.since
