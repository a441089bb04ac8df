"""Who pays, and who gets the money, the goods or the aid.

Each candidate (a mention of an actor, or an adjective such as "Polish") is scored by its place in the parse: the
subject of the verb that governs the figure before a name that merely stands near. Which actors a name means is decided
in `actors`; here an actor is only chosen.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from spacy.tokens import Token

from pipeline import reference
from pipeline.extract.records import LocalActor, Mention
from pipeline.resolve.cues import REACH, Lexicon, Site, Words, plain_words

PAYERS = ("state", "bloc", "government_body", "armed_force", "group", "organisation")
SELLERS = ("company", "state", "armed_force", "organisation", "government_body")


@dataclass(frozen=True, slots=True)
class Party:
    """An actor, or the words of the text where no actor is known."""

    name: str
    actor_id: str | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """A place where an actor is named: its tokens, its head word, and how it stands there."""

    start: int
    end: int
    head: Token
    actor: LocalActor
    form: str  # name, pronoun, nominal, adjective, person


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
def _verbs(role: str) -> frozenset[str]:
    return frozenset(r["term"] for r in reference.rows("payer_cues") if r["role"] == role)


@cache
def _country_names() -> dict[str, str]:
    return {row["alpha3"]: row["name"] for row in reference.rows("countries")}


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
                found.append(Candidate(first, last, words.doc[first:last].root, actor, mention.mention_type))
        taken = {i for c in found for i in range(c.start, c.end)}
        for hit in _adjectives().find(words):
            if hit.start not in taken and words.doc[hit.start].text[0].isupper():
                state = self.state(hit.label)
                found.append(Candidate(hit.start, hit.end, words.doc[hit.end - 1], state, "adjective"))
        self.candidates = sorted(found, key=lambda c: (c.start, c.end))
        self._starts = [c.start for c in self.candidates]
        self.headings = self._headings()
        self.main = self._main(title or "")
        self.paid: Counter[str] = Counter()

    def _main(self, title: str) -> LocalActor | None:
        """Return the state or bloc that the document is about: named most, as a subject, early, in the title."""
        weight: Counter[str] = Counter()
        opening = self.words.sentence(0)[1] if self.words.lower else 0
        for candidate in self.candidates:
            voice = self._voice(candidate.actor)
            if voice:
                weight[voice] += 2 if role_of(candidate.head)[0] in _SUBJECTS else 1
                weight[voice] += 1 if candidate.start < opening else 0
        for hit in _names().find(plain_words(self.words.doc.vocab, title)):
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
        return self.payer(before[-1].actor) if before else None

    def state(self, alpha3: str) -> LocalActor:
        """Return the state of that code, as the document knows it or by its name alone."""
        known = self.state_of.get(alpha3)
        return known or LocalActor(alpha3, _country_names().get(alpha3, alpha3), "state", alpha3)

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

    def payer(self, actor: LocalActor) -> LocalActor | None:
        """Return who pays where that actor is named: a minister or a parliament speaks for the state."""
        if actor.actor_type == "person":
            return self.state(actor.country) if actor.country else None
        if actor.actor_type == "government_body" and actor.country and not is_buyer(actor):
            return self.state(actor.country)
        return actor if actor.actor_type in PAYERS else None

    def party(self, actor: LocalActor) -> Party:
        """Return the actor as spending records name it."""
        return Party(actor.name, actor.actor_id if actor.actor_id in self.actors else None)


def is_buyer(actor: LocalActor) -> bool:
    """Return whether a government body buys for itself: defence ministries and procurement agencies do."""
    name = actor.name.lower()
    return any(word in name for word in _verbs("buyer"))


def find_spender(
    cast: Cast, site: Site, flow: str, previous: LocalActor | None, helped: LocalActor | None
) -> LocalActor | None:
    """Return who pays, None if the text does not say.

    `previous` is who paid for the figure before, if it stands in the same paragraph; `helped` is the state that the
    document's aid goes to.
    """
    scores: dict[str, float] = defaultdict(float)
    known: dict[str, LocalActor] = {}
    spine = {token.i: depth for depth, token in enumerate(site.path)}
    low, high = site.reach
    office = _contracting_office(cast, site)
    if office is not None:
        return office
    for candidate in cast.within(low, high):
        if candidate.start >= site.start and candidate.end <= site.end:
            continue
        actor = _as_payer(cast, candidate)
        if actor is None:
            continue
        score = _spender_score(cast, candidate, site, spine, flow)
        key = actor.actor_id
        known[key] = actor
        scores[key] = max(scores[key], score)
    main = cast.main
    gift = flow in ("aid", "loan")
    if gift and helped is not None and helped.actor_id in scores:
        scores[helped.actor_id] -= 1.5
    if main is not None and not (gift and helped is not None and main.actor_id == helped.actor_id):
        known.setdefault(main.actor_id, main)
        scores[main.actor_id] += 0.7
    for key, count in cast.paid.items():
        if key in known or flow == "procurement":
            known.setdefault(key, cast.actors[key])
            scores[key] += min(0.6, 0.2 * count)
    heading = cast.heading(site.start)
    if heading is not None:
        known.setdefault(heading.actor_id, heading)
        scores[heading.actor_id] += 2.0
    if previous is not None:
        known.setdefault(previous.actor_id, previous)
        scores[previous.actor_id] += 0.9
    if not scores:
        return None
    best = max(scores, key=lambda key: scores[key])
    if scores[best] < 0.5:
        return None
    if best in cast.actors:
        cast.paid[best] += 1
    return known[best]


def _as_payer(cast: Cast, candidate: Candidate) -> LocalActor | None:
    """Return who pays where the candidate stands.

    A ministry of defence pays itself where it is the one who buys or spends, else its state does; so do the armed
    forces. A group or an organisation pays only if the text says so with a verb of spending.
    """
    actor = candidate.actor
    role, governor = role_of(candidate.head)
    buys = role in ("nsubj", "agent") and governor is not None and governor.lemma_.lower() in _verbs("buy")
    if actor.actor_type in ("group", "organisation") and not buys:
        return None
    if actor.actor_type in ("government_body", "armed_force") and not buys and actor.country:
        return cast.state(actor.country)
    return cast.payer(actor)


_OFFICE = re.compile(
    r"^\W*(?:The\s+)?([A-Z][^,(]{2,80}?)\s*[,(].{0,120}?\b(?:is|are)\s+the\s+contracting\s+activit"
    r"|contracting\s+activity\s+is\s+(?:the\s+)?([A-Z][^,(]{2,80})",
    re.DOTALL,
)


def _contracting_office(cast: Cast, site: Site) -> LocalActor | None:
    """Return the office that a contract notice names: "Army Contracting Command, ..., is the contracting activity"."""
    words = cast.words
    last = words.paragraph(site.start)[1]
    last = min(last, site.start + 4 * REACH)
    for i in range(site.start, last - 1):
        if words.lower[i] == "contracting" and words.lower[i + 1] in ("activity", "activities"):
            start, end = words.sentence(i)
            line = words.text[words.starts[start] : words.starts[min(end, last) - 1]]
            match = _OFFICE.search(line)
            if match is None:
                return None
            name = (match[1] or match[2]).strip()
            at = words.starts[start] + line.index(name)
            first, after = words.tokens(at, at + len(name))
            known = [c for c in cast.within(first, first + 1) if c.form != "adjective" and c.end + 1 >= after]
            return known[0].actor if known else LocalActor("", name, "government_body")
    return None


_SUBJECTS = ("nsubj", "nsubjpass", "agent")


def _spender_score(cast: Cast, candidate: Candidate, site: Site, spine: dict[int, int], flow: str) -> float:
    head, person = candidate.head, candidate.actor.actor_type == "person"
    if not site.sentence[0] <= candidate.start < site.sentence[1]:
        if site.before[0] <= candidate.start < site.before[1]:
            subject = role_of(head)[0] in _SUBJECTS
            return (1.3 if subject else 0.6) * (0.6 if person else 1.0)
        if candidate.start < site.start:
            return 0.35
        return 0.05
    role, governor = role_of(head)
    owner = cast.owns(candidate)
    if owner is not None and (owner.actor_type == "company" or is_buyer(owner)):
        return 0.2
    score = 0.8 - min(abs(site.start - candidate.start), 40) / 80
    if candidate.start > site.start:
        score -= 0.3
    if governor is not None and governor.i in spine:
        depth = spine[governor.i]
        verb = governor.lemma_.lower()
        if role == "nsubj":
            score += 2.6 - 0.2 * depth
            if verb in _verbs("report"):
                score -= 1.4 if candidate.actor.actor_type in ("state", "bloc", "government_body", "person") else 3.0
            if verb in _verbs("sell"):
                score -= 2.5
        elif role == "agent":
            score += 2.0
        elif role == "nsubjpass":
            score += 0.3 if verb in _verbs("award") else 1.5
        elif role in ("poss", "compound", "amod", "nmod"):
            score += 1.8 - 0.1 * depth
        elif role in ("dative", "iobj"):
            score -= 1.5
    if role in ("poss", "amod", "compound") and candidate.form == "adjective":
        score += 0.5
    if role.startswith("prep:"):
        preposition = role[5:]
        if preposition in ("to", "for", "with", "against", "on"):
            score -= 1.2 if flow in ("aid", "procurement", "loan") else 0.2
        elif preposition in ("from",):
            score += -1.2 if flow == "procurement" else 0.8
        elif preposition == "by":
            score += 1.0
        elif preposition == "in":
            score -= 0.4
    if person:
        score -= 0.5
    elif candidate.actor.actor_type in ("group", "organisation"):
        score -= 0.6
    beside = site.segment[0] <= candidate.start and 0 <= site.start - candidate.end <= 2
    ahead = cast.words.lower[candidate.start - 1] if candidate.start else ""
    if beside and candidate.form == "name" and ahead not in ("to", "for", "from", "with", "of", "in", "by", "on"):
        score += 2.5
    return score


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
            if dep in ("poss", "amod", "compound", "nmod") and token.head.dep_ not in _SUBJECTS:
                return dep, token.head
            token = token.head
            continue
        return dep, token.head
    return "other", None


def find_recipient(
    cast: Cast, site: Site, flow: str, spender: LocalActor | None, helped: LocalActor | None
) -> Party | None:
    """Return who gets the money, the goods or the aid: an actor, the words of the text, or None.

    `helped` is the state that the document's aid goes to, if there is one.
    """
    if flow in ("aid", "loan"):
        return _helped(cast, site, spender, helped, flow)
    if flow == "procurement":
        return _seller(cast, site, spender)
    if flow == "budget":
        return _forces(cast, site)
    return None


def _forces(cast: Cast, site: Site) -> Party | None:
    for candidate in cast.within(*site.segment):
        if candidate.actor.actor_type == "armed_force":
            role, governor = role_of(candidate.head)
            if governor is not None and governor in site.path and role in ("nsubj", "dative", "prep:to", "prep:for"):
                return cast.party(candidate.actor)
    return None


def _helped(
    cast: Cast, site: Site, spender: LocalActor | None, helped: LocalActor | None, flow: str
) -> Party | None:
    best: tuple[float, Candidate] | None = None
    for candidate in cast.within(*site.sentence):
        actor = candidate.actor
        if actor.actor_type not in ("state", "bloc", "armed_force", "organisation") or actor == spender:
            continue
        role, _ = role_of(candidate.head)
        score = 0.2 - abs(site.start - candidate.start) / 100
        if role in ("prep:to", "prep:for", "dative", "iobj"):
            score += 1.5
        if role in ("poss", "compound", "amod"):
            score += 0.2
        if helped is not None and actor.actor_id == helped.actor_id:
            score += 0.8
        if candidate.form == "adjective":
            score -= 0.5
        if best is None or score > best[0]:
            best = score, candidate
    if best is not None and best[0] > 0.6:
        return cast.party(best[1].actor)
    if flow == "aid" and helped is not None and (spender is None or helped.actor_id != spender.actor_id):
        return cast.party(helped)
    return None


def _seller(cast: Cast, site: Site, spender: LocalActor | None) -> Party | None:
    best: tuple[float, Candidate] | None = None
    spine = {token.i for token in site.path}
    for span, factor in ((site.sentence, 1.0), (site.before, 0.55)):
        for candidate in cast.within(*span):
            actor = candidate.actor
            if actor.actor_type not in SELLERS or (spender and actor.actor_id == spender.actor_id):
                continue
            if actor.actor_type in ("government_body", "armed_force"):
                continue
            role, governor = role_of(candidate.head)
            verb = governor.lemma_.lower() if governor is not None else ""
            score = 0.5 if actor.actor_type == "company" else -0.3
            acts = _verbs("sell" if role == "nsubj" else "award" if role == "nsubjpass" else "")
            if role in ("prep:from", "prep:with", "prep:to", "agent") or verb in acts:
                score += 1.2
            elif governor is not None and governor.i in spine:
                score += 0.4
            if candidate.form == "adjective":
                score -= 0.6
            score = score * factor - abs(site.start - candidate.start) / 80
            if site.segment[0] <= candidate.start < site.segment[1]:
                score += 0.3
            if best is None or score > best[0]:
                best = score, candidate
    if best is not None and best[0] > 0.45:
        return cast.party(best[1].actor)
    return _awardee(cast, site) or _firms(cast, site)


_NAME = re.compile(r"[A-Z0-9][^,;(*]{2,80}(?:, (?:Inc|LLC|Ltd|Co|Corp)\.?)?")


def _awardee(cast: Cast, site: Site) -> Party | None:
    """Return who "is awarded" the contract, in the words of the text up to the first comma."""
    for token in site.path:
        if token.lemma_.lower() in _verbs("award"):
            subject = next((c for c in token.children if c.dep_ in ("nsubjpass", "nsubj")), None)
            if subject is None or subject.left_edge.i > site.start:
                return None
            start = subject.left_edge.idx
            match = _NAME.match(cast.words.text, start, site.figure.span.start)
            return Party(match[0].strip()) if match else None
    return None


def _firms(cast: Cast, site: Site) -> Party | None:
    """Return unnamed sellers in the words of the text: "domestic defence firms"."""
    for token in cast.words.doc[site.sentence[0] : site.sentence[1]]:
        if token.lemma_.lower() not in _verbs("firm") or token.dep_ != "pobj":
            continue
        if token.head.lower_ in ("with", "from", "to", "for", "by"):
            left = [t for t in token.lefts if t.dep_ in ("amod", "compound", "nummod", "poss", "nmod")]
            first = min([token.i, *(t.left_edge.i for t in left)])
            span = cast.words.doc[first : token.i + 1]
            return Party(span.text)
    return None


def is_given(cast: Cast, site: Site, helped: LocalActor | None) -> bool:
    """Return whether the figure's part of the sentence gives something to the state that the document's aid goes to."""
    if helped is None:
        return False
    for candidate in cast.within(*site.sentence):
        if candidate.actor == helped and role_of(candidate.head)[0] in ("prep:to", "prep:for", "dative"):
            return True
    return False


def helped_state(cast: Cast) -> LocalActor | None:
    """Return the state that is most often named as one to whom something is given."""
    votes: Counter[str] = Counter()
    for candidate in cast.candidates:
        if candidate.actor.actor_type in ("state", "bloc", "armed_force") and candidate.form != "adjective":
            role, _ = role_of(candidate.head)
            if role in ("prep:to", "prep:for", "dative"):
                votes[candidate.actor.actor_id] += 1
    if not votes:
        return None
    return cast.actors.get(votes.most_common(1)[0][0])
