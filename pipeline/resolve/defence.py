"""Is this figure defence spending at all?

A figure is weighed by the words around it (`seeds/reference/defence_terms.csv`: arms and budgets for it, turnover,
civilian aid, taxes and prices against it), the nearer the heavier, by the grammar around it and by how much of the
document is about defence. How much each counts is learned (`linear`). What kind of spending it is, and whose, is
decided elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

from pipeline import reference
from pipeline.extract.records import Figure, Span
from pipeline.resolve.cues import Hit, Lexicon, Site, Words
from pipeline.resolve.linear import WORD, Features, Option

GDP = re.compile(
    r"\s*(?:of\s+(?:(?:its|their|the|our|national|annual|country[’']s|joint|combined|total)\s+){0,3}"
    r"(?:GDP|gross\s+domestic\s+product|GNP|national\s+income|economic\s+output|GNI)\b)"
)
"""What follows a share of national output."""

SMALL = 100_000
"""Below this many units of any currency a sum is a price or a wage."""
LARGEST_SHARE = 12.0
"""Percent of GDP; a bare percentage above it is a share of something else."""
_OTHER_SHARE = re.compile(
    r"\s*(?:of\s+(?!(?:GDP|gross|its GDP|national))|(?:more|less|higher|lower|up|down|above|below)\b"
    r"|(?:increase|rise|fall|growth|stake|cut|tax)\b)"
)
_CHANGE = re.compile(
    r"\b(?:by|grow(?:s|n|th)?|up|grew|down|inflation|unemployment|deficit|debt|rate|tax|interest|of|than)"
    r"\s+(?:\w+\s+){0,2}$"
)


@cache
def lexicon() -> Lexicon:
    """Return the terms of `defence_terms.csv`."""
    return Lexicon((r["term"], r["topic"], float(r["weight"])) for r in reference.rows("defence_terms"))


@dataclass(frozen=True, slots=True)
class Topic:
    """What a document is about: its cues, and the weight with which it is about defence (0 to 1)."""

    hits: tuple[Hit, ...]
    defence: float
    title: float


def read_topic(words: Words, title_words: Words | None) -> Topic:
    """Return the topic of a document."""
    hits = tuple(lexicon().find(words))
    strong = sum(1 for hit in hits if hit.weight >= 2)
    letters = max(1, sum(1 for word in words.lower if word[:1].isalpha()))
    title = 0.0
    if title_words is not None:
        title = sum(hit.weight for hit in lexicon().find(title_words))
    return Topic(hits, min(1.0, strong / letters * 25), max(-2.0, min(2.0, title)))


def features(site: Site, hits: Sequence[Hit], topic: Topic) -> Features:
    """Return the features of a figure that its surroundings decide.

    `for` and `against` sum up the terms near it; of each term only its heaviest occurrence counts.
    """
    best: dict[str, float] = {}
    for hit in hits:
        near = site.nearness(hit.start)
        if near and not site.start <= hit.start < site.end:
            if hit.weight < 0 and near < 0.9:
                near *= 0.5
            value = hit.weight * near / (1 + site.distance(hit.start, hit.end) / 30)
            if abs(value) > abs(best.get(hit.term, 0.0)):
                best[hit.term] = value
    figure = site.figure
    size = max(figure.low or 0.0, figure.high or 0.0)
    strongest = max((h.weight for h in hits if site.sentence[0] <= h.start < site.sentence[1]), default=0.0)
    found = {
        "any": 1.0,
        "no term of defence in the sentence": float(strongest < 1),
        "no strong term of defence in the sentence": float(strongest < 2),
        "no strong term of defence in the document": float(topic.defence == 0 and topic.title <= 0),
        "for": _fading(v for v in best.values() if v > 0),
        "against": -_fading(-v for v in best.values() if v < 0),
        "document": topic.defence,
        "title": topic.title,
    }
    if figure.kind == "money":
        found["money"] = 1.0
        found["small"] = float(size < SMALL)
        found["exact to the unit"] = float(size >= 1000 and size % 1000 != 0)
    return found


def _fading(weights: Iterable[float]) -> float:
    """Return the sum of weights, the heaviest whole and each further one for less: a list of goods is one thing."""
    return sum(weight * FADE**i for i, weight in enumerate(sorted(weights, reverse=True)))


FADE = 0.7
"""What a further term counts beside a heavier one."""


def options(values: Features) -> list[Option[bool]]:
    """Return that a figure is defence spending, with what speaks for it, and that it is none."""
    return [Option(True, True, values), Option(False, False, {})]


def around(words: Words, site: Site) -> Features:
    """Return the words right before and after a figure as features."""
    found: Features = {}
    for offset, index in (("next", site.end), ("last", site.start - 1)):
        if site.sentence[0] <= index < site.sentence[1] and words.lemma[index].strip():
            found[f"{offset} word {words.lemma[index]}"] = WORD
    return found


def share_span(text: str, site: Site) -> Span | None:
    """Return the span of a percentage with its "of GDP", or None where that does not follow."""
    match = GDP.match(text, site.figure.span.end)
    return Span(site.figure.span.start, match.end()) if match else None


SHARES = re.compile(r"\bGDP\b|gross domestic product|national income|economic output|\bNATO\b|\bNato\b")
"""A document without any of these does not speak of shares of GDP, and a bare percentage in it is something else."""


def possible(text: str, places: Iterable[Site]) -> list[Site]:
    """Return the places of the figures whose form alone does not rule out that they are spending."""
    speaks_of_shares = SHARES.search(text) is not None
    return [site for site in places if speaks_of_shares or not site.is_share or share_span(text, site) is not None]


def is_share(text: str, figure: Figure) -> bool:
    """Return whether a percentage is, or may stand for, a share of GDP: small, no change, no part of something else."""
    if figure.kind != "percent":
        return False
    if GDP.match(text, figure.span.end):
        return True
    size = max(figure.low or 0.0, figure.high or 0.0)
    if size > LARGEST_SHARE or _OTHER_SHARE.match(text, figure.span.end):
        return False
    return not _CHANGE.search(text, max(0, figure.span.start - 30), figure.span.start)


def share_like(words: Words, site: Site) -> Features:
    """Return what speaks for a bare percentage being a share of GDP: its size, and GDP in the sentence."""
    low, high = max(site.sentence[0], site.start - 40), min(site.sentence[1], site.end + 40)
    size = max(site.figure.low or 0.0, site.figure.high or 0.0)
    return {
        "output in the sentence": float("gdp" in words.lower[low:high]),
        "size of a share": float(1 <= size <= 5),
    }


_OBLIGATES = frozenset(("obligate", "obligated"))


def is_obligation(words: Words, site: Site) -> bool:
    """Return whether the sentence obligates funds: a step of its own, also where the contract names the same sum."""
    return not _OBLIGATES.isdisjoint(words.lemma[site.sentence[0] : site.sentence[1]])


def part(text: str, figure: Figure) -> str:
    """Return what a figure is told to be the part of: the word before its bracket, and the number of its list item.

    "for Japan ($65,118) and Norway ($65,118)" are two sums, and so are "(1) $5 million …" and "(2) $5 million …".
    """
    line = text.rfind("\n", max(0, figure.span.start - REACH), figure.span.start) + 1
    bracket = _BRACKETED.search(text, max(0, figure.span.start - 40), figure.span.start)
    item = _ITEM.match(text, line) if line else None
    return f"{bracket[1] if bracket else ''} {item[1] if item else ''}"


REACH = 1000
"""Characters back in which the line of a figure begins; it bounds the work on lines without an end."""
_BRACKETED = re.compile(r"(\w+)\s*\($")
_ITEM = re.compile(r"\W{0,3}(\d{1,2}|[a-z])[.)]\s")
_CONVERTS = re.compile(
    r"\s*[(\[,;–—-]\s*(?:or|i\.e\.|that is|equivalent to|equal to|about|around|the equivalent of|US)?\s*|\s+or\s+"
)


def without_conversions(text: str, figures: Sequence[Figure]) -> list[Figure]:
    """Return the figures without those that only give the sum before in another currency: "(about $3 billion)"."""
    kept: list[Figure] = []
    for figure in figures:
        last = kept[-1] if kept else None
        if last is not None and last.kind == figure.kind == "money" and last.unit != figure.unit:
            between = text[last.span.end : figure.span.start]
            if len(between) <= 30 and _CONVERTS.fullmatch(between):
                continue
        kept.append(figure)
    return kept
