"""Which kind of spending a figure is, how far it has come, and what the money buys.

Each of the first two is a choice among labels: the cues near the figure vote with their weights
(`seeds/reference/flow_cues.csv`, `status_cues.csv`), discounted by their distance. The item is read off the parse. Who
pays and who receives is in `payers`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from functools import cache
from itertools import pairwise

from spacy.tokens import Token

from pipeline import reference
from pipeline.resolve.cues import Hit, Lexicon, Site, Words


@cache
def _terms(role: str) -> frozenset[str]:
    return frozenset(r["term"] for r in reference.rows("item_cues") if r["role"] == role)


FLOW_ORDER = ("loan", "aid", "investment", "procurement", "budget")
STATUS_ORDER = ("signed", "approved", "proposed", "spent", "planned")


@cache
def flow_lexicon() -> Lexicon:
    """Return the cues of `flow_cues.csv`."""
    return Lexicon((r["term"], r["flow"], float(r["weight"])) for r in reference.rows("flow_cues"))


@cache
def status_lexicon() -> Lexicon:
    """Return the cues of `status_cues.csv`; the label is "status form"."""
    rows = [r for r in reference.rows("status_cues") if r["form"] != "stage"]
    return Lexicon((r["term"], f"{r['status']} {r['form']}", float(r["weight"])) for r in rows)


@cache
def stage_lexicon() -> Lexicon:
    """Return the cues of `status_cues.csv` for what has become of the document's subject as a whole."""
    rows = [r for r in reference.rows("status_cues") if r["form"] == "stage"]
    return Lexicon((r["term"], r["status"], float(r["weight"])) for r in rows)


def status_hits(words: Words) -> list[Hit]:
    """Return the cues for a status, those that are verbs read by their tense."""
    found = []
    for hit in status_lexicon().find(words):
        status, form = hit.label.split()
        if form != "any":
            token = words.doc[hit.start]
            if token.pos_ not in ("VERB", "AUX"):
                continue
            if form == "change" and (token.tag_ != "VBD" or _not_past(token, status)):
                continue
            if form == "past" and (other := _not_past(token, status)):
                status = other
        found.append(Hit(hit.start, hit.end, status, hit.weight, hit.term))
    return found


def _not_past(verb: Token, status: str) -> str | None:
    """Return what a verb of spending says if it is not in the past: a plan, or with "should" a proposal.

    The present counts as past for signing and approving, and for habits ("spends"), not for gifts ("gives 3 billion").
    """
    helpers = {child.lower_ for child in verb.children if child.dep_ in ("aux", "auxpass")}
    if helpers & DUTY:
        return "proposed"
    if helpers & FUTURE:
        return "planned"
    if status == "spent" and verb.lemma_ not in ("spend", "reach", "meet"):
        perfect = verb.tag_ == "VBD" or (verb.tag_ == "VBN" and not helpers & {"is", "are", "'s", "be"})
        return None if perfect else "planned"
    return "planned" if verb.tag_ == "VB" else None


FUTURE = frozenset(("will", "’ll", "'ll", "to", "shall", "would", "could", "may", "might"))
DUTY = frozenset(("should", "must", "ought"))


def votes(words: Words, site: Site, hits: list[Hit], *, governing: bool = False) -> dict[str, float]:
    """Return the votes for each label: of each term, only its nearest occurrence counts.

    With `governing`, verbs that govern the figure count more, and other verbs less.
    """
    above = {token.i: depth for depth, token in enumerate(site.path)} if governing else {}
    best: dict[tuple[str, str], float] = {}
    for hit in hits:
        near = site.nearness(hit.start)
        if near and not site.start <= hit.start < site.end:
            distance = max(site.start - hit.end, hit.start - site.end, 0)
            value = hit.weight * near / (1 + distance / 25)
            if governing and words.doc[hit.start].pos_ == "VERB":
                value *= 1.5 - 0.1 * min(above[hit.start], 8) if hit.start in above else 0.6
            key = (hit.term, hit.label)
            best[key] = max(best.get(key, 0.0), value)
    total: dict[str, float] = defaultdict(float)
    for (_, label), value in best.items():
        total[label] += value
    return total


def find_flow(
    words: Words,
    site: Site,
    hits: list[Hit],
    *,
    share: bool,
    theme: Mapping[str, float],
    given: bool,
    previous: str | None,
) -> str:
    """Return the kind of flow.

    `theme` is what the document's money mostly is, `given` says that it goes to the state that the document's aid goes
    to, `previous` is the flow of the record before in the same paragraph.
    """
    if share:
        near = words.lower[site.segment[0] : site.segment[1]]
        return "loan" if any(w in ("loan", "loans", "borrow", "financed") for w in near) else "budget"
    total = votes(words, site, hits)
    total["budget"] += 0.4
    for label, value in theme.items():
        total[label] += 1.5 * value
    if given:
        total["aid"] += 1.5
    if previous is not None:
        total[previous] += 1.0
    return max(FLOW_ORDER, key=lambda label: total.get(label, 0.0))


def find_theme(hits: list[Hit]) -> dict[str, float]:
    """Return the shares of the flows in all that a document says, its opening counted double."""
    theme: dict[str, float] = defaultdict(float)
    for hit in hits:
        theme[hit.label] += hit.weight * (2 if hit.start < OPENING else 1)
    total = sum(theme.values())
    return {label: value / total for label, value in theme.items()}


def find_status(
    words: Words,
    site: Site,
    hits: list[Hit],
    flow: str,
    *,
    share: bool,
    stage: Mapping[str, float],
    previous: str | None,
    ahead: int | None,
    own_budget: bool,
) -> str:
    """Return how far the spending has come.

    `ahead` is how many years after publication the period that the text names begins, None if it names none;
    `own_budget` that the period is, or may be, the year of the budget that the document is about.

    `stage` says how far the document's budget or programme as a whole has come, `previous` is the status of the record
    before in the same paragraph: a part has the status of its whole unless its own words say otherwise.
    """
    total = votes(words, site, hits, governing=True)
    for label, value in PRIOR.get(flow, {}).items():
        total[label] += value
    for label, value in stage.items():
        total[label] += (STAGE.get(flow, 1.0) + 2.0 * own_budget) * value
    if previous is not None:
        total[previous] += 1.0
    if ahead is not None and flow != "procurement":
        total["spent"] += 2.5 if ahead < 0 else -3 if ahead > 0 else 0
        total["planned"] += 2 if ahead > 1 else 0
    if _old_level(words, site):
        total["spent"] += 3
    if share:
        total["signed"] -= 5
    return max(STATUS_ORDER, key=lambda label: total.get(label, 0.0))


def _old_level(words: Words, site: Site) -> bool:
    """Return whether the figure is where a level comes from: "rise from 2.4 per cent to 3"."""
    lead = words.lower[max(site.segment[0], site.start - 3) : site.start]
    if any(pair in (("up", "from"), ("down", "from"), ("compared", "with")) for pair in pairwise(lead)):
        return True
    return "from" in lead and bool({t.lemma_.lower() for t in site.path[:3]} & _terms("level"))


PRIOR: dict[str, dict[str, float]] = {
    "procurement": {"signed": 0.8},
    "aid": {"planned": 1.0},
    "budget": {"signed": -3.0, "approved": 0.3},
    "loan": {"planned": 1.5},
    "investment": {"signed": -0.5},
}
"""What a status is given before anything is read, by flow."""


STAGE = {"budget": 2.0, "investment": 1.5, "procurement": 1.2, "aid": 0.3}
"""How much the stage of the document's subject counts, by flow."""


def find_stage(words: Words, title: Words | None) -> dict[str, float]:
    """Return how far the document's own subject has come, by its title and opening: proposed, approved or signed."""
    stage: dict[str, float] = defaultdict(float)
    for text, weight in ((title, 2.0), (words, 1.0)):
        if text is not None:
            for hit in stage_lexicon().find(text, 0, min(OPENING, len(text.lower))):
                stage[hit.label] += weight * hit.weight / (1 + hit.start / 60)
    total = max(2.0, sum(stage.values()))
    return {label: value / total for label, value in stage.items()}


OPENING = 120
"""Words of a document that tell its news."""


_STOP_DEPS = {"relcl", "acl", "advcl", "parataxis", "appos"}
_TAIL = 14


def find_item(words: Words, site: Site, flow: str) -> tuple[int, int] | None:
    """Return the token range of what is bought or funded, without article, or None."""
    doc = words.doc
    low, high = site.segment
    purpose = next(
        (t for t in doc[site.end : high] if t.lower_ in ("for", "on") and t.dep_ in ("prep", "dative")), None
    )
    if flow != "budget":
        worth = doc[site.end : min(high, site.end + 3)]
        of = next((t for t in worth if t.lower_ in ("of", "in") and t.dep_ == "prep"), None)
        if of is not None and (noun := _object(of)) is not None:
            return _phrase(noun, site)
        for token in site.path:
            if token.lemma_.lower() in _terms("shop"):
                thing = next((c for c in token.children if c.dep_ in ("dobj", "nsubjpass")), None)
                if thing is not None and not site.start <= thing.i < site.end and thing.pos_ in ("NOUN", "PROPN"):
                    return _phrase(thing, site)
                break
    if purpose is not None and (noun := _object(purpose)) is not None and noun.ent_type_ not in ("GPE", "DATE"):
        return _phrase(noun, site)
    if flow != "budget":
        lead = next((t for t in reversed(doc[max(low, site.start - 25) : site.start]) if t.lower_ == "for"), None)
        if lead is not None and (noun := _object(lead)) is not None and noun.ent_type_ not in ("GPE", "DATE"):
            return _phrase(noun, site)
    return _kind_of_contract(site) if flow == "procurement" else None


def _kind_of_contract(site: Site) -> tuple[int, int] | None:
    """Return the goods in a name like "arms supply contracts"."""
    for token in site.path[:4]:
        if token.lemma_.lower() in _terms("contract"):
            goods = [c for c in token.lefts if c.dep_ == "compound" and c.pos_ == "NOUN"]
            goods += [c for good in goods for c in good.lefts if c.dep_ == "compound" and c.pos_ == "NOUN"]
            goods = [c for c in goods if not site.start <= c.i < site.end]
            named = [c.i for c in goods if c.lemma_.lower() not in _terms("no_goods")]
            return (min(named), min(named) + 1) if named else None
    return None


def _object(preposition: Token) -> Token | None:
    return next((c for c in preposition.children if c.dep_ in ("pobj", "pcomp")), None)


def _phrase(noun: Token, site: Site) -> tuple[int, int] | None:
    """Return the noun phrase around a noun: its modifiers and "of" complements, no relative clause, no article."""
    first, last = noun.i, noun.i
    stack = [noun]
    budget = 40
    while stack and budget:
        token = stack.pop()
        budget -= 1
        for child in token.children:
            if child.dep_ in _STOP_DEPS or child.dep_ == "punct":
                continue
            if child.dep_ == "prep" and child.lower_ not in ("of", "for", "on", "at", "in"):
                continue
            if abs(child.i - noun.i) > _TAIL or site.start <= child.i < site.end:
                continue
            stack.append(child)
            first, last = min(first, child.i), max(last, child.i)
    if first <= site.start < last:
        first, last = (noun.i, last) if noun.i >= site.end else (first, min(last, site.start - 1))
    doc = noun.doc
    while first < last and doc[first].lower_ in ("a", "an", "the", "its", "their", "his", "her", "our", ","):
        first += 1
    while last > first and (doc[last].is_punct or doc[last].dep_ in ("prep", "cc", "case")):
        last -= 1
    return first, last + 1
