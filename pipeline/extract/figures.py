"""Figures of a text: money, percentages and counts, with their bounds, qualifiers and units.

This module joins numbers (`numbers`) with what stands around them: currency, percent sign, range, qualifier, noun
(`counts`). Years, dates, ages, ordinals, durations, clock times, fractions and parts of names are no figures. Whether
money is defence money is decided in `pipeline.resolve.spending`, its value in euros in `pipeline.resolve.currency`.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache

from spacy.tokens import Doc

from pipeline import reference
from pipeline.extract import columns, counts, plain
from pipeline.extract.money import Money, Moneys
from pipeline.extract.numbers import (
    DASHES,
    HYPHENS,
    Lexeme,
    Number,
    letter_scale,
    lex,
    number_starts,
    numbers,
    read_number,
    touches,
)
from pipeline.extract.records import Figure, Span

LONGEST_QUALIFIER = 5
ELLIPSIS_REACH = 1500
"""Characters over which "9 billion" takes the currency of the sum before it."""
LEAST_UNDERSTOOD = 1e5
"""A fine of 500 dollars before it does not make "one million" a sum of money."""
PERCENT_REACH = 150
"""The same for "and now 2.6" after a percentage."""
TALLY_REACH = 8
"""Lexemes between "the vote was" and its numbers."""
FIRST_YEAR, LAST_YEAR = 1500, 2100


@dataclass(frozen=True, slots=True)
class _Qualifier:
    bound: str
    loose: bool
    not_after: frozenset[str]


@cache
def _qualifiers(place: str) -> dict[tuple[str, ...], _Qualifier]:
    return {
        tuple(lexeme.lower for lexeme in lex(row["form"])): _Qualifier(
            row["bound"], bool(row["loose"]), frozenset(filter(None, row["not_after"].split("|")))
        )
        for row in reference.rows("qualifiers")
        if row["place"] == place
    }


@cache
def _edges(place: str) -> frozenset[str]:
    """Return the words with which qualifiers touch their number: most numbers have none, and this tells so at once."""
    return frozenset(form[-1] if place == "before" else form[0] for form in _qualifiers(place))


@dataclass(frozen=True, slots=True)
class _Amount:
    """A number with what belongs to it; lexemes `first` up to `last`."""

    number: Number
    first: int
    last: int
    money: Money | None = None
    percent: bool = False

    @property
    def bare(self) -> bool:
        return self.money is None and not self.percent


@dataclass(frozen=True, slots=True)
class _Candidate:
    """One amount, or two joined to a range, before it is known what it measures."""

    amounts: tuple[_Amount, ...]
    joined: str | None  # the word or sign between the two

    @property
    def first(self) -> int:
        return self.amounts[0].first

    @property
    def last(self) -> int:
        return self.amounts[-1].last

    @property
    def values(self) -> tuple[float, ...]:
        return tuple(amount.number.value for amount in self.amounts)


def find_figures(text: str | Doc) -> list[Figure]:
    """Find the money, percentages and counts of a text: sorted by place, none overlapping another.

    A string needs no model; with a parsed text the things that numbers count are known and not guessed.
    """
    if isinstance(text, str):
        lexemes = lex(text)
        starts = number_starts(lexemes)
        phrases = counts.Phrases(*plain.read(text, lexemes, starts))
        return _Finder(text, lexemes, phrases, plain.sentences(text)).find(starts)
    words = text.text
    lexemes = lex(words)
    return _Finder(words, lexemes, counts.Phrases(text), _sentences(text, words)).find(number_starts(lexemes))


class _Finder:
    def __init__(
        self, text: str, lexemes: list[Lexeme], phrases: counts.Phrases, sentences: list[Span]
    ) -> None:
        self.text = text
        self.lexemes = lexemes
        self.moneys = Moneys(text, lexemes)
        self.phrases = phrases
        self.sentences = sentences
        self._sentence_starts = [span.start for span in self.sentences]
        self.figures: list[Figure] = []

    def find(self, starts: Sequence[int]) -> list[Figure]:
        found = numbers(self.lexemes, starts)
        candidates = self._join([amount for number in found if (amount := self._amount(number))])
        for i, candidate in enumerate(candidates):
            following = candidates[i + 1] if i + 1 < len(candidates) else None
            figure = self._figure(candidate, following)
            if figure is not None and (not self.figures or self.figures[-1].span.end <= figure.span.start):
                self.figures.append(figure)
        return self.figures

    # What belongs to one number

    def _lower(self, i: int) -> str:
        return self.lexemes[i].lower if 0 <= i < len(self.lexemes) else ""

    def _amount(self, number: Number) -> _Amount | None:
        scaled = self._with_letter_scale(number)
        prefix = self.moneys.before(scaled)
        if prefix is not None:
            return _Amount(scaled, prefix.first, scaled.last, prefix)
        if self._inside_a_name(number):
            return None
        suffix = self.moneys.after(number)
        if suffix is not None:
            return _Amount(number, number.first, suffix.last, suffix)
        last = self._percent_end(number.last)
        if last is not None:
            return _Amount(number, number.first, last, percent=True)
        if self._glued_on(number) or (number.spelled and number.value == 0):
            return None
        return _Amount(number, number.first, number.last)

    def _with_letter_scale(self, number: Number) -> Number:
        """Read "R350 m" and "$5B"."""
        scale = letter_scale(self._lower(number.last))
        if scale is None or number.scale > 1 or number.spelled:
            return number
        return replace(number, last=number.last + 1, scale=scale, plain=None)

    def _inside_a_name(self, number: Number) -> bool:
        """Whether letters, a hyphen after letters, a slash or a colon stick to the front: K2, F-16, 10:40, 2025/26."""
        i = number.first
        if i == 0:
            return False
        before, here = self.lexemes[i - 1], self.lexemes[i]
        if not touches(before, here):
            return False
        if before.is_word or before.text in "/:#№§+_@&=\\^.,":
            return True
        if before.text in HYPHENS and i > 1 and touches(self.lexemes[i - 2], before):
            earlier = self.lexemes[i - 2]
            return earlier.is_word and not self.moneys.is_unit(earlier.text) and not (
                number.spelled and read_number(self.lexemes, i - 2) is not None
            )
        return False

    def _glued_on(self, number: Number) -> bool:
        """Whether letters stick to the end, a hyphen with a word, a slash or a colon: 16th, 19-year-old, 24/7."""
        i = number.last
        if i >= len(self.lexemes):
            return False
        last, after = self.lexemes[i - 1], self.lexemes[i]
        if not touches(last, after):
            return False
        if after.is_word or after.text in "/:°′″_@\\^":
            return True
        following = self.lexemes[i + 1] if i + 1 < len(self.lexemes) else None
        if after.text in ".,":
            return following is not None and following.is_digits and touches(after, following)
        if after.text in HYPHENS and following is not None and touches(after, following):
            return following.is_word and read_number(self.lexemes, i + 1) is None
        return False

    def _percent_end(self, i: int) -> int | None:
        if self._lower(i) in HYPHENS:
            i += 1
        word = self._lower(i)
        if word in ("%", "％", "percent", "pct", "percentage"):
            i += 1
        elif word == "per" and self._lower(i + 1) == "cent":
            i += 2
        else:
            return None
        if self._lower(i) in ("point", "points"):
            return i + 1
        return i if word != "percentage" else None

    # Ranges

    def _join(self, amounts: Sequence[_Amount]) -> list[_Candidate]:
        candidates: list[_Candidate] = []
        i = 0
        while i < len(amounts):
            pair = self._pair(amounts[i], amounts[i + 1]) if i + 1 < len(amounts) else None
            if pair is None:
                candidates.append(_Candidate((amounts[i],), None))
                i += 1
            else:
                candidates.append(pair)
                i += 2 if len(pair.amounts) == 2 else 1
        return candidates

    def _pair(self, left: _Amount, right: _Amount) -> _Candidate | None:
        """Join two amounts to a range, or lend the unit of the right one to the left ("from 21 to 12 per cent")."""
        if right.first != left.last + 1 or (right.percent and left.money) or (left.percent and right.money):
            return None
        joint = self._lower(left.last)
        if _is_year(left.number) and not _is_year(right.number):
            return None
        changes = self._lower(left.first - 1) == "from" and self._lower(left.first - 2) != "ranging"
        between = self._lower(left.first - 1) == "between"
        if joint not in DASHES and joint not in ("to", "or") and not (joint == "and" and between):
            return None
        if joint in DASHES and (_is_year(left.number) or left.number.value >= right.number.value > left.number.bare):
            return None
        lent = self._lend(left, right)
        if changes or right.number.value < lent.number.value:
            return _Candidate((lent,), None) if joint == "to" and lent.bare != left.bare and changes else None
        if left.bare and right.bare and (
            (joint == "or" and right.number.value > 2 * left.number.value) or self._tally_before(left.first) is not None
        ):
            return None
        if lent.money and right.bare:
            right = replace(right, money=lent.money)
        elif lent.percent and right.bare:
            right = replace(right, percent=True)
        return _Candidate((lent, right), joint)

    def _lend(self, left: _Amount, right: _Amount) -> _Amount:
        number = left.number
        if number.scale == 1 and right.number.scale > 1 and number.bare < max(1000.0, right.number.bare):
            number = replace(number, scale=right.number.scale, plain=None)
        money, percent = left.money, left.percent
        if left.bare and not _is_year(left.number):
            follows = right.money is not None and right.money.last > right.number.last
            money, percent = right.money if follows else None, right.percent
        return replace(left, number=number, money=money, percent=percent)

    # From an amount to a figure

    def _figure(self, candidate: _Candidate, following: _Candidate | None) -> Figure | None:
        head = candidate.amounts[0]
        money = next((a.money for a in candidate.amounts if a.money), None)
        if money is not None:
            return self._build(candidate, "money", money.code)
        if head.percent or candidate.amounts[-1].percent:
            return self._build(candidate, "percent", "percent")
        return self._bare(candidate, following)

    def _bare(self, candidate: _Candidate, following: _Candidate | None) -> Figure | None:
        """Decide what a number without a unit is: money or percent understood, a count, or none of them."""
        number = candidate.amounts[-1].number
        end = self.lexemes[candidate.last - 1].end
        if self.phrases.is_fraction_before(end) or self._is_vague(candidate):
            return None
        if self._lower(candidate.first - 1) == "in" and self._lower(candidate.first - 2) == "one":
            return None
        thing = self.phrases.thing_after(end)
        qualified = self._qualifier_before(candidate.first) is not None
        if self._is_date_or_name(candidate, qualified and thing is not None):
            return None
        if thing is not None:
            if thing.is_measure or _is_decimal(number):
                return None
            return self._build(candidate, "count", self.text[thing.start : thing.end], thing.end)
        shared = self._shared_thing(candidate, following)
        if shared is not None:
            return None if shared.is_measure else self._build(candidate, "count", self.text[shared.start : shared.end])
        if number.scale >= 1e5 and (code := self._currency_before(candidate)) is not None:
            return self._build(candidate, "money", code)
        if _is_decimal(number):
            return self._percent_understood(candidate)
        return self._lone_count(candidate)

    def _shared_thing(self, candidate: _Candidate, following: _Candidate | None) -> counts.Thing | None:
        """Return what the next number counts where a word joins the two: "from 3 to 5 million people"."""
        if following is None or following.first != candidate.last + 1 or not following.amounts[-1].bare:
            return None
        if self._lower(candidate.last) not in ("to", "or", "and", "of"):
            return None
        return self.phrases.thing_after(self.lexemes[following.last - 1].end)

    def _tally_before(self, i: int) -> str | None:
        """Return the word for votes shortly before the lexeme, in the same sentence."""
        for lexeme in reversed(self.lexemes[max(0, i - TALLY_REACH) : i]):
            if lexeme.text in ".\"”":
                return None
            if counts.is_tally(lexeme.text):
                return lexeme.text
        return None

    def _currency_before(self, candidate: _Candidate) -> str | None:
        start = self.lexemes[candidate.first].start
        fallback = None
        for figure in reversed(self.figures):
            if start - figure.span.end > ELLIPSIS_REACH:
                break
            if figure.kind == "money" and (figure.high or figure.low or 0) >= LEAST_UNDERSTOOD:
                if self.text[figure.span.start - 1 : figure.span.start] != "(":
                    return figure.unit
                fallback = fallback or figure.unit
        return fallback

    def _percent_understood(self, candidate: _Candidate) -> Figure | None:
        last = next((f for f in reversed(self.figures) if f.kind != "count"), None)
        start = self.lexemes[candidate.first].start
        if last is None or last.kind != "percent" or start - last.span.end > PERCENT_REACH:
            return None
        return self._build(candidate, "percent", "percent")

    def _lone_count(self, candidate: _Candidate) -> Figure | None:
        number = candidate.amounts[0].number
        start, end = self.lexemes[candidate.first].start, self.lexemes[candidate.last - 1].end
        if number.value <= 1 or self._lower(candidate.first - 1) in ("all", "these", "those", "both"):
            return None
        if number.value < 100 and (self.phrases.is_age(start, end) or self._numbers_a_list(candidate)):
            return None
        of = self.phrases.thing_of(end)
        token = self.phrases.token_with(start)
        if number.spelled and of is None and (token is None or token.dep_ not in ("nsubj", "nsubjpass")):
            return None
        if number.plain is not None and number.plain.isdigit() and number.value < 1000 and (
            self.phrases.is_name_before(start)
            or ((found := self._qualifier_before(candidate.first)) is not None and found[1].loose)
        ):
            return None
        thing = of or self.phrases.thing_before(start)
        if thing is not None and thing.is_measure:
            return None
        unit = self.text[thing.start : thing.end] if thing is not None else self._tally_before(candidate.first)
        unit = unit or self._unit_before()
        return None if unit is None else self._build(candidate, "count", unit)

    def _numbers_a_list(self, candidate: _Candidate) -> bool:
        """Whether the number opens a line and a full stop or bracket follows: "2. Relative to"."""
        start = self.lexemes[candidate.first].start
        opens = start == 0 or self.text[start - 1] == "\n"
        return opens and self._lower(candidate.last) in (".", ")")

    def _unit_before(self) -> str | None:
        return next((figure.unit for figure in reversed(self.figures) if figure.kind == "count"), None)

    def _is_vague(self, candidate: _Candidate) -> bool:
        """Whether the number is part of "several hundred" or "tens of thousands"."""
        return self._lower(candidate.first - 1) in ("several", "few", "many", "couple", "of") and (
            candidate.amounts[0].number.bare == 1 and candidate.amounts[0].number.scale > 1
        )

    def _is_date_or_name(self, candidate: _Candidate, qualified: bool) -> bool:
        first, last = candidate.first, candidate.last
        before = self.lexemes[first - 1] if first else None
        after = self.lexemes[last] if last < len(self.lexemes) else None
        number = candidate.amounts[-1].number
        if before is not None and before.text == "." and first > 1 and touches(self.lexemes[first - 2], before):
            before = self.lexemes[first - 2] if len(self.lexemes[first - 2].text) <= 4 else before
        if number.value <= 31 and number.plain is not None:
            for beside in (before, after):
                if beside is not None and counts.is_month(beside.text):
                    return True
        if before is not None and before.text in DASHES and first > 1 and re.fullmatch(
            "[0-9]{4}", self.lexemes[first - 2].text
        ):
            return True
        if number.spelled and before is not None and after is not None and self.lexemes[first].text[0].isupper() and (
            after.text[0].isupper() and before.text not in ".!?:\"“”'‘•–—" and "\n" not in self.text[
                before.end : self.lexemes[first].start]
        ):
            return True
        if re.match(r"\s*[ap]\.?m\b", self.text[self.lexemes[last - 1].end : self.lexemes[last - 1].end + 6]):
            return True
        if any(_is_year(amount.number) for amount in candidate.amounts) and not qualified:
            return True
        if before is not None and counts.names_by_number(before.text) and number.scale == 1 and number.value < 1000:
            return before.text[0].isupper() or not number.spelled
        return after is not None and counts.is_time_or_measure(after.text) and not (
            last + 1 < len(self.lexemes) and self.lexemes[last + 1].text in HYPHENS
        )

    # Qualifiers and spans

    def _qualifier_before(self, i: int) -> tuple[int, _Qualifier] | None:
        if self._lower(i - 1) not in _edges("before"):
            return None
        known = _qualifiers("before")
        for length in range(min(LONGEST_QUALIFIER, i), 0, -1):
            words = tuple(lexeme.lower for lexeme in self.lexemes[i - length : i])
            if words in known and self._lower(i - length - 1) not in known[words].not_after:
                return i - length, known[words]
        return None

    def _qualifier_after(self, i: int) -> tuple[int, _Qualifier] | None:
        if self._lower(i) not in _edges("after"):
            return None
        known = _qualifiers("after")
        for length in range(4, 0, -1):
            words = tuple(lexeme.lower for lexeme in self.lexemes[i : i + length])
            if words in known:
                return i + len(words), known[words]
        return None

    def _build(self, candidate: _Candidate, kind: str, unit: str, end: int | None = None) -> Figure | None:
        first, last, head = candidate.first, candidate.last, candidate.amounts[0].number
        values = candidate.values
        low: float | None = values[0]
        high: float | None = values[-1]
        start, end = self.lexemes[first].start, end or self.lexemes[last - 1].end
        qualifier = None
        found = self._qualifier_before(first)
        if found is not None and found[1].loose and kind == "count" and head.spelled and head.value < 20:
            found = None  # over two bridges, under three contracts
        if found is not None:
            start = self.lexemes[found[0]].start
            qualifier = self.text[start : self.lexemes[first - 1].end]
        elif candidate.joined == "and":
            start = self.lexemes[first - 1].start
            qualifier = self.lexemes[first - 1].text
        elif end == self.lexemes[last - 1].end and (found := self._qualifier_after(last)) is not None:
            end = self.lexemes[found[0] - 1].end
            qualifier = self.text[self.lexemes[last].start : end]
        if found is not None and found[1].bound == "low":
            high = None
        elif found is not None and found[1].bound == "high":
            low = None
        return Figure(Span(start, end), kind, low, high, qualifier, unit, self._sentence(start))

    def _sentence(self, start: int) -> Span:
        return self.sentences[max(0, bisect_right(self._sentence_starts, start) - 1)]


def _is_decimal(number: Number) -> bool:
    return number.plain is not None and "." in number.plain and re.search(r"[.][0-9]{3}[.]", number.plain) is None


def _is_year(number: Number) -> bool:
    return (
        number.plain is not None and re.fullmatch(r"[0-9]{4}", number.plain) is not None
        and FIRST_YEAR <= number.value <= LAST_YEAR
    )


def _sentences(doc: Doc, text: str) -> list[Span]:
    """Return the sentences without the blanks around them; the whole text where the parse has none."""
    if not doc.has_annotation("SENT_START"):
        return [Span(0, len(text))]
    spans = [Span(*bounds).trimmed(text) for bounds in columns.sentence_bounds(doc)]
    return [span for span in spans if span.start < span.end] or [Span(0, len(text))]
