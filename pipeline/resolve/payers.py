"""Who pays, and who gets the money, the goods or the aid.

Each mention of an actor, or an adjective such as "Polish", is an option, by its place in the parse and the kind of
actor; "the text does not say" is another. How much each feature counts is learned (`linear`). Whom a document names and
how is in `cast`; notices of contracts are read in `notices`.
"""

from __future__ import annotations

from collections import Counter
from functools import cache

from pipeline import reference
from pipeline.extract.records import LocalActor
from pipeline.resolve.cast import RECIPIENTS, SUBJECTS, Candidate, Cast, Party, is_buyer, verbs
from pipeline.resolve.cues import Site
from pipeline.resolve.flows import Before, is_target
from pipeline.resolve.linear import WORD, Features, Option
from pipeline.resolve.notices import awardee, contracting_office


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


def spender_options(scene: Scene) -> list[Option[LocalActor | None]]:
    """Return who may pay, and None."""
    cast, site, flow = scene.cast, scene.site, scene.flow
    office = contracting_office(cast, site)
    if office is not None:
        return [Option(office.actor_id or office.name, office, {"office": 1.0})]
    options: list[Option[LocalActor | None]] = []
    for candidate, place in scene.places:
        if site.start <= candidate.start and candidate.end <= site.end:
            continue
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


def recipient_options(scene: Scene, spender: LocalActor | None) -> list[Option[Party | None]]:
    """Return who may get the money, the goods or the aid: actors, words of the text, and None."""
    cast, site, flow, before, helped = scene.cast, scene.site, scene.flow, scene.before, scene.helped
    options: list[Option[Party | None]] = []
    for candidate, place in scene.places:
        actor = candidate.actor
        if actor.actor_type not in RECIPIENTS or (spender is not None and actor.actor_id == spender.actor_id):
            continue
        features = {f"kind {actor.actor_type}": 1.0} | place | scene.about(actor)
        features |= {f"{name} as {actor.actor_type}": value for name, value in place.items()}
        options.append(_getter(cast.party(actor), features, flow))
    for name, party in (("awardee", awardee(cast, site)), ("firms", _firms(cast, site))):
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


class Scene:
    """A figure with what is known of it, as the features of those who may pay or receive.

    `before` is the spending before it, `helped` the state that the document's aid goes to.
    """

    def __init__(self, cast: Cast, site: Site, flow: str, before: Before | None, helped: LocalActor | None) -> None:
        self.cast, self.site, self.flow, self.before, self.helped = cast, site, flow, before, helped
        self.spine = {token.i: depth for depth, token in enumerate(site.path)}
        self.share = float(site.is_share)
        self.gift = flow in ("aid", "loan")
        self.heading = cast.heading(site.start)
        self.places = [(candidate, self._place(candidate)) for candidate in cast.within(*site.reach)]

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
                found["though one is named"] = 1.0
                if candidate.role in SUBJECTS and candidate.governor is not None and candidate.governor.i in self.spine:
                    found["though one is its subject"] = 1.0
        return found

    def _place(self, candidate: Candidate) -> Features:
        """Return how a mention stands to the figure: where, in which role, under which verb."""
        site, cast, role, governor = self.site, self.cast, candidate.role, candidate.governor
        if not site.sentence[0] <= candidate.start < site.sentence[1]:
            if site.before[0] <= candidate.start < site.before[1]:
                return {f"where before{', subject' if role in SUBJECTS else ''}": 1.0}
            return {"where earlier" if candidate.start < site.start else "where later": 1.0}
        after = candidate.start >= site.end
        segment = site.segment[0] <= candidate.start < site.segment[1]
        found: Features = {
            f"where {'after' if after else 'ahead'} {'in' if segment else 'out of'} reach": 1.0,
            f"near {'after' if after else 'ahead'}": 1 / (1 + site.distance(candidate.start, candidate.end) / 8),
            f"form {candidate.form}": 1.0,
        }
        governs = governor is not None and governor.i in self.spine
        found[f"role {role}{' above it' if governs else ''}"] = 1.0
        found[f"role {role} for {self.flow}"] = 1.0
        if governs and governor is not None:
            found["height"] = self.spine[governor.i] / 5
        if governor is not None:
            verb = governor.lemma_.lower()
            if role in SUBJECTS:
                found |= {f"verb to {kind}, {role}": 1.0 for kind in _KINDS if verb in verbs(kind)}
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
    if not site.is_share or not is_target(cast.words, site):
        return None
    return cast.actors.get("nato") or LocalActor("nato", "NATO", "bloc")


def _firms(cast: Cast, site: Site) -> Party | None:
    """Return unnamed sellers in the words of the text: "domestic defence firms"."""
    for token in cast.words.doc[site.sentence[0] : site.sentence[1]]:
        if token.lemma_.lower() not in verbs("firm") or token.dep_ != "pobj":
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
        kind = "company" if candidate.actor.actor_type == "company" else "payer" if cast.payers(candidate.actor) else ""
        if kind:
            found[f"{kind} in the sentence"] = 1.0
            if candidate.role in SUBJECTS and candidate.governor is not None and candidate.governor in site.path:
                found[f"{kind} above it"] = 1.0
    return found


def is_given(cast: Cast, site: Site, helped: LocalActor | None) -> bool:
    """Return whether the figure's part of the sentence gives something to the state that the document's aid goes to."""
    if helped is None:
        return False
    for candidate in cast.within(*site.sentence):
        if candidate.actor == helped and candidate.role in ("prep:to", "prep:for", "dative"):
            return True
    return False


def helped_state(cast: Cast) -> LocalActor | None:
    """Return the state that is most often named as one to whom something is given, in the title above all."""
    votes: Counter[str] = Counter()
    for candidate in cast.candidates:
        if candidate.actor.actor_type in ("state", "bloc", "armed_force") and candidate.form != "adjective":
            role, governor = candidate.role, candidate.governor
            verb = governor.lemma_.lower() if governor is not None else ""
            if role in ("prep:to", "prep:for", "dative"):
                votes[candidate.actor.actor_id] += 2
            elif (role == "nsubj" and verb in verbs("get")) or (
                role in ("dobj", "nsubjpass") and verb in verbs("help")
            ):
                votes[candidate.actor.actor_id] += 1
    for state in cast.title_states:
        lead = cast.title_words.lemma[state.start - 1] if state.start else ""
        if lead in ("to", "for") or lead in verbs("help"):
            votes[state.label] += 4
    if not votes:
        return None
    return cast.actors.get(votes.most_common(1)[0][0])
