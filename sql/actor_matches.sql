-- actor_matches (intermediate): ids that mean the same person. A person known by surname alone is the one person of the
-- corpus with that surname and no other country; if there are none or several, the id stays. A country that only the
-- context suggests does not part those whom the texts give the same role.
-- The surname is the last word, with or without what stands in lower case before its capital ("al-Assad", "Assad"), or
-- all words from the first that begins in lower case ("von der Leyen").
-- A full name with an initial or a suffix ("Lloyd J. Austin III") is the one full name without, where no other initial
-- goes with that name. An id that a correction names stays by itself: what a user says of it goes before what is
-- concluded here.
-- needs: actor_records, corrections
WITH people AS (
    SELECT
        actor_id,
        lower(strip_accents(name)) AS folded,
        lower(strip_accents(regexp_extract(name, '\S*\p{Lu}\S*$'))) AS last_word,
        lower(strip_accents(regexp_extract(name, '\p{Lu}\S*$'))) AS without_prefix,
        lower(strip_accents(regexp_extract(name, '\s(\p{Ll}.*\s\p{Lu}\S*)$', 1))) AS with_particles
    FROM actor_records
    WHERE actor_type = 'person' AND described AND named
    GROUP BY actor_id, name
),

surnames AS (
    SELECT DISTINCT actor_id, surname
    FROM (
        SELECT actor_id, folded, last_word AS surname FROM people
        UNION ALL
        SELECT actor_id, folded, without_prefix AS surname FROM people
        UNION ALL
        SELECT actor_id, folded, with_particles AS surname FROM people
    )
    WHERE surname <> '' AND surname <> folded
),

by_surname_alone AS (
    SELECT actor_id, min(folded) AS surname
    FROM people
    GROUP BY actor_id
    HAVING count(DISTINCT folded) = 1
       AND bool_and(folded IN (SELECT surname FROM surnames))
       AND count(*) FILTER (WHERE last_word <> '') > 0
),

known AS (
    SELECT
        actor_id,
        list(DISTINCT country) FILTER (WHERE country IS NOT NULL) AS served,
        list(DISTINCT country) FILTER (WHERE country IS NOT NULL AND placed) AS told,
        list(DISTINCT lower(role)) FILTER (WHERE role IS NOT NULL) AS roles,
        list(DISTINCT office) FILTER (WHERE office IS NOT NULL) AS offices
    FROM actor_records
    GROUP BY actor_id
),

initialled AS (
    SELECT
        actor_id,
        folded,
        regexp_replace(folded, '(\s\p{L}\.)+\s|\s(jr|sr|ii|iii|iv)\.?$', ' ', 'g') AS plain
    FROM people
),

spellings AS (
    SELECT long.actor_id AS from_id, min(plain.actor_id) AS actor_id
    FROM initialled AS long
    JOIN people AS plain ON plain.folded = trim(long.plain) AND plain.actor_id <> long.actor_id
    JOIN known AS own ON own.actor_id = long.actor_id
    JOIN known AS other ON other.actor_id = plain.actor_id
    WHERE long.plain <> long.folded AND contains(trim(long.plain), ' ')
      AND (own.told IS NULL OR other.told IS NULL OR list_has_any(own.told, other.told))
      AND trim(long.plain) NOT IN (
          SELECT trim(plain) FROM initialled WHERE plain <> folded GROUP BY plain HAVING count(DISTINCT folded) > 1
      )
    GROUP BY long.actor_id
    HAVING count(DISTINCT plain.actor_id) = 1
),

candidates AS (
    SELECT DISTINCT
        short.actor_id AS from_id,
        coalesce(spellings.actor_id, surnames.actor_id) AS actor_id,
        other.offices
    FROM by_surname_alone AS short
    JOIN surnames ON surnames.surname = short.surname AND surnames.actor_id <> short.actor_id
    JOIN known AS own ON own.actor_id = short.actor_id
    JOIN known AS other ON other.actor_id = surnames.actor_id
    LEFT JOIN spellings ON spellings.from_id = surnames.actor_id
    WHERE surnames.actor_id NOT IN (SELECT actor_id FROM by_surname_alone)
      AND (
          own.served IS NULL
          OR (len(own.served) = 1 AND (other.served IS NULL OR list_has_any(own.served, other.served)))
          OR (own.told IS NULL AND list_has_any(own.roles, other.roles))
      )
),

matches AS (
    SELECT from_id, CAST(NULL AS VARCHAR) AS office, min(actor_id) AS actor_id
    FROM candidates
    GROUP BY from_id
    HAVING count(DISTINCT actor_id) = 1
    UNION ALL
    SELECT from_id, office, min(actor_id)
    FROM (SELECT from_id, actor_id, unnest(offices) AS office FROM candidates)
    WHERE from_id IN (SELECT from_id FROM candidates GROUP BY from_id HAVING count(DISTINCT actor_id) > 1)
    GROUP BY from_id, office
    HAVING count(DISTINCT actor_id) = 1
    UNION ALL
    SELECT from_id, NULL, actor_id
    FROM spellings
)

SELECT from_id, office, actor_id
FROM matches
WHERE from_id NOT IN (SELECT actor_id FROM corrections)
  AND from_id NOT IN (SELECT value FROM corrections WHERE action IN ('merge', 'split'))
