"""Is this figure defence spending at all?

A figure is weighed by the words around it (`seeds/reference/defence_terms.csv`: arms and budgets for it, turnover,
civilian aid, taxes and prices against it), the nearer the heavier, and by how much of the document is about defence.
What kind of spending it is, and whose, is decided elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from pipeline import reference
from pipeline.extract.records import Figure, Span
from pipeline.resolve.cues import Hit, Lexicon, Site, Words

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


WEIGHTS: Mapping[str, float] = {
    "bias": -1.0,
    "for": 0.6,
    "against": 0.7,
    "document": 2.0,
    "title": 0.35,
    "same_sentence": 0.8,
    "same_paragraph": 0.4,
    "small": -2.5,
    "gdp": 1.5,
    "bare_percent": -1.5,
    "share_before": 1.5,
}
"""How much each feature of a figure speaks for defence spending; the sum is compared with 0."""


def features(site: Site, hits: Sequence[Hit], topic: Topic) -> dict[str, float]:
    """Return the features of a figure that its surroundings decide (see `WEIGHTS`).

    `for` and `against` are sums over the terms near it; of each term only its heaviest occurrence counts.
    """
    best: dict[str, float] = {}
    for hit in hits:
        near = site.nearness(hit.start)
        if near and not site.start <= hit.start < site.end:
            distance = max(site.start - hit.end, hit.start - site.end, 0)
            if hit.weight < 0 and near < 0.9:
                near *= 0.5
            value = hit.weight * near / (1 + distance / 30)
            if abs(value) > abs(best.get(hit.term, 0.0)):
                best[hit.term] = value
    figure = site.figure
    size = max(figure.low or 0.0, figure.high or 0.0)
    return {
        "bias": 1.0,
        "for": min(6.0, sum(v for v in best.values() if v > 0)),
        "against": max(-6.0, sum(v for v in best.values() if v < 0)),
        "document": topic.defence,
        "title": topic.title,
        "small": float(figure.kind == "money" and size < SMALL),
    }


def weigh(values: Mapping[str, float]) -> float:
    """Return the weighted sum of features; above 0 speaks for defence spending."""
    return sum(WEIGHTS[name] * value for name, value in values.items())


def share_span(text: str, site: Site) -> Span | None:
    """Return the span of a percentage with its "of GDP", or None where that does not follow."""
    match = GDP.match(text, site.figure.span.end)
    return Span(site.figure.span.start, match.end()) if match else None


SHARES = re.compile(r"\bGDP\b|gross domestic product|national income|economic output|\bNATO\b|\bNato\b")
"""A document without any of these does not speak of shares of GDP, and a bare percentage in it is something else."""


def may_be_share(text: str, site: Site) -> bool:
    """Return whether a bare percentage may stand for a share of GDP: small, no change and no part of something else."""
    figure = site.figure
    size = max(figure.low or 0.0, figure.high or 0.0)
    if size > LARGEST_SHARE or _OTHER_SHARE.match(text, figure.span.end):
        return False
    return not _CHANGE.search(text, max(0, figure.span.start - 30), figure.span.start)


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
