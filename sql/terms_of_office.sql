-- terms_of_office: one row a term of a high office, for questions such as "what did each defence minister say in office".
-- needs: known_terms
SELECT actor_id, name, office, country, since, until
FROM known_terms
