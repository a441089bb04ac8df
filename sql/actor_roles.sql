-- actor_roles: one row an office that an actor held in the texts. Spellings that differ in case are one office, shown
-- as most documents write it; duplicates of documents are left out.
-- needs: appearances
WITH held AS (
    SELECT actor_id, role, lower(role) AS folded, country, published_on
    FROM appearances
    WHERE role IS NOT NULL AND is_original
),

spelled AS (
    SELECT actor_id, folded, role
    FROM held
    GROUP BY actor_id, folded, role
    QUALIFY row_number() OVER (PARTITION BY actor_id, folded ORDER BY count(*) DESC, role) = 1
)

SELECT
    held.actor_id,
    spelled.role,
    held.country,
    min(held.published_on) AS first_seen,
    max(held.published_on) AS last_seen,
    count(*) AS document_count
FROM held
JOIN spelled ON spelled.actor_id = held.actor_id AND spelled.folded = held.folded
GROUP BY held.actor_id, spelled.role, held.country
