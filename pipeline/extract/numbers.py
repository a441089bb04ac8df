"""Reading number expressions: "4.5 billion", "61bn", "₹6.81 lakh crore", "half a billion", "three dozen".

Here a text is cut into lexemes and numbers are read off them, in linear time. What is counted or paid, units,
qualifiers and ranges belong to `figures` and `counts`; the number words are in `seeds/reference/number_words.csv`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from pipeline import reference

DIGITS_AT_MOST = 21
"""Longer digit strings are account numbers or noise, and a float could not hold them."""

_LEXEME = re.compile(r"[0-9]+(?:[.,\u00a0\u2009\u202f][0-9]+)*|[^\W\d_]+|\S")
_GROUPED = re.compile(r"[0-9]{1,3}(?:[,.\u00a0\u2009\u202f][0-9]{2,3})+")
_POINTED = re.compile(r"[0-9]{1,3}(?:\.[0-9]{3})+")
_VULGAR = {"½": 0.5, "¼": 0.25, "¾": 0.75, "⅓": 1 / 3, "⅔": 2 / 3}
_STARTS = frozenset("0123456789") | _VULGAR.keys()
HYPHENS = frozenset("-‐‑")
DASHES = frozenset("–—−") | HYPHENS


class Lexeme(NamedTuple):
    """A run of digits with its separators, a run of letters, or one other character."""

    text: str
    start: int
    end: int

    @property
    def is_digits(self) -> bool:
        """Whether it starts with an ASCII digit."""
        return self.text[0] in "0123456789"

    @property
    def is_word(self) -> bool:
        """Whether it consists of letters."""
        return self.text[0].isalpha()

    @property
    def lower(self) -> str:
        """The text in lower case."""
        return self.text.lower()


@dataclass(frozen=True, slots=True)
class Number:
    """A number as the text gives it: lexemes `first` up to, and without, `last`; `value` = `bare` times `scale`."""

    first: int
    last: int
    bare: float
    scale: float
    spelled: bool  # in words, no digits
    plain: str | None  # the digits alone ("2024", "3.9"), None where words or a scale belong to it

    @property
    def value(self) -> float:
        """The number in full units; rounded to 15 digits, so that 4.7 billion is 4700000000 and not …00.0001."""
        return float(f"{self.bare * self.scale:.15g}")


@dataclass(frozen=True)
class _Words:
    units: dict[str, float]
    tens: dict[str, float]
    scales: dict[str, float]
    glued: frozenset[str]
    letters: dict[str, float]
    fractions: frozenset[str]


@cache
def _words() -> _Words:
    rows = reference.rows("number_words")
    kinds: dict[str, dict[str, float]] = {"unit": {}, "tens": {}, "scale": {}, "letter": {}, "fraction": {}}
    for row in rows:
        kinds[row["kind"]][row["form"]] = float(row["value"] or "nan")
    glued = frozenset(row["form"] for row in rows if row["glued"])
    return _Words(kinds["unit"], kinds["tens"], kinds["scale"], glued, kinds["letter"], frozenset(kinds["fraction"]))


def lex(text: str) -> list[Lexeme]:
    """Cut a text into lexemes; blanks are dropped."""
    make = tuple.__new__  # what Lexeme(…) does, without a Python call for each of very many
    return [make(Lexeme, (match.group(), *match.span())) for match in _LEXEME.finditer(text)]


def read_digits(text: str) -> float | None:
    """Read digits with separators: 1,216,218,000; 62,370; 3.9; 1,2; 1.234,56; None where the separators fit no number.

    A comma before one or two last digits is a decimal comma, before three a thousands separator; Indian groups of two
    (1,20,000) are read too. A point is decimal unless there are several, with three digits after each, or a decimal
    comma follows.
    """
    if sum(map(str.isdigit, text)) > DIGITS_AT_MOST:
        return None
    if text.isdigit():
        return float(text)
    head, _, tail = text.rpartition(".")
    if tail.isdigit() and "." not in head and (head.isdigit() or ("," in head and _GROUPED.fullmatch(head))):
        return float("".join(filter(str.isdigit, head)) + "." + tail)
    head, _, tail = text.rpartition(",")
    if len(tail) in (1, 2) and tail.isdigit() and (head.isdigit() or _POINTED.fullmatch(head)):
        return float(f"{head.replace('.', '')}.{tail}")
    if _GROUPED.fullmatch(text) and len(re.split(r"[^0-9]", text)[-1]) == 3:
        return float("".join(filter(str.isdigit, text)))
    return None


def touches(left: Lexeme, right: Lexeme) -> bool:
    """Whether nothing stands between two neighbouring lexemes."""
    return left.end == right.start


def letter_scale(word: str) -> float | None:
    """Return the multiplier that a lone letter is after a currency and a number: "R350 m", "$5B"."""
    return _words().letters.get(word.lower())


@cache
def _starters() -> frozenset[str]:
    """Return the words with which a number expression may start."""
    words = _words()
    return frozenset((*words.units, *words.tens, "a", "an", "half"))


def number_starts(lexemes: Sequence[Lexeme]) -> list[int]:
    """Return the places of the lexemes with which a number expression may start."""
    words = _starters()
    return [i for i, (text, _, _) in enumerate(lexemes) if text[0] in _STARTS or text.lower() in words]


def is_fraction(word: str) -> bool:
    """Whether the word is the name of a part: third, quarters, half."""
    return word.lower() in _words().fractions


def read_number(lexemes: Sequence[Lexeme], i: int) -> Number | None:
    """Read the number expression that starts at lexeme `i`, or return None."""
    first = lexemes[i]
    if first.is_digits:
        return _read_from_digits(lexemes, i)
    if not first.is_word:
        if first.text in _VULGAR:
            return _scaled(lexemes, i, i + 1, _VULGAR[first.text], spelled=False)
        return None
    return _read_from_words(lexemes, i)


def _at(lexemes: Sequence[Lexeme], i: int) -> str:
    return lexemes[i].lower if i < len(lexemes) else ""


def _read_from_digits(lexemes: Sequence[Lexeme], i: int) -> Number | None:
    first = lexemes[i]
    bare = read_digits(first.text)
    if bare is None:
        return None
    last = i + 1
    if last < len(lexemes) and lexemes[last].text in _VULGAR and touches(first, lexemes[last]):
        bare += _VULGAR[lexemes[last].text]
        last += 1
    return _scaled(lexemes, i, last, bare, spelled=False)


def _scaled(lexemes: Sequence[Lexeme], first: int, last: int, bare: float, *, spelled: bool) -> Number:
    """Add the multipliers that follow: at most two ("lakh crore", "hundred million")."""
    words = _words()
    scale = 1.0
    for _ in range(2):
        step = last
        if _at(lexemes, step) in HYPHENS and step + 1 < len(lexemes) and len(lexemes[step + 1].text) > 2:
            step += 1
        word = _at(lexemes, step)
        if word not in words.scales:
            break
        short = word in words.glued and len(word) <= 3
        if short and spelled:
            break
        if len(word) == 1 and not touches(lexemes[step - 1], lexemes[step]):
            break
        scale *= words.scales[word]
        last = step + 1
    if _at(lexemes, last) == "." and last - 1 > first and lexemes[last - 1].lower in words.glued:
        following = lexemes[last + 1] if last + 1 < len(lexemes) else None
        if following is not None and following.text[0].islower():
            last += 1
    plain = lexemes[first].text if last == first + 1 and not spelled else None
    return Number(first, last, bare, scale, spelled, plain)


def _read_from_words(lexemes: Sequence[Lexeme], i: int) -> Number | None:
    words = _words()
    word = _at(lexemes, i)
    if word == "half":
        return _read_half(lexemes, i)
    if word in ("a", "an"):
        following = _at(lexemes, i + 1)
        if following == "half" and _at(lexemes, i + 2) in HYPHENS and _at(lexemes, i + 3) in words.scales:
            return _scaled(lexemes, i, i + 3, 0.5, spelled=True)
        if following == "quarter" and _at(lexemes, i + 2) == "of" and _at(lexemes, i + 3) in ("a", "an"):
            return _scaled_only(lexemes, i, i + 4, 0.25)
        return _scaled_only(lexemes, i, i + 1, 1.0)
    if word not in words.units and word not in words.tens:
        return None
    bare, last = _read_small(lexemes, i)
    if _at(lexemes, last) == "and" and _at(lexemes, last + 1) == "a" and _at(lexemes, last + 2) == "half":
        return _scaled(lexemes, i, last + 3, bare + 0.5, spelled=True)
    number = _scaled(lexemes, i, last, bare, spelled=True)
    if number.scale in (100.0, 1e3) and number.last < len(lexemes):
        return _add_rest(lexemes, number)
    return number


def _read_small(lexemes: Sequence[Lexeme], i: int) -> tuple[float, int]:
    """Read one word below a hundred, or two joined by a hyphen or blank: "forty", "twenty-three"."""
    words = _words()
    word = _at(lexemes, i)
    if word in words.units:
        return words.units[word], i + 1
    step = i + 2 if _at(lexemes, i + 1) in HYPHENS else i + 1
    unit = words.units.get(_at(lexemes, step), 10.0)
    if unit < 10:
        return words.tens[word] + unit, step + 1
    return words.tens[word], i + 1


def _add_rest(lexemes: Sequence[Lexeme], number: Number) -> Number:
    """Read on after "two hundred": "(and) fifty (thousand)"."""
    words = _words()
    step = number.last + 1 if _at(lexemes, number.last) == "and" else number.last
    word = _at(lexemes, step)
    if word not in words.units and word not in words.tens:
        return number
    more, last = _read_small(lexemes, step)
    hundreds = number.value
    if _at(lexemes, last) == "hundred" and number.scale == 1e3:
        more, last = more * 100, last + 1
    return _scaled(lexemes, number.first, last, hundreds + more, spelled=True)


def _read_half(lexemes: Sequence[Lexeme], i: int) -> Number | None:
    """Read "half a billion"; "half a percent" is 0.5 too, "half of the" is no number."""
    if _at(lexemes, i + 1) not in ("a", "an"):
        return None
    number = _scaled(lexemes, i, i + 2, 0.5, spelled=True)
    if number.scale > 1 or _at(lexemes, i + 2) in ("percent", "percentage", "per"):
        return number
    return None


def _scaled_only(lexemes: Sequence[Lexeme], first: int, last: int, bare: float) -> Number | None:
    """Read "a billion", "a dozen": an article is a number only before a multiplier."""
    number = _scaled(lexemes, first, last, bare, spelled=True)
    return number if number.scale > 1 else None


def numbers(lexemes: Sequence[Lexeme], starts: Sequence[int] | None = None) -> Iterator[Number]:
    """Yield the number expressions that begin at one of the places, from left to right, none inside another."""
    done = 0
    for i in number_starts(lexemes) if starts is None else starts:
        if i >= done and (number := read_number(lexemes, i)) is not None:
            yield number
            done = number.last
