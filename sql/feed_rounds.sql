-- feed_rounds: every time that a feed was asked, of those that are still listed.
-- needs: known_rounds, feed_states
SELECT known_rounds.*
FROM known_rounds
SEMI JOIN feed_states ON feed_states.feed = known_rounds.feed
