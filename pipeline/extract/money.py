"""Currencies beside a number: symbols, codes and words, and which currency an ambiguous one means.

The forms are in `seeds/reference/currencies.csv`. Numbers are read in `numbers`, ranges and qualifiers in `figures`;
converting money is `pipeline.resolve.currency`.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import pairwise

from pipeline import reference
from pipeline.extract import counts
from pipeline.extract.numbers import HYPHENS, Lexeme, Number, lex, touches

LONGEST_FORM = 3
"""Lexemes of the longest currency form or of an adjective before it: "R", "$"; "pounds", "sterling"; "U", ".", "S"."""
WIDEST_GAP = 1
"""Characters between a symbol and its number."""


@dataclass(frozen=True, slots=True)
class Money:
    """A currency that belongs to a number; lexemes `first` up to `last` hold both."""

    code: str
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class _Meaning:
    code: str
    near: tuple[str, ...]
    at_least: float


@cache
def _forms(place: str) -> dict[str, tuple[_Meaning, ...]]:
    found: dict[str, list[_Meaning]] = {}
    for row in reference.rows("currencies"):
        if row["place"] in (place, "both"):
            near = tuple(row["near"].split("|")) if row["near"] else ()
            found.setdefault(row["form"], []).append(_Meaning(row["code"], near, float(row["at_least"] or 0)))
    return {form: tuple(meanings) for form, meanings in found.items()}


@cache
def _near_words() -> frozenset[str]:
    words = {word for meanings in (*_forms("before").values(), *_forms("after").values()) for m in meanings
             for word in m.near}
    return frozenset(words)


@cache
def _ends() -> frozenset[str]:
    """Return the lexemes that may stand right before an amount: most numbers have none, and this tells so at once."""
    return frozenset(lex(form)[-1].text for form in _forms("before"))


@cache
def _near_pattern() -> re.Pattern[str]:
    words = sorted(_near_words(), key=len, reverse=True)
    return re.compile(r"\b(?:" + "|".join(map(re.escape, words)) + r")\b", re.IGNORECASE)


class Moneys:
    """The currencies of one text."""

    def __init__(self, text: str, lexemes: Sequence[Lexeme]) -> None:
        self.text = text
        self.lexemes = lexemes

    @cached_property
    def _near(self) -> tuple[list[int], list[str]]:
        hits = list(_near_pattern().finditer(self.text))
        return [hit.start() for hit in hits], [hit.group().lower() for hit in hits]

    def is_unit(self, word: str) -> bool:
        """Whether the word alone may be a currency before a number."""
        return word in _forms("before")

    def before(self, number: Number) -> Money | None:
        """Return the currency whose symbol or code stands before the number."""
        i = number.first
        if i == 0 or self.lexemes[i - 1].text not in _ends():
            return None
        for length in range(min(LONGEST_FORM, i), 0, -1):
            parts = self.lexemes[i - length : i]
            gap = self.lexemes[i].start - parts[-1].end
            if gap > WIDEST_GAP or "\n" in self.text[parts[-1].end : self.lexemes[i].start]:
                continue
            if any(not touches(a, b) for a, b in pairwise(parts)):
                continue
            form = "".join(part.text for part in parts)
            meanings = _forms("before").get(form)
            if meanings is None or (len(form) == 1 and form.isalpha() and gap):
                continue
            if (form.isalpha() and number.spelled) or number.value < meanings[0].at_least:
                continue
            return Money(self._settle(meanings, parts[0].start, None), i - length, number.last)
        return None

    def after(self, number: Number) -> Money | None:
        """Return the currency whose word, code or symbol follows the number, with an adjective or without."""
        i = number.last
        if i < len(self.lexemes) and self.lexemes[i].text in HYPHENS:
            i += 1
        found = self._form_at(i, number, None)
        if found is not None:
            return found
        for length in range(1, LONGEST_FORM + 2):
            parts = self.lexemes[i : i + length]
            if not parts or not (parts[-1].is_word or parts[-1].text == "."):
                return None
            adjective = self.text[parts[0].start : parts[-1].end].lower()
            if adjective in _near_words():
                found = self._form_at(i + length, number, adjective)
                if found is not None:
                    return found
        return None

    def _form_at(self, i: int, number: Number, adjective: str | None) -> Money | None:
        for length in (2, 1):
            parts = self.lexemes[i : i + length]
            if len(parts) < length or "\n" in self.text[self.lexemes[number.last - 1].end : parts[-1].end]:
                continue
            form = self.text[parts[0].start : parts[-1].end]
            meanings = _forms("after").get(form) or (_forms("after").get(form.lower()) if len(form) > 2 else None)
            if meanings is None or number.value < meanings[0].at_least or self._starts_next(parts[-1], i + length):
                continue
            if number.scale < 1e6 and counts.is_time_or_measure(form) and (
                i > number.last or (i + 1 < len(self.lexemes) and self.lexemes[i + 1].lower == "of")
            ):
                return None  # a 500-pound bomb, 20 pounds of explosives
            return Money(self._settle(meanings, parts[0].start, adjective), number.first, i + length)
        return None

    def _starts_next(self, form: Lexeme, i: int) -> bool:
        """Whether the symbol belongs to the number after it: "in 2024 $5 billion"."""
        return not form.is_word and i < len(self.lexemes) and self.lexemes[i].is_digits and touches(
            form, self.lexemes[i]
        )

    def _settle(self, meanings: tuple[_Meaning, ...], at: int, adjective: str | None) -> str:
        """Choose between the currencies that share a form."""
        if adjective is not None:
            for meaning in meanings:
                if adjective in meaning.near:
                    return meaning.code
        if len(meanings) == 1 or not meanings[0].near:
            return meanings[0].code
        words = {word: meaning.code for meaning in reversed(meanings) for word in meaning.near}
        places, found = self._near
        best: tuple[int, str] | None = None
        i = bisect_left(places, at)
        for step in (-1, 1):
            j = i - 1 if step < 0 else i
            while 0 <= j < len(places) and abs(j - i) <= 50:
                if found[j] in words:
                    distance = abs(places[j] - at) + (0 if step < 0 else 40)
                    if best is None or distance < best[0]:
                        best = (distance, words[found[j]])
                    break
                j += step
        return best[1] if best else meanings[0].code
