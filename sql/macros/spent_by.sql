-- spent_by: what is a state reported to pay for defence in some years, itself and everybody whose country it is (its
-- ministries, its army, its companies)? One row a figure of a text, of which several may tell of one payment. The years
-- of a figure are its period, or else the year of publication; it is in if one of them is. Duplicates of documents are
-- left out. The state is its code in ISO 3166-1 alpha-3.
-- needs: defence_spending, documents, actors
CREATE OR REPLACE MACRO spent_by(state, first_year, last_year) AS TABLE
    SELECT document.source, document.published_on, spent.*
    FROM defence_spending AS spent
    JOIN documents AS document ON document.doc_id = spent.doc_id AND document.duplicate_of IS NULL
    JOIN actors AS payer ON payer.actor_id = spent.spender_id
    WHERE payer.country = upper(state)
      AND coalesce(spent.period_start, year(document.published_on)) <= last_year
      AND coalesce(spent.period_end, spent.period_start, year(document.published_on)) >= first_year
