-- bloc_members: one row a state's membership in a bloc, for questions such as "all allies of NATO".
-- needs: memberships
SELECT bloc_id, country, member_since, member_until
FROM memberships
