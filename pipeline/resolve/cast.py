"""The actors of a document as those who may pay or receive: where they are named, and how they stand there.

Which actor a name means is decided in `actors`; who of them pays, in `payers`.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TypeVar

from spacy.tokens import Token

from pipeline import reference
from pipeline.extract.records import LocalActor, Mention
from pipeline.resolve import gazetteer
from pipeline.resolve.cues import Lexicon, Words, plain_words

T = TypeVar("T")

PAYERS = ("state", "bloc", "government_body", "armed_force", "group", "organisation")
RECIPIENTS = ("company", "state", "bloc", "armed_force", "organisation", "government_body", "group")
_SERVANTS = ("person", "government_body", "armed_force")


@dataclass(frozen=True, slots=True)
class Party:
    """An actor, or the words of the text where no actor is known."""

    name: str
    actor_id: str | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """A place where an actor is named: its tokens, its head word, and how it stands there (`role_of` its head)."""

    start: int
    end: int
    head: Token
    actor: LocalActor
    form: str  # name, pronoun, nominal, adjective, person
    role: str
    governor: Token | None


@cache
def _adjectives() -> Lexicon:
    rows = []
    for row in reference.rows("countries"):
        for word in filter(None, row["adjectives"].split("|")):
            rows.append((word, row["alpha3"], 1.0))
    return Lexicon(rows)


@cache
def _names() -> Lexicon:
    rows = []
    for row in reference.rows("countries"):
        for column in ("aliases", "adjectives", "capitals"):
            rows += [(word, row["alpha3"], 1.0) for word in row[column].split("|") if word]
        rows.append((row["name"], row["alpha3"], 1.0))
    return Lexicon(rows)


@cache
def verbs(role: str) -> frozenset[str]:
    """Return the words of one role in `payer_cues.csv`: verbs of buying, of selling, name parts of buyers, …"""
    return frozenset(r["term"] for r in reference.rows("payer_cues") if r["role"] == role)


class Cast:
    """The actors of a document, where they are named, and which state the document is about."""

    def __init__(
        self, words: Words, mentions: Sequence[Mention], actors: Mapping[str, LocalActor], title: str | None
    ) -> None:
        self.words = words
        self.actors = actors
        self.state_of = {a.country: a for a in reversed(list(actors.values())) if a.actor_type == "state" and a.country}
        found = []
        for mention in mentions:
            actor = actors.get(mention.actor_id or "")
            if actor is not None:
                first, last = words.tokens(*mention.span)
                head = words.doc[first:last].root
                found.append(Candidate(first, last, head, actor, mention.mention_type, *role_of(head)))
        taken = {i for c in found for i in range(c.start, c.end)}
        for hit in _adjectives().find(words):
            if hit.start not in taken and words.doc[hit.start].text[0].isupper():
                state = self.state(hit.label)
                head = words.doc[hit.end - 1]
                found.append(Candidate(hit.start, hit.end, head, state, "adjective", *role_of(head)))
        self.candidates = sorted(found, key=lambda c: (c.start, c.end))
        self._starts = [c.start for c in self.candidates]
        self.headings = self._headings()
        self.title_words = plain_words(words.doc.vocab, title or "")
        self.title_states = list(_names().find(self.title_words))
        self.main = self._main()
        self.offices: dict[int, LocalActor | None] = {}
        self.paid: dict[str, LocalActor] = {}
        self.received: dict[str, Party] = {}

    def _main(self) -> LocalActor | None:
        """Return the state or bloc that the document is about: named most, as a subject, early, in the title."""
        weight: Counter[str] = Counter()
        opening = self.words.sentence(0)[1] if self.words.lower else 0
        for candidate in self.candidates:
            voice = self._voice(candidate.actor)
            if voice:
                weight[voice] += 2 if candidate.role in SUBJECTS else 1
                weight[voice] += 1 if candidate.start < opening else 0
        for hit in self.title_states:
            weight[hit.label] += 3
        best = weight.most_common(1)
        return (self.actors.get(best[0][0]) or self.state(best[0][0])) if best else None

    def _headings(self) -> list[Candidate]:
        """Return the candidates that stand in a heading of their own, such as "NAVY" over the navy's contracts."""
        found = []
        for candidate in self.candidates:
            first, last = self.words.paragraph(candidate.start)
            line = self.words.doc[first:last]
            if len(line) <= 5 and all(t.is_upper or not t.is_alpha for t in line):
                found.append(candidate)
        return found

    def heading(self, index: int) -> LocalActor | None:
        """Return whom the last heading before a token names."""
        before = [c for c in self.headings if c.start < index]
        return before[-1].actor if before else None

    def remember(self, payer: LocalActor | None, receiver: Party | None) -> None:
        """Remember who has paid and who has received, the last ones only, for later figures."""
        if payer is not None:
            _latest(self.paid, payer.actor_id or payer.name, payer)
        if receiver is not None:
            _latest(self.received, receiver.actor_id or receiver.name, receiver)

    def state(self, alpha3: str) -> LocalActor:
        """Return the state of that code, as the document knows it or by its name alone."""
        known, country = self.state_of.get(alpha3), gazetteer.countries().get(alpha3)
        return known or LocalActor(alpha3, country.name if country else alpha3, "state", alpha3)

    def _voice(self, actor: LocalActor) -> str:
        if actor.actor_type in ("state", "bloc"):
            return actor.actor_id
        speaks = actor.actor_type in ("person", "government_body", "armed_force")
        return actor.country if actor.country and speaks else ""

    def within(self, start: int, end: int) -> list[Candidate]:
        """Return the candidates that start among the tokens from `start` up to, and without, `end`."""
        return self.candidates[bisect_left(self._starts, start) : bisect_left(self._starts, end)]

    def owns(self, candidate: Candidate) -> LocalActor | None:
        """Return the actor whose name the candidate modifies: the ministry of "Poland's defence ministry"."""
        head = candidate.head
        if self.words.lower[candidate.end : candidate.end + 1] in (["'s"], ["’s"]):
            for other in self.within(candidate.end, candidate.end + 4):
                return other.actor
        if head.dep_ in ("poss", "compound", "amod", "nmod") or (head.dep_ == "pobj" and head.head.lower_ == "of"):
            above = head.head if head.dep_ != "pobj" else head.head.head
            for other in self.within(max(0, above.i - 6), above.i + 1):
                if other.start <= above.i < other.end and other is not candidate and other.actor is not candidate.actor:
                    return other.actor
        return None

    def payers(self, actor: LocalActor) -> list[tuple[str, LocalActor]]:
        """Return who may pay where that actor is named: itself, or the state that it serves."""
        served = [("state", self.state(actor.country))] if actor.country and actor.actor_type in _SERVANTS else []
        itself = [("itself", actor)] if actor.actor_type in PAYERS else []
        return served + itself

    def party(self, actor: LocalActor) -> Party:
        """Return the actor as spending records name it."""
        return Party(actor.name, actor.actor_id if actor.actor_id in self.actors else None)


RECENT = 12
"""Payers and receivers that a document is taken to have in mind at once; it bounds the work on endless lists."""


def _latest(memory: dict[str, T], key: str, value: T) -> None:
    memory.pop(key, None)
    memory[key] = value
    if len(memory) > RECENT:
        del memory[next(iter(memory))]


def is_buyer(actor: LocalActor) -> bool:
    """Return whether a government body buys for itself: defence ministries and procurement agencies do."""
    return buys(actor.name)


def buys(name: str) -> bool:
    """Return whether a name is that of a body that buys arms."""
    return any(word in name.lower() for word in verbs("buyer"))


SUBJECTS = ("nsubj", "nsubjpass", "agent")


def role_of(head: Token) -> tuple[str, Token | None]:
    """Return the grammatical role of a name and the word that it depends on; modifiers pass their noun's role on."""
    token = head
    for _ in range(4):
        dep = token.dep_
        if dep in ("nsubj", "nsubjpass", "agent", "dative", "iobj"):
            return dep, token.head
        if dep == "pobj":
            preposition = token.head
            if preposition.dep_ == "agent":
                return "agent", preposition.head
            return f"prep:{preposition.lower_}", preposition.head
        if dep in ("conj", "appos", "compound", "amod", "nmod", "poss"):
            if dep in ("poss", "amod", "compound", "nmod") and token.head.dep_ not in SUBJECTS:
                return dep, token.head
            token = token.head
            continue
        return dep, token.head
    return "other", None
