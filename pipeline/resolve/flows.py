"""Which kind of spending a figure is, and how far it has come.

Each is a choice among labels. What speaks for a label are the cue words near the figure
(`seeds/reference/flow_cues.csv`, `status_cues.csv`), discounted by their distance; the verb that governs it with its
tense; what the document is about; and what the figure before was. How much each counts is learned (`linear`). Who pays
and who receives is in `payers`, what is bought in `items`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

from spacy.tokens import Token

from pipeline import reference
from pipeline.extract.records import Spending
from pipeline.resolve import grammar
from pipeline.resolve.cues import Hit, Lexicon, Site, Words
from pipeline.resolve.linear import WORD, Features, Option, crossed
from pipeline.tables import FLOWS, STATUSES

OPENING = 120
"""Words of a document that tell its news."""
_MOST = 2.0
"""Votes of cues are counted up to this many, in units of three."""


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


@cache
def _level_verbs() -> frozenset[str]:
    return frozenset(r["term"] for r in reference.rows("item_cues") if r["role"] == "level")


@dataclass(frozen=True, slots=True)
class Before:
    """The figure before that was spending: its record, and what holds both: the sentence, paragraph or document."""

    record: Spending
    near: str


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
    if helpers & grammar.DUTY:
        return "proposed"
    if helpers & (grammar.FUTURE | grammar.MODAL | {"to"}):
        return "planned"
    if status == "spent" and verb.lemma_ not in ("spend", "reach", "meet"):
        perfect = verb.tag_ == "VBD" or (verb.tag_ == "VBN" and not helpers & {"is", "are", "'s", "be"})
        return None if perfect else "planned"
    return "planned" if verb.tag_ == "VB" else None


def votes(words: Words, site: Site, hits: list[Hit], *, governing: bool = False) -> Features:
    """Return the votes for each label: of each term, only its nearest occurrence counts.

    With `governing`, verbs that govern the figure count more, and other verbs less.
    """
    above = {token.i: depth for depth, token in enumerate(site.path)} if governing else {}
    best: dict[tuple[str, str], float] = {}
    for hit in hits:
        near = site.nearness(hit.start)
        if near and not site.start <= hit.start < site.end:
            value = hit.weight * near / (1 + site.distance(hit.start, hit.end) / 25)
            if governing and words.doc[hit.start].pos_ == "VERB":
                value *= 1.5 - 0.1 * min(above[hit.start], 8) if hit.start in above else 0.6
            key = (hit.term, hit.label)
            best[key] = max(best.get(key, 0.0), value)
    total: dict[str, float] = defaultdict(float)
    for (_, label), value in best.items():
        total[f"cues {label}"] += value / 3
    return {label: min(_MOST, value) for label, value in total.items()}


def surroundings(site: Site) -> Features:
    """Return what the parse says around a figure, for any decision on it."""
    verb, noun = grammar.governing_verb(site.path), grammar.governing_noun(site.path)
    main = grammar.root(site.path[-1]) if site.path else None
    found = {f"tense {grammar.tense(verb)}": 1.0}
    if verb is not None:
        found[f"verb {verb.lemma_.lower()}"] = WORD
        if grammar.is_passive(verb):
            found["passive"] = 1.0
    if noun is not None:
        found[f"noun {noun.lemma_.lower()}"] = WORD
    if main is not None and main is not verb:
        found[f"main tense {grammar.tense(main)}"] = 1.0
        found[f"main verb {main.lemma_.lower()}"] = WORD
    if site.figure.qualifier:
        found[f"qualifier {site.figure.qualifier.lower()}"] = WORD
    return found


def flow_options(
    words: Words,
    site: Site,
    hits: list[Hit],
    *,
    theme: Mapping[str, float],
    given: bool,
    before: Before | None,
) -> list[Option[str]]:
    """Return the kinds of flow with what speaks for each.

    `theme` is what the document's money mostly is, `given` says that the figure goes to the state that the document's
    aid goes to.
    """
    near = words.lower[site.segment[0] : site.segment[1]]
    features = votes(words, site, hits) | surroundings(site)
    features |= {f"theme {label}": value for label, value in theme.items()}
    features |= {"share": float(site.is_share), "given": float(given)}
    features["lent"] = float(any(word in _LENT for word in near))
    if before is not None:
        features[f"before {before.record.flow} in the {before.near}"] = 1.0
    return [Option(label, label, crossed(label, features)) for label in FLOWS]


_LENT = frozenset(("loan", "loans", "borrow", "borrowed", "borrowing", "lend", "lent", "financed"))


def find_theme(hits: list[Hit]) -> dict[str, float]:
    """Return the shares of the flows in all that a document says, its opening counted double."""
    theme: dict[str, float] = defaultdict(float)
    for hit in hits:
        theme[hit.label] += hit.weight * (2 if hit.start < OPENING else 1)
    total = sum(theme.values())
    return {label: value / total for label, value in theme.items()}


def status_options(
    words: Words,
    site: Site,
    hits: list[Hit],
    flow: str,
    *,
    stage: Mapping[str, float],
    before: Before | None,
    ahead: int | None,
    whose: str,
) -> list[Option[str]]:
    """Return the stages of a decision with what speaks for each.

    `stage` says how far the document's budget or programme as a whole has come; `ahead` how many years after
    publication the period that the text names begins, None if it names none; `whose` budget
    that period belongs to: the document's "own", "another year's", or "no year's" where neither is named.
    """
    features = votes(words, site, hits, governing=True) | surroundings(site)
    features |= {f"stage {label} of {whose} budget": 2 * value for label, value in stage.items()}
    features |= {f"stage {label} of {flow}": 2 * value for label, value in stage.items()}
    features["a target"] = features["a target of shares"] = float(is_target(words, site))
    features["a target of shares"] *= site.is_share
    features |= {f"flow {flow}": 1.0, "share": float(site.is_share), "old level": float(_old_level(words, site))}
    when = _when(ahead)
    features |= {f"year {when}": 1.0, f"year {when} of {flow}": 1.0}
    if before is not None:
        features[f"before {before.record.status} in the {before.near}"] = 1.0
        if before.record.flow == flow:
            features[f"before {before.record.status} of the same flow"] = 1.0
    return [Option(label, label, crossed(label, features)) for label in STATUSES]


def _when(ahead: int | None) -> str:
    """Return in a word how many years after publication a period begins."""
    if ahead is None:
        return "unknown"
    if ahead < 0:
        return "past"
    return {0: "now", 1: "next"}.get(ahead, "later")


def is_target(words: Words, site: Site) -> bool:
    """Return whether words near a figure call it a target, a pledge, a benchmark."""
    low, high = max(site.sentence[0], site.start - 8), min(site.sentence[1], site.end + 8)
    return not _targets().isdisjoint(words.lemma[low:high])


@cache
def _targets() -> frozenset[str]:
    return frozenset(r["term"] for r in reference.rows("item_cues") if r["role"] == "target")


def _old_level(words: Words, site: Site) -> bool:
    """Return whether the figure is where a level comes from: "rise from 2.4 per cent to 3"."""
    lead = words.lower[max(site.segment[0], site.start - 3) : site.start]
    if any(pair in (("up", "from"), ("down", "from"), ("compared", "with")) for pair in pairwise(lead)):
        return True
    return "from" in lead and bool({t.lemma_.lower() for t in site.path[:3]} & _level_verbs())


def find_stage(words: Words, title: Words | None) -> dict[str, float]:
    """Return how far the document's own subject has come, by its title and opening: proposed, approved or signed."""
    stage: dict[str, float] = defaultdict(float)
    for text, weight in ((title, 2.0), (words, 1.0)):
        if text is not None:
            for hit in stage_lexicon().find(text, 0, min(OPENING, len(text.lower))):
                stage[hit.label] += weight * hit.weight / (1 + hit.start / 60)
    total = max(2.0, sum(stage.values()))
    return {label: value / total for label, value in stage.items()}
