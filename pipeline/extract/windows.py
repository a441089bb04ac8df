"""From a parsed text to the inputs of the reader: wordpieces in windows, with what grammar and quotation marks tell.

A window is whole paragraphs where they fit. What the network is and what its answers mean is in `reader`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from spacy.attrs import DEP, TAG
from spacy.language import Language
from tokenizers import Tokenizer

from pipeline.extract import columns
from pipeline.extract.passage import Passage
from pipeline.extract.records import Attribution, Span

SIZE = 190
"""Wordpieces of text in a window; a longer paragraph is cut between sentences."""

CLS, SEP = 101, 102
SHAPES = ("other", "lower", "title", "upper", "mixed", "digit", "mark")
QUOTED = ("outside", "inside", "opening", "closing")
GRAMMAR = ("none", "source", "source go on", "cue", "cue go on", "content", "content go on")
FEATURES = ("tag", "dep", "shape", "quote", "grammar")
_LINE = re.compile(r"[^\n]+")
_Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Inventory:
    """The labels of the parser that the reader knows, in the order of its embeddings; 0 is any other."""

    tags: tuple[str, ...]
    deps: tuple[str, ...]

    @classmethod
    def of(cls, nlp: Language) -> Inventory:
        """Return the labels of a spaCy pipeline."""
        return cls(tuple(sorted(nlp.get_pipe("tagger").labels)), tuple(sorted(nlp.get_pipe("parser").labels)))  # type: ignore[attr-defined]

    @property
    def sizes(self) -> tuple[int, ...]:
        """The number of values of each of `FEATURES`."""
        return (len(self.tags) + 1, len(self.deps) + 1, len(SHAPES), len(QUOTED), len(GRAMMAR))


@dataclass(frozen=True, slots=True)
class Window:
    """One input of the reader: n wordpieces, [CLS] first, [SEP] after each paragraph.

    `first` are the places of the words' first pieces, `words` the characters of the words, in the same order.
    """

    ids: _Ints  # (n,)
    features: _Ints  # (n, len(FEATURES))
    first: _Ints  # (words,)
    words: tuple[Span, ...]


def windows(
    passage: Passage, found: Sequence[Attribution], tokenizer: Tokenizer, inventory: Inventory
) -> Iterator[Window]:
    """Yield the windows of a text, in its order; `found` is what the grammar takes for attributions."""
    table = _Features(passage, found, inventory)
    open_: list[_Paragraph] = []
    for paragraph in _paragraphs(passage, tokenizer):
        if open_ and sum(len(p.ids) + 1 for p in open_) + len(paragraph.ids) > SIZE:
            introduces = len(open_) > 1 and passage.text[open_[-1].ends[-1] - 1] == ":"
            fits = len(open_[-1].ids) + 1 + len(paragraph.ids) <= SIZE
            kept = [open_.pop()] if introduces and fits else []  # "He added:" goes with the quotation after it
            yield _window(open_, table)
            open_ = kept
        open_.append(paragraph)
    if open_:
        yield _window(open_, table)


@dataclass(frozen=True, slots=True)
class _Paragraph:
    ids: list[int]
    starts: list[int]  # of the piece, in the text
    ends: list[int]
    heads: list[bool]  # whether a piece begins a word


def _paragraphs(passage: Passage, tokenizer: Tokenizer) -> Iterator[_Paragraph]:
    """Yield each paragraph as wordpieces, those too long in parts that end with a sentence where one fits."""
    lines = [Span(*match.span()) for match in _LINE.finditer(passage.text)]
    encodings = tokenizer.encode_batch([line.of(passage.text) for line in lines], add_special_tokens=False)
    ends = {sentence.end for sentence in passage.sentences}
    for line, encoding in zip(lines, encodings, strict=True):
        ids, words = encoding.ids, encoding.word_ids  # each is made anew when asked for
        starts = [line.start + start for start, _ in encoding.offsets]
        stops = [line.start + end for _, end in encoding.offsets]
        heads = [number == 0 or words[number] != words[number - 1] for number in range(len(words))]
        start = 0
        while start < len(words):
            end = min(start + SIZE, len(words))
            if end < len(words):
                end = next((n for n in range(end, start + SIZE // 3, -1) if stops[n - 1] in ends), end)
                while end > start + 1 and not heads[end]:
                    end -= 1
            yield _Paragraph(ids[start:end], starts[start:end], stops[start:end], heads[start:end])
            start = end


def _window(paragraphs: Sequence[_Paragraph], table: _Features) -> Window:
    ids, owners, first, words = [CLS], [-1], [], []  # owners: the number of each piece's word, -1 for [CLS] and [SEP]
    for paragraph in paragraphs:
        for piece, start, end, head in zip(
            paragraph.ids, paragraph.starts, paragraph.ends, paragraph.heads, strict=True
        ):
            if head:
                first.append(len(ids))
                words.append(Span(start, end))
            else:
                words[-1] = Span(words[-1].start, end)
            ids.append(piece)
            owners.append(len(words) - 1)
        ids.append(SEP)
        owners.append(-1)
    features = np.zeros((len(ids), len(FEATURES)), dtype=np.int64)
    inside = np.array(owners) >= 0
    features[inside] = table.of(words)[np.array(owners)[inside]]
    return Window(np.array(ids), features, np.array(first, dtype=np.int64), tuple(words))


class _Features:
    """What the parse, the quotation marks and the grammar tell of any character."""

    def __init__(self, passage: Passage, found: Sequence[Attribution], inventory: Inventory) -> None:
        self.text = passage.text
        tags = {label: number for number, label in enumerate(inventory.tags, 1)}
        deps = {label: number for number, label in enumerate(inventory.deps, 1)}
        self._starts = np.array(columns.starts(passage.doc) or [0])
        self._tags = np.array([tags.get(tag, 0) for tag in columns.texts(passage.doc, TAG)] or [0])
        self._deps = np.array([deps.get(dep, 0) for dep in columns.texts(passage.doc, DEP)] or [0])
        self._quotes = np.zeros(len(self.text) + 1, dtype=np.int8)
        for quote in passage.quotes:
            self._quotes[quote.inner.start : quote.inner.end] = 1
            self._quotes[quote.outer.start : quote.inner.start] = 2
            self._quotes[quote.inner.end : quote.outer.end] = 3
        self._grammar = np.zeros(len(self.text) + 1, dtype=np.int8)
        for attribution in sorted(found, key=lambda a: a.content[0].start - a.content[-1].end):
            for span in attribution.content:
                self._paint(span, 5)
        for attribution in found:
            if attribution.speaker is not None:
                self._paint(attribution.speaker, 1)
            if attribution.cue is not None:
                self._paint(attribution.cue, 3)

    def _paint(self, span: Span, value: int) -> None:
        self._grammar[span.start : span.end] = value + 1
        self._grammar[span.start] = value

    def of(self, words: Sequence[Span]) -> _Ints:
        """Return the features (words, len(FEATURES)) of words, read at their first characters."""
        places = np.array([word.start for word in words])
        tokens = np.maximum(np.searchsorted(self._starts, places, side="right") - 1, 0)
        shapes = np.array([_shape(word.of(self.text)) for word in words])
        return np.stack(
            [self._tags[tokens], self._deps[tokens], shapes, self._quotes[places], self._grammar[places]], axis=1
        )


@lru_cache(maxsize=50_000)
def _shape(word: str) -> int:
    if not any(character.isalnum() for character in word):
        return SHAPES.index("mark")
    if any(character.isdigit() for character in word):
        return SHAPES.index("digit")
    if word.islower():
        return SHAPES.index("lower")
    if word[0].isupper() and (len(word) == 1 or word[1:].islower()):
        return SHAPES.index("title")
    if word.isupper():
        return SHAPES.index("upper")
    return SHAPES.index("mixed" if word[0].isalpha() else "other")
