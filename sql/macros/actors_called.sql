-- actors_called: who is meant by an id or a part of a name? One row an actor: whose id it is, to whom actor_redirects
-- leads from it, or whose name or an alias contains it; letter case and accents tell nothing, and % and _ are letters like
-- any other. The code of a state in capitals (POL) is that state alone, or it would mean the police too; an empty name is
-- nobody's.
-- needs: actors, actor_redirects
CREATE OR REPLACE MACRO actors_called(who) AS TABLE
    SELECT actor_id, name, country
    FROM actors
    WHERE lower(actor_id) = lower(who)
       OR actor_id IN (SELECT actor_id FROM actor_redirects WHERE from_id = who)
       OR (
           who <> ''
           AND who NOT IN (SELECT actor_id FROM actors WHERE actor_type = 'state')
           AND len(list_filter(
               list_append(aliases, name),
               lambda known: contains(lower(strip_accents(known)), lower(strip_accents(who)))
           )) > 0
       )
