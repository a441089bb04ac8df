"""Coreference inside one document: whom a pronoun or a description without a name means.

Rules of recency, number, gender and office over the mentions that are known already. They prefer no answer to a wrong
one. Names are matched to each other in `pipeline.resolve.naming`.
"""

from __future__ import annotations

import bisect
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from pipeline.extract.records import Span

SINGULAR = {"he": "m", "him": "m", "his": "m", "himself": "m", "she": "f", "her": "f", "hers": "f", "herself": "f"}
THINGS = frozenset({"it", "its", "itself"})
PLURAL = frozenset({"they", "them", "their", "themselves", "both", "both men"})
RELATIVE = frozenset({"who", "which", "that"})
PRONOUNS = frozenset({*SINGULAR, *THINGS, *PLURAL, *RELATIVE})

NOMINAL_TYPES: dict[str, frozenset[str]] = {
    "company": frozenset({"company"}),
    "firm": frozenset({"company"}),
    "manufacturer": frozenset({"company"}),
    "maker": frozenset({"company"}),
    "group": frozenset({"company", "organisation", "bloc"}),
    "contractor": frozenset({"company"}),
    "alliance": frozenset({"bloc"}),
    "bloc": frozenset({"bloc"}),
    "union": frozenset({"bloc"}),
    "ministry": frozenset({"government_body"}),
    "department": frozenset({"government_body"}),
    "agency": frozenset({"government_body", "organisation", "media"}),
    "committee": frozenset({"government_body"}),
    "commission": frozenset({"government_body"}),
    "council": frozenset({"government_body", "organisation"}),
    "court": frozenset({"government_body", "organisation"}),
    "office": frozenset({"government_body"}),
    "country": frozenset({"state"}),
    "nation": frozenset({"state"}),
    "kingdom": frozenset({"state"}),
    "paper": frozenset({"media"}),
    "newspaper": frozenset({"media"}),
    "outlet": frozenset({"media"}),
    "broadcaster": frozenset({"media"}),
    "magazine": frozenset({"media"}),
    "institute": frozenset({"organisation"}),
    "organisation": frozenset({"organisation", "bloc"}),
    "organization": frozenset({"organisation", "bloc"}),
    "think-tank": frozenset({"organisation"}),
    "party": frozenset({"party"}),
    "army": frozenset({"armed_force"}),
    "military": frozenset({"armed_force"}),
    "force": frozenset({"armed_force"}),
}
"""Head of a definite description → the types of actor that it may mean."""

BODIES = frozenset({"state", "bloc", "government_body", "armed_force", "company", "media", "party", "organisation"})
MANY = frozenset({"group", "state", "bloc", "government_body", "company", "party", "organisation", "armed_force"})


FAR = 4_000
"""Characters back in which something written has been mentioned before."""
REACH = 400
"""Mentions before and after a description among which its office is looked for."""


@dataclass(slots=True)
class Place:
    """A mention that may be referred back to."""

    span: Span
    actor_id: str
    actor_type: str
    sentence: int
    subject: bool = False
    speaker: bool = False
    quoted: bool = False


@dataclass(slots=True)
class Story:
    """What a document has named so far, in order, and what is known of those actors."""

    sentences: list[int]  # first characters
    text: str = ""
    gender: dict[str, str] = field(default_factory=dict)
    roles: dict[str, set[frozenset[str]]] = field(default_factory=dict)  # actor_id → roles in the text, as words
    offices: dict[str, set[frozenset[str]]] = field(default_factory=dict)  # the same from the reference tables
    country: dict[str, str | None] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    places: list[Place] = field(default_factory=list)

    def sentence(self, at: int) -> int:
        """Return the number of the sentence at a character."""
        return bisect.bisect_right(self.sentences, at) - 1

    def add(self, place: Place) -> None:
        """Put a mention in its place."""
        bisect.insort(self.places, place, key=lambda p: p.span)

    def rename(self, span: Span, actor_id: str) -> None:
        """Tell who the mention at a span is."""
        index = bisect.bisect_left(self.places, span, key=lambda place: place.span)
        if index < len(self.places) and self.places[index].span == span:
            self.places[index].actor_id = actor_id

    def before(self, at: int, most: int = 60) -> Iterable[Place]:
        """Yield the mentions that end before a character, the latest first, at most so many."""
        index = bisect.bisect_left(self.places, (at, at), key=lambda p: p.span)
        for place in reversed(self.places[max(0, index - most) : index]):
            if place.span.end <= at:
                yield place

    def latest(self, at: int, fits: Callable[[Place], bool], reach: int) -> str | None:
        """Return the most salient actor among the mentions of the last `reach` sentences, None if there is none.

        Salience: nearness in sentences, then subjects and speakers before others, words outside quotations before
        those inside.
        """
        here = self.sentence(at)
        best: tuple[int, int] | None = None
        found = None
        for rank, place in enumerate(self.before(at)):
            away = here - place.sentence
            if away > reach:
                break
            if not fits(place):
                continue
            score = 10 * min(away, 6) - 7 * place.subject - 6 * place.speaker + 12 * place.quoted
            if best is None or (score, rank) < best:
                best, found = (score, rank), place.actor_id
        return found

    def person(self, at: int, gender: str | None, reach: int = 6) -> str | None:
        """Return the person whom "he" or "she" at a character means."""

        def fits(place: Place) -> bool:
            known = self.gender.get(place.actor_id)
            return place.actor_type == "person" and (gender is None or known is None or known == gender)

        return self.latest(at, fits, reach)

    def pronoun(self, word: str, at: int) -> str | None:
        """Return the actor whom a pronoun at a character means, None if it is open."""
        word = word.lower()
        if word in SINGULAR:
            found = self.person(at, SINGULAR[word])
            if found is not None:
                self.gender.setdefault(found, SINGULAR[word])
            return found
        if word in THINGS:
            return self.latest(at, lambda place: place.actor_type in BODIES, 2)
        if word in PLURAL:
            groups = self.latest(at, lambda place: place.actor_type == "group", 2)
            return groups or self.latest(at, lambda place: place.actor_type in MANY and place.subject, 2)
        if word in RELATIVE:
            return self.latest(at, lambda place: at - place.span.end <= 3, 0)
        return None

    def office(self, wanted: set[str], country: str | None, at: int) -> str | None:
        """Return the person whose role has all the words wanted, of that state if one is given.

        Those named before count before those named after; roles that the text gives before those that only the
        reference tables know.
        """
        for roles in (self.roles, self.offices):
            after = bisect.bisect_left(self.places, (at, at), key=lambda place: place.span)
            for near in (self.before(at, REACH), self.places[after : after + REACH]):
                for place in near:
                    if place.actor_type != "person" or (country and self.country.get(place.actor_id) != country):
                        continue
                    if any(wanted <= words for words in roles.get(place.actor_id, ())):
                        return place.actor_id
        return None

    def writer(self, noun: str, at: int) -> str | None:
        """Return who is named beside the last earlier mention of something written: "a report by the audit office".

        Who speaks in that sentence comes before others, then who is nearest.
        """
        before = list(re.finditer(rf"\b{re.escape(noun)}\b", self.text[max(0, at - FAR) : max(0, at - 1)]))
        if not before:
            return None
        start = max(0, at - FAR) + before[-1].start()
        here = self.sentence(start)
        first = bisect.bisect_left(self.places, (self.sentences[here], 0), key=lambda place: place.span)
        near = []
        for place in self.places[first : first + REACH]:
            if place.sentence > here or place.span.start >= at:
                break
            if place.actor_type in BODIES or place.actor_type == "person":
                near.append((not place.speaker, abs(place.span.start - start), place.actor_id))
        return min(near)[2] if near else None

    def kind(self, head: str, at: int, country: str | None = None) -> str | None:
        """Return the body last named that a description such as "the company" may mean, of a state if one is given."""
        types = NOMINAL_TYPES.get(head.lower())
        if types is None:
            return None

        def fits(place: Place) -> bool:
            return place.actor_type in types and country in (None, self.country.get(place.actor_id))

        def same_word(place: Place) -> bool:
            return fits(place) and head.lower() in self.names.get(place.actor_id, "").lower()

        return self.latest(at, same_word, 30) or self.latest(at, fits, 12)
