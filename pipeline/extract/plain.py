"""A text without a model: sentences, and a guess at the nouns beside numbers, enough to find figures in it.

Whatever needs grammar (who speaks, who pays) needs the parse of `model`; here are only the forms of words. A noun is a
plural or a capitalised word; other words that may stand before it count as its modifiers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from spacy.lang.en.stop_words import STOP_WORDS
from spacy.tokens import Doc
from spacy.vocab import Vocab

from pipeline.extract.numbers import Lexeme
from pipeline.extract.records import Span

_IRREGULAR = frozenset(("people", "men", "women", "children", "aircraft", "personnel", "percent", "police", "staff"))
_SHORTEST = 4
_BEFORE, _AFTER = 4, 12
"""Words before and after a number that matter; it bounds the work on texts with few numbers."""
_END = re.compile(r"(?<=[.!?])[\"”’)]*\s+(?=[\"“(\[]?[A-Z0-9])|\s*\n\s*")
_VOCAB = Vocab()
_PIECE = 1000
"""Characters of a stretch without numbers that make one word; what they are matters to nobody."""


def read(text: str, lexemes: Sequence[Lexeme], numbers: Sequence[int]) -> tuple[Doc, list[int]]:
    """Return the text as words with their first characters; nouns and their modifiers are guessed beside numbers.

    `numbers` are the places of lexemes that may be numbers; what is not near one is blanked.
    """
    words: list[str] = []
    spaces: list[bool] = []
    starts: list[int] = []
    done = 0
    for lexeme in _beside(lexemes, numbers):
        if lexeme.start == done + 1 and words and text[done] == " ":
            spaces[-1] = True
        else:
            for start in range(done, lexeme.start, _PIECE):
                words.append("-" * min(_PIECE, lexeme.start - start))
                spaces.append(False)
                starts.append(start)
        words.append(lexeme.text)
        spaces.append(False)
        starts.append(lexeme.start)
        done = lexeme.end
    return Doc(_VOCAB, words=words, spaces=spaces, pos=[_guess(word) for word in words]), starts


def _beside(lexemes: Sequence[Lexeme], numbers: Sequence[int]) -> Iterator[Lexeme]:
    """Yield the lexemes near one of those places, but for numbers whose unit is plain: they count nothing."""
    done = 0
    for i in numbers:
        if (i and lexemes[i - 1].text in _SIGNS) or (i + 1 < len(lexemes) and lexemes[i + 1].text in _SIGNS):
            continue
        yield from lexemes[max(done, i - _BEFORE) : i + _AFTER]
        done = max(done, i + _AFTER)


_SIGNS = frozenset(("$", "€", "£", "%", "percent"))


@lru_cache(maxsize=20_000)
def _guess(word: str) -> str:
    if not word.isalpha():
        return "SPACE" if word.isspace() else "X"
    if word.lower() in STOP_WORDS or word.endswith("ly"):
        return "X"
    if word[0].isupper():
        return "PROPN"
    plural = word.endswith("s") and not word.endswith("ss") and len(word) >= _SHORTEST
    return "NOUN" if plural or word in _IRREGULAR else "ADJ"


def sentences(text: str) -> list[Span]:
    """Return the sentences of a text without the blanks around them; a mark before a capital ends one, or a line."""
    found, start = [], 0
    for match in [*_END.finditer(text), None]:
        end = len(text) if match is None else match.start()
        found.append(Span(start, end).trimmed(text))
        start = end if match is None else match.end()
    return [span for span in found if span.start < span.end] or [Span(0, len(text))]
