"""The state that a story is about: whose parliament "Parliament" is, whose minister "the minister" is.

Scores the states that a text names by how often and how near they are named. Which names the text holds comes from
`pipeline.extract.mentions`.
"""

from __future__ import annotations

import bisect
import re
from collections import Counter
from collections.abc import Collection, Iterable
from typing import NamedTuple

from pipeline.resolve import gazetteer

WEIGHTS = {"name": 1.0, "adjective": 1.0, "inhabitants": 0.8, "capital": 1.2, "person": 0.9, "entry": 0.8}
"""What one mention of each form tells about the state of a story; set by trial on annotated articles."""
DATELINE = re.compile(r"^[A-ZÀ-ÞĀ-Ž][^\n]{0,50}?(?:\s[—–-]\s|:\s)", re.MULTILINE)
LEAD = 1.8
"""Factor for mentions in the first paragraph and the title."""
PARAGRAPH = 3.2
SENTENCE = 3.0
"""Points, where all mentions together have 20, for a mention before the place in the same paragraph or sentence."""
SENTENCE_ENDS = (". ", "” ", '" ', "! ", "? ")
REACH = 2_000
"""Characters before a place in which its paragraph is looked for."""


class Sign(NamedTuple):
    """A place in the text that tells of a state."""

    start: int
    country: str
    form: str


class Setting:
    """The states of a document, and which of them is meant at a place."""

    def __init__(self, text: str, title: str | None, signs: Iterable[Sign]) -> None:
        self._text = text
        self._signs = sorted(signs)
        first = text.find("\n") if "\n" in text else len(text)
        self._weights: Counter[str] = Counter()
        dateline = DATELINE.match(text)
        for sign in self._signs:
            weight = WEIGHTS[sign.form] * (LEAD if sign.start < first else 1.0)
            if dateline is not None and sign.start < dateline.end() and sign.form == "capital":
                weight += 3.0
            self._weights[sign.country] += weight  # type: ignore[assignment]
        for hit in gazetteer.find(title or ""):
            if hit.known.country and hit.form in WEIGHTS:
                self._weights[hit.known.country] += WEIGHTS[hit.form] * LEAD  # type: ignore[assignment]
        self._total = sum(self._weights.values()) or 1.0

    def main(self) -> str | None:
        """Return the state that the document is mostly about."""
        return max(self._weights, key=lambda country: (self._weights[country], country), default=None)

    def at(self, place: int, only: Collection[str] = (), never: Collection[str] = ()) -> str | None:
        """Return the state most likely meant at a character, None if the text names none that may be.

        Args:
            place: a character of the text.
            only: the states that may be meant; all if empty.
            never: states that cannot be meant.
        """
        scores = {
            country: 20 * weight / self._total
            for country, weight in self._weights.items()
            if country not in never and (not only or country in only)
        }
        if not scores:
            return None
        paragraph = self._text.rfind("\n", max(0, place - REACH), place) + 1 or max(0, place - REACH)
        sentence = max(paragraph, *(self._text.rfind(mark, paragraph, place) for mark in SENTENCE_ENDS))
        seen: set[tuple[str, bool]] = set()
        index = bisect.bisect_left(self._signs, (place, "", ""))
        for sign in reversed(self._signs[max(0, index - 40) : index]):
            if sign.start < paragraph:
                break
            near = sign.start >= sentence
            if sign.country in scores and (sign.country, near) not in seen:
                seen.add((sign.country, near))
                scores[sign.country] += SENTENCE if near else PARAGRAPH
        return max(scores, key=lambda country: (scores[country], country))
