"""Who pays, and who gets the money, the goods or the aid.

Each mention of an actor, or an adjective such as "Polish", is an option, by its place in the parse and the kind of
actor; "the text does not say" is another. How much each feature counts is learned (`linear`). Which actor a name means
is decided in `actors`; here an actor is only chosen.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from spacy.tokens import Token

from pipeline import reference
from pipeline.extract.records import LocalActor, Mention
from pipeline.resolve.cues import REACH, Lexicon, Site, Words, plain_words
from pipeline.resolve.flows import Before, is_target
from pipeline.resolve.linear import WORD, Features, Option

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


@cache
def _tender() -> dict[str, str]:
    """Return the currency of each state, and the euro for the European Union."""
    return {row["alpha3"]: row["currency"] for row in reference.rows("countries")} | {"european-union": "EUR"}


@cache
def _issuers() -> dict[str, list[str]]:
    """Return the states of each currency that is the tender of few."""
    found: dict[str, list[str]] = {}
    for state, currency in _tender().items():
        found.setdefault(currency, []).append(state)
    return {currency: states for currency, states in found.items() if len(states) <= _FEW}


_FEW = 3
_SHARED = ("USD", "EUR")
"""Currencies in which others than those who issue them also reckon."""


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
                weight[voice] += 2 if role_of(candidate.head)[0] in _SUBJECTS else 1
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

    def payers(self, actor: LocalActor) -> list[tuple[str, LocalActor]]:
        """Return who may pay where that actor is named: itself, or the state that it serves."""
        served = [("state", self.state(actor.country))] if actor.country and actor.actor_type in _SERVANTS else []
        itself = [("itself", actor)] if actor.actor_type in PAYERS else []
        return served + itself

    def party(self, actor: LocalActor) -> Party:
        """Return the actor as spending records name it."""
        return Party(actor.name, actor.actor_id if actor.actor_id in self.actors else None)


def is_buyer(actor: LocalActor) -> bool:
    """Return whether a government body buys for itself: defence ministries and procurement agencies do."""
    return buys(actor.name)


def buys(name: str) -> bool:
    """Return whether a name is that of a body that buys arms."""
    return any(word in name.lower() for word in _verbs("buyer"))


def spender_options(
    cast: Cast, site: Site, flow: str, before: Before | None, helped: LocalActor | None
) -> list[Option[LocalActor | None]]:
    """Return who may pay, and None. `helped` is the state that the document's aid goes to."""
    scene = _Scene(cast, site, flow, before, helped)
    office = contracting_office(cast, site)
    if office is not None:
        return [Option(office.actor_id or office.name, office, {"office": 1.0})]
    options: list[Option[LocalActor | None]] = []
    for candidate in cast.within(*site.reach):
        if site.start <= candidate.start and candidate.end <= site.end:
            continue
        place = scene.place(candidate)
        for way, actor in cast.payers(candidate.actor):
            about = scene.about(actor)
            kind = _kind(candidate.actor) + (" for its state" if way == "state" else "")
            features = {f"kind {kind}": 1.0, f"kind {kind} for {flow}": 1.0} | place | about
            crossing = ("role", "where", "verb")
            features |= {f"{name} as {kind}": value for name, value in place.items() if name.startswith(crossing)}
            options.append(Option(actor.actor_id or actor.name, actor, features))
    elsewhere = scene.elsewhere()
    for name, other in (("main", cast.main), ("heading", scene.heading), ("target", _alliance(cast, site))):
        if other is not None:
            features = {f"by {name}": 1.0, f"by {name} for {flow}": 1.0} | scene.about(other) | elsewhere
            options.append(Option(other.actor_id, other, features))
    if site.figure.unit not in _SHARED:
        for issuer in _issuers().get(site.figure.unit, ()):
            features = {"by currency": 1.0, "by currency, named": float(issuer in cast.state_of)}
            options.append(Option(issuer, cast.state(issuer), features | scene.about(cast.state(issuer)) | elsewhere))
    for actor in cast.paid.values():
        options.append(
            Option(actor.actor_id or actor.name, actor, {"paid before": 1.0} | scene.about(actor) | elsewhere)
        )
    nobody = {"nobody": 1.0, f"nobody for {flow}": 1.0, "nobody for a share": scene.share}
    options.append(Option(None, None, nobody | elsewhere))
    return options


def _kind(actor: LocalActor) -> str:
    """Return the type of an actor, bodies that buy told from those that do not."""
    return "body that buys" if actor.actor_type == "government_body" and is_buyer(actor) else actor.actor_type


def recipient_options(
    cast: Cast, site: Site, flow: str, *, before: Before | None, helped: LocalActor | None, spender: LocalActor | None
) -> list[Option[Party | None]]:
    """Return who may get the money, the goods or the aid: actors, words of the text, and None."""
    scene = _Scene(cast, site, flow, before, helped)
    options: list[Option[Party | None]] = []
    for candidate in cast.within(*site.reach):
        actor = candidate.actor
        if actor.actor_type not in RECIPIENTS or (spender is not None and actor.actor_id == spender.actor_id):
            continue
        place = scene.place(candidate)
        features = {f"kind {actor.actor_type}": 1.0} | place | scene.about(actor)
        features |= {f"{name} as {actor.actor_type}": value for name, value in place.items()}
        options.append(_getter(cast.party(actor), features, flow))
    for name, party in (("awardee", _awardee(cast, site)), ("firms", _firms(cast, site))):
        if party is not None:
            options.append(_getter(party, {f"by {name}": 1.0}, flow))
    if helped is not None and (spender is None or helped.actor_id != spender.actor_id):
        options.append(_getter(cast.party(helped), {"by help": 1.0} | scene.about(helped), flow))
    for party in cast.received.values():
        again = before is not None and before.record.recipient == party.name
        near = f"received in the {before.near}" if again and before is not None else "received before"
        features = {near: 1.0, f"{near}, same flow": float(again and before is not None and before.record.flow == flow)}
        options.append(_getter(party, features, flow))
    nobody = {"nobody": 1.0, "nobody for a share": scene.share}
    if before is not None:
        nobody[f"nobody after {'one' if before.record.recipient else 'nobody'} in the {before.near}"] = 1.0
    options.append(_getter(None, nobody, flow))
    return options


def _getter(party: Party | None, features: Features, flow: str) -> Option[Party | None]:
    key = None if party is None else party.actor_id or party.name
    return Option(key, party, features | {f"{name} for {flow}": value for name, value in features.items()})


class _Scene:
    """A figure with what is known of it, as the features of those who may pay or receive."""

    def __init__(self, cast: Cast, site: Site, flow: str, before: Before | None, helped: LocalActor | None) -> None:
        self.cast, self.site, self.flow, self.before, self.helped = cast, site, flow, before, helped
        self.spine = {token.i: depth for depth, token in enumerate(site.path)}
        self.share = float(site.figure.kind == "percent")
        self.gift = flow in ("aid", "loan")
        self.heading = cast.heading(site.start)

    def about(self, actor: LocalActor) -> Features:
        """Return what speaks for an actor wherever it is named."""
        found: Features = {}
        main = self.cast.main
        if main is not None and main.actor_id == actor.actor_id:
            found["main"] = found[f"main for {self.flow}"] = 1.0
        if self.helped is not None and self.helped.actor_id == actor.actor_id:
            found["helped"] = found[f"helped by a {'gift' if self.gift else 'purchase'}"] = 1.0
        if self.heading is not None:
            found["of the heading" if self.heading.actor_id == actor.actor_id else "not of the heading"] = 1.0
        before = self.before
        if before is not None and before.record.spender == actor.name:
            found[f"paid in the {before.near}"] = 1.0
            found[f"paid for the {'same' if before.record.flow == self.flow else 'other'} flow"] = 1.0
        if before is not None and before.record.recipient == actor.name:
            found[f"got in the {before.near}"] = 1.0
        if self.share and actor.actor_id == "nato":
            found["alliance for a share"] = 1.0
        own, unit = _tender().get(actor.country or actor.actor_id), self.site.figure.unit
        if own is not None and not self.share:
            kind = "shared" if unit in _SHARED else "national"
            found[f"{'own' if own == unit else 'foreign'} {kind} currency"] = 1.0
            found[f"{'own' if own == unit else 'foreign'} {kind} currency for {self.flow}"] = 1.0
        return found

    def elsewhere(self) -> Features:
        """Return what speaks against those who are not named at the figure: that others are."""
        found: Features = {}
        for candidate in self.cast.within(*self.site.sentence):
            if self.cast.payers(candidate.actor):
                role, governor = role_of(candidate.head)
                found["though one is named"] = 1.0
                if role in _SUBJECTS and governor is not None and governor.i in self.spine:
                    found["though one is its subject"] = 1.0
        return found

    def place(self, candidate: Candidate) -> Features:
        """Return how a mention stands to the figure: where, in which role, under which verb."""
        site, cast, head = self.site, self.cast, candidate.head
        if not site.sentence[0] <= candidate.start < site.sentence[1]:
            subject = role_of(head)[0] in _SUBJECTS
            if site.before[0] <= candidate.start < site.before[1]:
                return {f"where before{', subject' if subject else ''}": 1.0}
            return {"where earlier" if candidate.start < site.start else "where later": 1.0}
        role, governor = role_of(head)
        after = candidate.start >= site.end
        distance = max(site.start - candidate.end, candidate.start - site.end, 0)
        segment = site.segment[0] <= candidate.start < site.segment[1]
        found: Features = {
            f"where {'after' if after else 'ahead'} {'in' if segment else 'out of'} reach": 1.0,
            f"near {'after' if after else 'ahead'}": 1 / (1 + distance / 8),
            f"form {candidate.form}": 1.0,
        }
        governs = governor is not None and governor.i in self.spine
        found[f"role {role}{' above it' if governs else ''}"] = 1.0
        found[f"role {role} for {self.flow}"] = 1.0
        if governs and governor is not None:
            found["height"] = self.spine[governor.i] / 5
        if governor is not None:
            verb = governor.lemma_.lower()
            if role in _SUBJECTS:
                found |= {f"verb to {kind}, {role}": 1.0 for kind in _KINDS if verb in _verbs(kind)}
                found[f"{role} of {verb}"] = WORD
            elif role.startswith("prep:") and governor.head.pos_ in ("VERB", "AUX", "NOUN"):
                found[f"{role} under {governor.head.lemma_.lower()}"] = WORD
        owner = cast.owns(candidate)
        if owner is not None:
            found["owner of a company" if owner.actor_type == "company" else "owner of a body"] = 1.0
        ahead = cast.words.lower[candidate.start - 1] if candidate.start else ""
        if segment and 0 <= site.start - candidate.end <= 2 and candidate.form == "name" and ahead not in _PREPOSITIONS:
            found["right ahead"] = 1.0
        return found


_KINDS = ("report", "sell", "award", "buy")
_PREPOSITIONS = ("to", "for", "from", "with", "of", "in", "by", "on")


def _alliance(cast: Cast, site: Site) -> LocalActor | None:
    """Return the alliance where a share of GDP is called a target, a pledge: what allies promise each other."""
    if site.figure.kind != "percent":
        return None
    if not is_target(cast.words, site):
        return None
    return cast.actors.get("nato") or LocalActor("nato", "NATO", "bloc")


_OFFICE = re.compile(
    r"^\W*(?:The\s+)?([A-Z][^,(]{2,80}?)\s*[,(].{0,120}?\b(?:is|are)\s+the\s+contracting\s+activit"
    r"|contracting\s+activity\s+is\s+(?:the\s+)?([A-Z][^,(]{2,80})",
    re.DOTALL,
)


def contracting_office(cast: Cast, site: Site) -> LocalActor | None:
    """Return the office that the notice around a figure names, read once."""
    if site.start not in cast.offices:
        cast.offices[site.start] = _read_office(cast, site)
    return cast.offices[site.start]


def _read_office(cast: Cast, site: Site) -> LocalActor | None:
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


_NAME = re.compile(r"[A-Z0-9][^,;(*]{2,80}(?:, (?:Inc|LLC|Ltd|Co|Corp)\.?)?")


def _awardee(cast: Cast, site: Site) -> Party | None:
    """Return who "is awarded" the contract, in the words of the text up to the first comma."""
    for token in site.path:
        if token.lemma_.lower() in _verbs("award"):
            subject = next((c for c in token.children if c.dep_ == "nsubjpass"), None)
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


def company(cast: Cast, site: Site) -> Features:
    """Return whether a company or a payer is the subject over a figure, as features of its being defence spending."""
    found: Features = {}
    for candidate in cast.within(*site.sentence):
        role, governor = role_of(candidate.head)
        kind = "company" if candidate.actor.actor_type == "company" else "payer" if cast.payers(candidate.actor) else ""
        if kind:
            found[f"{kind} in the sentence"] = 1.0
            if role in _SUBJECTS and governor is not None and governor in site.path:
                found[f"{kind} above it"] = 1.0
    return found


def is_given(cast: Cast, site: Site, helped: LocalActor | None) -> bool:
    """Return whether the figure's part of the sentence gives something to the state that the document's aid goes to."""
    if helped is None:
        return False
    for candidate in cast.within(*site.sentence):
        if candidate.actor == helped and role_of(candidate.head)[0] in ("prep:to", "prep:for", "dative"):
            return True
    return False


def helped_state(cast: Cast) -> LocalActor | None:
    """Return the state that is most often named as one to whom something is given, in the title above all."""
    votes: Counter[str] = Counter()
    for candidate in cast.candidates:
        if candidate.actor.actor_type in ("state", "bloc", "armed_force") and candidate.form != "adjective":
            role, governor = role_of(candidate.head)
            verb = governor.lemma_.lower() if governor is not None else ""
            if role in ("prep:to", "prep:for", "dative"):
                votes[candidate.actor.actor_id] += 2
            elif (role == "nsubj" and verb in _verbs("get")) or (
                role in ("dobj", "nsubjpass") and verb in _verbs("help")
            ):
                votes[candidate.actor.actor_id] += 1
    for state in cast.title_states:
        lead = cast.title_words.lemma[state.start - 1] if state.start else ""
        if lead in ("to", "for") or lead in _verbs("help"):
            votes[state.label] += 4
    if not votes:
        return None
    return cast.actors.get(votes.most_common(1)[0][0])
