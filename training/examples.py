"""Annotated documents as the reader learns from them: windows with the right tag and the right link of each word.

PolNeAR and the gold documents come in formats of their own, and leave here as one. `training.reader_examples` writes
them down; what is learned from them, and how, is in `training.reader` and `training.distil`.
"""

from __future__ import annotations

import gzip
import importlib
import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from spacy.language import Language
from tokenizers import Tokenizer

from pipeline.extract import model
from pipeline.extract.attributions import find_attributions
from pipeline.extract.decoding import CONTENT, CUE, SOURCE
from pipeline.extract.passage import Passage
from pipeline.extract.records import Span
from pipeline.extract.windows import Inventory, Window, windows
from training import IGNORED

_Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Annotation:
    """One annotated attribution: characters of the text."""

    source: tuple[Span, ...]
    cue: tuple[Span, ...]
    content: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Annotated:
    """A document with its attributions; `speech` where only statements are annotated, as in the gold documents.

    `known` tells whether anybody has annotated it.
    """

    doc_id: str
    text: str
    annotations: tuple[Annotation, ...]
    speech: bool
    known: bool = True


@dataclass(frozen=True, slots=True)
class Example:
    """A window of n words with what is right: their tags (n,), and the wordpieces of their cues and sources (2, n).

    Both are IGNORED where nobody knows.
    """

    window: Window
    tags: _Ints
    links: _Ints
    speech: bool


def polnear(path: Path) -> Iterator[Annotated]:
    """Yield the articles of a file of PolNeAR."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for article in map(json.loads, lines):
            yield Annotated(
                article["doc_id"],
                article["text"],
                tuple(
                    Annotation(_spans(one["source"]), _spans(one["cue"]), _spans(one["content"]))
                    for one in article["attributions"]
                ),
                speech=False,
            )


def gold(paths: Iterable[Path], tools: Path) -> Iterator[Annotated]:
    """Yield gold documents, their statements found again by `check_gold` of the folder `tools`."""
    sys.path.insert(0, str(tools))
    locate = importlib.import_module("check_gold").locate_statements
    for path in paths:
        for line in path.read_text(encoding="utf-8").splitlines():
            document = json.loads(line)
            found = locate(document["text"], document["statements"])
            yield Annotated(
                document["doc_id"],
                document["text"],
                tuple(
                    Annotation(
                        _spans([one["speaker"]] if one["speaker"] else []),
                        _spans([one["cue"]] if one["cue"] else []),
                        _spans(one["contents"]),
                    )
                    for one in found
                    if one is not None
                ),
                speech=True,
            )


def plain(path: Path, characters: int) -> Iterator[Annotated]:
    """Yield the documents of at most so many characters of a file of JSON lines; nobody has annotated them."""
    stored = path.read_bytes()
    for number, line in enumerate((gzip.decompress(stored) if path.suffix == ".gz" else stored).splitlines()):
        text = json.loads(line)["text"]
        if len(text) <= characters:
            yield Annotated(f"{path.name}-{number}", text, (), speech=False, known=False)


def _spans(pairs: Sequence[Any]) -> tuple[Span, ...]:
    return tuple(Span(start, end) for start, end in pairs)


def examples(documents: Iterable[Annotated], nlp: Language, tokenizer: Tokenizer) -> Iterator[Example]:
    """Yield the windows of documents with what is right in them."""
    inventory = Inventory.of(nlp)
    for document in documents:
        passage = Passage(model.parse(nlp, document.text))
        for window in windows(passage, find_attributions(passage), tokenizer, inventory):
            yield example(document, window)


def example(document: Annotated, window: Window) -> Example:
    """Return what is right in a window.

    A word has one tag. So where attributions lie in each other, as only the gold documents have them, the outer one
    is learned; the inner ones are left to the grammar.
    """
    links = np.full((2, len(window.words)), IGNORED)
    if not document.known:
        return Example(window, links[0], links, document.speech)
    tags = np.zeros(len(window.words), dtype=np.int64)
    starts = np.array([word.start for word in window.words])
    ends = np.array([word.end for word in window.words])

    def words(spans: Sequence[Span]) -> list[list[int]]:
        return [list(range(*_between(starts, ends, span))) for span in spans]

    def paint(runs: Sequence[Sequence[int]], tag: int) -> None:
        for run in runs:
            tags[run[1:]] = tag + 1
            tags[run[:1]] = tag

    outer: list[Annotation] = []
    for one in sorted(document.annotations, key=lambda a: a.content[0].start - a.content[-1].end):
        content, cue = words(one.content), [number for run in words(one.cue) for number in run]
        places = [number for run in content for number in run]
        if document.speech and places and (tags[places] >= CONTENT).all():
            continue
        outer.append(one)
        paint(content, CONTENT)
        links[0, places] = window.first[cue[0]] if cue else 0
    for one in outer:
        source, cue_runs = words(one.source), words(one.cue)
        spoken, cue = ([number for run in runs for number in run] for runs in (source, cue_runs))
        if document.speech and any(tags[number] >= CONTENT for number in [*spoken, *cue]):
            continue
        paint(source, SOURCE)
        paint(cue_runs, CUE)
        links[1, cue] = window.first[spoken[0]] if spoken else 0
    return Example(window, tags, links, document.speech)


def _between(starts: _Ints, ends: _Ints, span: Span) -> tuple[int, int]:
    first = int(np.searchsorted(ends, span.start, side="right"))
    return first, max(first, int(np.searchsorted(starts, span.end, side="left")))
