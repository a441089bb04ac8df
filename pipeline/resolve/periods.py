"""The years that a sum of money covers, read from the words around it and the day of publication.

Only years of money belong here. Fiscal years written "2025/26" or "2025-26" are two years; "this year" and its kin are
resolved by the day of publication. Years of signing or of delivery are no period; which of the two a year is follows
from the flow, which `spending` decides first.
"""

from __future__ import annotations

import re
from datetime import date

from pipeline.resolve.cues import Site, Words

EARLIEST, LATEST = 1950, 2100
"""Four digits outside this range are no year."""

_YEAR = r"(?:19[5-9]\d|20\d\d)"
_RANGE = re.compile(
    rf"\b(?:(?:fiscal|financial)(?:\s+years?)?\s+)?({_YEAR})\s?(?:[-–—/]|to|until|through|and)\s?({_YEAR}|\d\d)\b(?!\s?(?:per|%))",
    re.IGNORECASE,
)
_SINGLE = re.compile(rf"\b({_YEAR})\b")
_SINCE = re.compile(
    r"(?:\bsince|\bafter|\bsigned in|\bdelivered in|\bof|\bin|\bon)\s+(?:\w+\s+){0,2}"
    r"(?:January|February|March|April|May|June|July|August|September|October|November|December|\d{1,2}),?\s*$"
    r"|\bsince(?:\s+\w+)?\s*$",
    re.IGNORECASE,
)
_RELATIVE = re.compile(
    r"\b(this|next|last|the current|the present|the coming|the past|previous)\s+"
    r"(?:(?:fiscal|financial|budget|calendar)\s+)?year\b"
    r"|\b(a year (?:ago|earlier|before))\b|\b(five|four|three|two|ten) years ago\b",
    re.IGNORECASE,
)
_SHIFT = {"this": 0, "the current": 0, "the present": 0, "next": 1, "the coming": 1}
_SHIFT |= {"last": -1, "the past": -1, "previous": -1}
_AGO = {"two": -2, "three": -3, "four": -4, "five": -5, "ten": -10}
_CUT = re.compile(r"[;]|,? (?:while|whereas|against|after|from|up from|compared with|although|than)\b")


def find_period(words: Words, site: Site, published_on: date | None, *, level: bool, signed: bool) -> str | None:
    """Return the years that the figure's part of the sentence names, as YYYY or YYYY-YYYY.

    `level` says that the figure is a level (a budget, a share), for which "by 2030" is a period; of a running total it
    is none. Of what is `signed`, only fiscal years and ranges are periods: other years are those of the signing.
    """
    text = words.text
    after = text[site.figure.span.end : _char(words, site.segment[1])]
    before = text[_char(words, site.segment[0]) : site.figure.span.start]
    return (
        _read(after[: _first_cut(after)], published_on, level, signed)
        or _read(_last_clause(before), published_on, level, signed)
        or _read(after, published_on, level, signed)
    )


def budget_year(text: str, title: str | None, published_on: date | None) -> str | None:
    """Return the year of the budget that a document is about, from its title and opening."""
    for part in (title or "", text[:OPENING]):
        match = _BUDGET_YEAR.search(part)
        if match:
            year = next(group for group in match.groups() if group)
            return _read(f"fiscal {year}", published_on, True, False)
        if part is not title and published_on is not None and _NEXT_BUDGET.search(part):
            return str(published_on.year + 1)
    return None


OPENING = 900
"""Characters of a document that tell its news."""
_FISCAL_YEAR = rf"({_YEAR}(?:\s?[-/–]\s?\d\d(?:\d\d)?)?)"
_BUDGET_YEAR = re.compile(
    r"(?:budget|draft|appropriations?|spending plan|bill|allocation|programme)\s+(?:\w+\s+)?(?:for|in|of)\s+"
    rf"(?:the\s+)?(?:(?:fiscal|financial)\s+)?(?:year\s+)?{_FISCAL_YEAR}\b"
    rf"|\b{_FISCAL_YEAR}\s+(?:defen[cs]e\s+|state\s+|federal\s+|national\s+)?(?:budget|draft|appropriation)"
    rf"|\bfor\s+(?:fiscal|financial)\s+(?:year\s+)?({_YEAR})",
    re.IGNORECASE,
)
_NEXT_BUDGET = re.compile(
    r"\bnext year[’']s\s+(?:\w+\s+){0,2}budget|\bbudget for next year\b|\bon defen[cs]e next year\b", re.IGNORECASE
)


def _char(words: Words, index: int) -> int:
    return words.starts[index] if index < len(words.starts) else len(words.text)


def _first_cut(text: str) -> int:
    match = _CUT.search(text)
    return match.start() if match else len(text)


def _last_clause(text: str) -> str:
    cuts = [m.end() for m in re.finditer(r";|\bwhile\b|\bwhereas\b", text)]
    return text[cuts[-1] :] if cuts else text


def _read(text: str, published_on: date | None, level: bool, signed: bool) -> str | None:
    """Return the first period in a stretch of text."""
    found: list[tuple[int, str]] = []
    taken: list[tuple[int, int]] = []
    for match in _RANGE.finditer(text):
        first = int(match[1])
        last = int(match[2]) if len(match[2]) == 4 else first // 100 * 100 + int(match[2])
        if first < last <= first + 40:
            found.append((match.start(), f"{first}-{last}"))
            taken.append(match.span())
    for match in _SINGLE.finditer(text):
        lead = text[max(0, match.start() - 40) : match.start()]
        if any(start <= match.start() < end for start, end in taken) or _SINCE.search(lead):
            continue
        fiscal = bool(_FISCAL.search(lead)) or bool(_BUDGET.match(text, match.end()))
        if not fiscal and (signed or (not level and _UNTIL.search(lead)) or _BOUND.search(lead)):
            continue
        found.append((match.start(), match[1]))
    if published_on is not None and not signed:
        for match in _RELATIVE.finditer(text):
            lead = text[max(0, match.start() - 12) : match.start()]
            if _SINCE.search(lead) or lead.endswith("than "):
                continue
            shift = _SHIFT.get((match[1] or "").lower())
            if match[2]:
                shift = -1
            elif match[3]:
                shift = _AGO.get(match[3].lower())
            if shift is not None:
                found.append((match.start(), str(published_on.year + shift)))
    return min(found)[1] if found else None


_FISCAL = re.compile(r"\b(?:fiscal|financial|budget)\s+(?:years?\s+)?$|\bbudget\s+(?:for|in|of)\s+$", re.IGNORECASE)
_BUDGET = re.compile(r"\s+(?:\w+\s+)?budget\b", re.IGNORECASE)
_UNTIL = re.compile(r"\b(?:by|until|before|in|of)\s+(?:the\s+\w+\s+of\s+)?$", re.IGNORECASE)
_BOUND = re.compile(r"\b(?:until|from|since|pledge\s+(?:\w+\s+){1,2}in)\s+(?:the\s+\w+\s+of\s+)?$", re.IGNORECASE)


def years(period: str | None) -> tuple[int, int] | None:
    """Return the first and the last year of a period."""
    if not period:
        return None
    first, _, last = period.partition("-")
    return int(first), int(last or first)
