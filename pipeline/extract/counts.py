"""What a number counts: the noun behind it, and the contexts in which a number is no quantity of things.

Works on the parse, one number at a time. Reading the number itself is in `numbers`; money, percentages, qualifiers and
ranges are in `figures`. The words that decide are in `seeds/reference/number_contexts.csv`.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from functools import cache

from spacy.tokens import Doc, Token

from pipeline import reference
from pipeline.extract import columns
from pipeline.extract.numbers import HYPHENS, is_fraction

LONGEST_PHRASE = 10
"""Tokens between a number and the noun that it counts, at most; it bounds the work on lists without verbs."""

_QUOTES = frozenset("\"“”„'‘’«»")
_NOMINAL = ("NOUN", "PROPN")


@cache
def _role(role: str) -> frozenset[str]:
    return frozenset(row["word"] for row in reference.rows("number_contexts") if row["role"] == role)


def is_month(word: str) -> bool:
    """Whether the word is the name of a month; "may" and "march" only where capitalised."""
    return word[:1].isupper() and word.lower() in _role("month")


def names_by_number(word: str) -> bool:
    """Whether a number after the word is part of a name: Article, Leopard, page."""
    return word.lower() in _role("named")


def is_time_or_measure(word: str) -> bool:
    """Whether the word is a unit of time, length, weight and the like."""
    return word.lower() in _role("time") or word.lower() in _role("measure")


def is_tally(word: str) -> bool:
    """Whether the word says that votes are counted."""
    return word.lower() in _role("tally")


@dataclass(frozen=True, slots=True)
class Thing:
    """What is counted: the characters of its words, `start` to `end`, and whether it is a duration or a measure."""

    start: int
    end: int
    is_measure: bool


class Phrases:
    """Noun phrases of one parsed document, looked up by character."""

    def __init__(self, doc: Doc, starts: list[int] | None = None) -> None:
        self.doc = doc
        self._starts = columns.starts(doc) if starts is None else starts

    def token_at(self, char: int) -> Token | None:
        """Return the first token that starts at or after the character."""
        i = bisect_left(self._starts, char)
        return self.doc[i] if i < len(self.doc) else None

    def token_with(self, char: int) -> Token | None:
        """Return the token that covers the character."""
        i = bisect_left(self._starts, char + 1) - 1
        return self.doc[i] if i >= 0 else None

    def thing_after(self, end: int) -> Thing | None:
        """Return what the number that ends at the character counts, if the noun follows it directly."""
        first = self.token_at(end)
        if first is None:
            return None
        run = self._run(first)
        nouns = [token for token in run if token.pos_ in _NOMINAL]
        if not nouns:
            return None
        head = nouns[0]
        while head.i < head.head.i <= run[-1].i and head.dep_ not in ("ROOT", "conj"):
            head = head.head
        head = self._with_hyphens(head, run)
        if head.pos_ not in _NOMINAL:
            head = next(token for token in reversed(nouns) if token.i <= head.i or token is nouns[0])
        measured = is_time_or_measure(head.text) or (
            is_time_or_measure(first.text) and not self._hyphen_after(first)
        )
        start = self.doc[first.i + 1] if first.lower_ == "more" and head.i > first.i else first
        return Thing(start.idx, head.idx + len(head.text), measured)

    def _run(self, first: Token) -> list[Token]:
        run: list[Token] = []
        quoted = False
        for token in self.doc[first.i : first.i + LONGEST_PHRASE]:
            if token.text in _QUOTES and (run or token.i == first.i):
                quoted = not quoted
                run.append(token)
                continue
            joined = (bool(run) and (token.text in HYPHENS or run[-1].text in HYPHENS)) or self._hyphen_after(token)
            modifies = token.pos_ in ("NOUN", "PROPN", "ADJ") or (
                token.tag_ in ("VBN", "VBG", "VBD") and token.dep_ in ("amod", "compound")
            )
            numbered = any(map(str.isdigit, token.text))
            names = numbered and (any(map(str.isalpha, token.text)) or (bool(run) and run[-1].pos_ == "PROPN"))
            if not (modifies or joined or names or token.text == "U.S.") or (token.is_sent_start and run):
                break
            run.append(token)
        return run

    def _hyphen_after(self, token: Token) -> bool:
        following = self.doc[token.i + 1] if token.i + 1 < len(self.doc) else None
        return following is not None and following.text in HYPHENS

    def _with_hyphens(self, head: Token, run: list[Token]) -> Token:
        """Go on over "F-16s" where the tokenizer cut it."""
        while self._hyphen_after(head) and head.i + 2 <= run[-1].i:
            head = self.doc[head.i + 2]
        return head

    def thing_before(self, start: int) -> Thing | None:
        """Return the noun that a number after "of" or "at" belongs to: "a crew of 90"."""
        token = self.token_with(start)
        if token is None or token.i < 2:
            return None
        word = self.doc[token.i - 1]
        noun = self.doc[token.i - 2]
        determiner = self.doc[token.i - 3].lower_ if token.i > 2 else ""
        if word.lower_ == "of" and noun.pos_ in _NOMINAL and determiner in ("a", "an", "its", "their"):
            return Thing(noun.idx, noun.idx + len(noun.text), is_time_or_measure(noun.text))
        return None

    def is_age(self, start: int, end: int) -> bool:
        """Whether a number below a hundred is somebody's age: "a woman of 71", "Ann Lee, 54, said", "he was 18"."""
        token = self.token_with(start)
        if token is None or token.i < 2:
            return False
        before, earlier = self.doc[token.i - 1], self.doc[token.i - 2]
        if before.lower_ == "of":
            return earlier.lower_ in _role("aged")
        if before.lower_ in ("is", "was", "turned", "am"):
            return earlier.lower_ in ("he", "she", "i", "who")
        after = self.token_at(end)
        return before.text == "," and earlier.pos_ == "PROPN" and after is not None and after.text in (",", ".", ")")

    def is_name_before(self, start: int) -> bool:
        """Whether a name stands directly before the number: "Arrow 3", "France 2"."""
        token = self.token_with(start)
        return token is not None and token.i > 0 and not token.is_sent_start and self.doc[token.i - 1].pos_ == "PROPN"

    def thing_of(self, end: int) -> Thing | None:
        """Return the noun in "three of the 11 ships", for the number that ends at the character."""
        token = self.token_at(end)
        if token is None or token.lower_ != "of":
            return None
        for following in self.doc[token.i + 1 : token.i + 4]:
            if following.lower_ in ("whom", "which"):
                return self._noun_before(token.i)
            if following.pos_ in ("DET", "NUM", "PRON"):
                continue
            return self.thing_after(following.idx)
        return None

    def _noun_before(self, i: int) -> Thing | None:
        for token in reversed(self.doc[max(0, i - 8) : i]):
            if token.pos_ in _NOMINAL:
                return Thing(token.idx, token.idx + len(token.text), is_time_or_measure(token.text))
        return None

    def is_fraction_before(self, end: int) -> bool:
        """Whether a fraction's name follows: "two-thirds", "three quarters"."""
        token = self.token_at(end)
        if token is not None and token.text in HYPHENS and token.i + 1 < len(self.doc):
            token = self.doc[token.i + 1]
        return token is not None and is_fraction(token.text)
