"""The years that a sum of money covers, read from the words around it and the day of publication.

Each year, range of years or phrase such as "next year" near a figure is an option, and so are the year of the budget
that the document is about, the period of the figure before, and none: years of signing or of delivery are no period.
How much each feature counts is learned (`linear`). Fiscal years written "2025/26" or "2025-26" are two years.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from pipeline.resolve.cues import Site, Words
from pipeline.resolve.flows import Before
from pipeline.resolve.linear import Features, Option

_YEAR = r"(?:19[5-9]\d|20\d\d)"
_RANGE = re.compile(rf"\b({_YEAR})\s?(?:[-–—/]|to|until|through|and)\s?({_YEAR}|\d\d)\b(?!\s?(?:per|%))", re.IGNORECASE)
_SINGLE = re.compile(rf"\b({_YEAR})\b")
_RELATIVE = re.compile(
    r"\b(?P<whole>this|next|last|the current|the present|the coming|the past|the previous|the following|previous)\s+"
    r"(?:(?:fiscal|financial|budget|calendar)\s+)?year\b"
    r"|\b(?P<before>a year (?:ago|earlier|before))\b|\b(?P<ago>five|four|three|two|ten) years ago\b"
    r"|\b(?P<now>today|currently|at present|now|so far)\b",
    re.IGNORECASE,
)
_SHIFT = {"this": 0, "the current": 0, "the present": 0, "next": 1, "the coming": 1, "the following": 1}
_SHIFT |= {"last": -1, "the past": -1, "previous": -1, "the previous": -1}
_AGO = {"two": -2, "three": -3, "four": -4, "five": -5, "ten": -10}
_MONTH = re.compile(
    r"(?:January|February|March|April|May|June|July|August|September|October|November|December)(?:\s+\d{1,2},?)?\s*$"
)
_FISCAL = re.compile(
    r"\b(?:fiscal|financial|budget)\s+(?:years?\s+)?$|\bbudgets?\s+(?:for|in|of)\s+$|\bFY\s?$", re.IGNORECASE
)
_BUDGET = re.compile(r"(?:['’]s)?\s+(?:\w+\s+){0,2}(?:budget|draft|programme|plan)\b", re.IGNORECASE)
_LEAD = re.compile(
    r"([A-Za-z]+)\s+(?:(?:the|its|their|early|late|mid|end|of|year|years|fiscal|financial|\w+’s|\w+'s)\s+){0,3}$"
)
_TURN = re.compile(r";|\b(?:while|whereas|against|after|from|compared|than|although|up from|twice)\b", re.IGNORECASE)
_BULLETS = {"•", "–", "-", "*", "·"}
_LEADS = {
    "in", "by", "for", "since", "until", "of", "from", "to", "between", "before", "after", "during", "over", "through",
    "on", "than", "signed", "ordered",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Expression:
    """Words that name years: characters `start` to `end`, the period they mean, and how they say it."""

    start: int
    end: int
    period: str
    form: str  # range, fiscal, month, year, this, next, last, ago, now


def expressions(text: str, low: int, high: int, published_on: date | None) -> Iterator[Expression]:
    """Yield what names years between two characters of a text, in text order of each form."""
    taken: list[tuple[int, int]] = []
    for match in _RANGE.finditer(text, low, high):
        first = int(match[1])
        last = int(match[2]) if len(match[2]) == 4 else first // 100 * 100 + int(match[2])
        if first < last <= first + 40:
            taken.append(match.span())
            form = "fiscal" if last == first + 1 else "range"
            yield Expression(*match.span(), f"{first}-{last}", form)
    for match in _SINGLE.finditer(text, low, high):
        if any(start <= match.start() < end for start, end in taken):
            continue
        lead = text[max(low, match.start() - 40) : match.start()]
        fiscal = _FISCAL.search(lead) or _BUDGET.match(text, match.end())
        form = "fiscal" if fiscal else "month" if _MONTH.search(lead) else "year"
        yield Expression(*match.span(), match[1], form)
    if published_on is None:
        return
    for match in _RELATIVE.finditer(text, low, high):
        if match["whole"]:
            shift = _SHIFT[match["whole"].lower()]
            form = {0: "this", 1: "next", -1: "last"}[shift]
        else:
            shift = 0 if match["now"] else -1 if match["before"] else _AGO[match["ago"].lower()]
            form = "now" if match["now"] else "ago"
        yield Expression(*match.span(), str(published_on.year + shift), form)


def period_options(
    words: Words,
    site: Site,
    published_on: date | None,
    *,
    flow: str,
    status: str,
    known: Mapping[str, str],
    before: Before | None,
) -> list[Option[str | None]]:
    """Return the periods that a figure may be for, and None. `known` are those that the document is about, by name."""
    kinds = [f"for {flow}", f"when {status}"]
    kinds += ["for a share"] if site.is_share else []
    kinds += ["in a list"] if words.lower[site.paragraph[0]] in _BULLETS else []
    options: list[Option[str | None]] = []
    text = words.text
    for place, (first, last) in (("here", site.sentence), ("before", site.before)):
        low, high = _char(words, first), _char(words, last)
        for found in expressions(text, low, high, published_on):
            features = _features(words, site, found, place)
            features |= {f"{name}, {found.period == period}": 1.0 for name, period in known.items()}
            options.append(Option(found.period, found.period, _each(features, kinds)))
    unsaid: dict[str | None, Features] = defaultdict(dict, {None: {"none": 1.0}})
    for name, about in known.items():
        unsaid[about][name] = 1.0
    if before is not None:
        same = before.record.flow == flow, before.record.status == status
        unsaid[before.record.period][f"again in the {before.near}"] = 1.0
        unsaid[before.record.period][f"again, same flow {same[0]} and status {same[1]}"] = 1.0
    if published_on is not None:
        unsaid[str(published_on.year)]["this year without a word"] = 1.0
    for period, features in unsaid.items():
        options.append(Option(period, period, _each(features, kinds)))
    return options


def _each(features: Features, kinds: list[str]) -> Features:
    return features | {f"{name} {kind}": value for name, value in features.items() for kind in kinds}


def _features(words: Words, site: Site, found: Expression, place: str) -> Features:
    text, figure = words.text, site.figure.span
    lead = _LEAD.search(text, max(0, found.start - 40), found.start)
    word = lead[1].lower() if lead else ""
    word = word if word in _LEADS else "another word" if word else "nothing"
    features: Features = {f"{found.form} {place}": 1.0, f"{found.form} with {word}": 1.0}
    if place != "here":
        return features
    after = found.start >= figure.end
    between = text[figure.end : found.start] if after else text[found.end : figure.start]
    side = "after" if after else "ahead"
    inside = _char(words, site.segment[0]) <= found.start < _char(words, site.segment[1])
    features |= {
        f"{side} {'in' if inside else 'out of'} reach": 1.0,
        f"{side}, near": 1 / (1 + len(between) / 25),
        f"{side} with {word}": 1.0,
        f"{found.form} {side}": 1.0,
    }
    if after and between.strip() == "(":
        features["right after in brackets"] = 1.0
    if _TURN.search(between):
        features[f"{side} a turn"] = 1.0
    if not after and re.search(r",\s", between):
        features["comma between"] = 1.0
    return features


OPENING = 900
"""Characters of a document that tell its news."""
_FISCAL_YEAR = rf"({_YEAR}(?:\s?[-/–]\s?\d\d(?:\d\d)?)?)"
_BUDGET_YEAR = re.compile(
    r"(?:budget|draft|appropriations?|spending plan|bill|allocation|programme)\s+(?:\w+\s+)?(?:for|in|of)\s+"
    rf"(?:the\s+)?(?:(?:fiscal|financial)\s+)?(?:year\s+)?{_FISCAL_YEAR}\b"
    rf"|\bbudget\b[^.\n]{{0,80}}?\bfor\s+(?:the\s+)?(?:fiscal|financial)\s+(?:year\s+)?{_FISCAL_YEAR}"
    rf"|\b{_FISCAL_YEAR}\s+(?:defen[cs]e\s+|state\s+|federal\s+|national\s+)?(?:budget|draft|appropriation)"
    rf"|\bfor\s+(?:fiscal|financial)\s+(?:year\s+)?({_YEAR})",
    re.IGNORECASE,
)
_NEXT_BUDGET = re.compile(
    r"\bnext year[’']s\s+(?:\w+\s+){0,2}budget|\bbudget for next year\b|\bon defen[cs]e next year\b", re.IGNORECASE
)


def budget_year(text: str, title: str | None, published_on: date | None) -> str | None:
    """Return the year of the budget that a document is about, from its title and opening.

    Where no words tie a year to the budget, it is the first one named that begins this year or next.
    """
    for part in (title or "", text[:OPENING]):
        match = _BUDGET_YEAR.search(part)
        if match:
            year = next(group for group in match.groups() if group)
            return next((found.period for found in expressions(year, 0, len(year), None)), None)
        if part is not title and published_on is not None and _NEXT_BUDGET.search(part):
            return str(published_on.year + 1)
    if published_on is None or not re.search(r"\bbudget", f"{title} {text[:LEAD]}", re.IGNORECASE):
        return None
    near = [
        (found.start, found.period)
        for found in expressions(text, 0, min(LEAD, len(text)), published_on)
        if found.form in ("fiscal", "year", "this", "next") and 0 <= int(found.period[:4]) - published_on.year <= 1
    ]
    return min(near)[1] if near else None


LEAD = 400
"""Characters of a document in which its first news stands."""


def opening_period(text: str, published_on: date | None) -> str | None:
    """Return the first period that a document names in its first paragraph."""
    end = text.find("\n")
    found = [
        (one.start, one.period)
        for one in expressions(text, 0, min(OPENING, end if end > 0 else len(text)), published_on)
        if one.form not in ("month", "now")
    ]
    return min(found)[1] if found else None


def named_year(words: Words, site: Site, published_on: date | None) -> int | None:
    """Return the first year of the period that the figure's part of the sentence names, the nearest first."""
    low, high = _char(words, site.segment[0]), _char(words, site.segment[1])
    found = [
        (min(abs(one.start - site.figure.span.end), abs(site.figure.span.start - one.end)), one.period)
        for one in expressions(words.text, low, high, published_on)
        if one.form not in ("month", "now")
    ]
    first = years(min(found)[1]) if found else None
    return first[0] if first else None


def _char(words: Words, index: int) -> int:
    return words.starts[index] if index < len(words.starts) else len(words.text)


def years(period: str | None) -> tuple[int, int] | None:
    """Return the first and the last year of a period."""
    if not period:
        return None
    first, _, last = period.partition("-")
    return int(first), int(last or first)
