"""A parsed text by columns: one attribute of all its words, where a walk over spaCy's tokens would cost too much.

What is made of the words is for those who ask.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

from spacy.attrs import IDX, LENGTH, SENT_START
from spacy.tokens import Doc


def texts(doc: Doc, attribute: int, form: Callable[[str], str] = str) -> list[str]:
    """Return an attribute of each word (of `spacy.attrs`, such as LEMMA) as text, each text in a form."""
    numbers = doc.to_array(attribute).tolist()
    strings = doc.vocab.strings
    table = {number: form(strings[number]) for number in set(numbers)}
    return [table[number] for number in numbers]


def places(doc: Doc, attribute: int, *values: str) -> list[int]:
    """Return the numbers of the words whose attribute is one of some texts."""
    wanted = {doc.vocab.strings[value] for value in values}
    return [place for place, number in enumerate(doc.to_array(attribute).tolist()) if number in wanted]


def starts(doc: Doc) -> list[int]:
    """Return the first character of each word."""
    found: list[int] = doc.to_array(IDX).tolist()
    return found


def sentence_starts(doc: Doc) -> list[int]:
    """Return the numbers of the words that begin a sentence, the first one among them."""
    return [place for place, start in enumerate(doc.to_array(SENT_START).tolist()) if start == 1 or not place]


def sentences(doc: Doc) -> list[tuple[int, int]]:
    """Return the numbers of the first word of each sentence and of the one after its last, as `doc.sents` has them."""
    return list(pairwise([*sentence_starts(doc), len(doc)]))


def sentence_bounds(doc: Doc) -> list[tuple[int, int]]:
    """Return the first character of each sentence and the one after its last."""
    begins, lengths = doc.to_array([IDX, LENGTH]).T.tolist()
    return [(begins[first], begins[end - 1] + lengths[end - 1]) for first, end in sentences(doc)]
