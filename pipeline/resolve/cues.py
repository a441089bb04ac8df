"""Where a figure stands, and which cue words stand near it.

Here are the two things that every decision about spending shares: the lexicon that finds cue words and phrases in a
parsed text, and the `Site` of a figure, which says how near a word is to it. What the cues mean is decided in
`defence`, `flows`, `payers` and `periods`; the words themselves are in `seeds/reference/`.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from spacy.attrs import LEMMA, LOWER
from spacy.tokens import Doc, Token
from spacy.vocab import Vocab

from pipeline.extract import columns
from pipeline.extract.records import Figure

REACH = 120
"""Words to each side of a figure that are looked at: it keeps the cost linear where a paragraph never ends."""
DEPTH = 14
"""Ancestors in the parse that are followed."""

_PIECES = re.compile(r"\w+|[^\w\s]")


@dataclass(frozen=True, slots=True)
class Hit:
    """A cue found in the text: its first token, the token after it, what it speaks for and how strongly."""

    start: int
    end: int
    label: str
    weight: float
    term: str


class Words:
    """The text's words, lower case and as lemmas, by token index; and its cues, found once for each lexicon."""

    def __init__(self, doc: Doc) -> None:
        self.doc = doc
        self.text = doc.text  # a copy: spaCy joins the words again at each call
        self.lower = columns.texts(doc, LOWER)
        self.lemma = columns.texts(doc, LEMMA, str.lower)
        self.starts = columns.starts(doc)
        self.sentence_starts = columns.sentence_starts(doc)
        self.line_starts = [0, *(i + 1 for i, word in enumerate(self.lower) if "\n" in word)]

    def tokens(self, start: int, end: int) -> tuple[int, int]:
        """Return the token range that covers characters `start` to `end`."""
        first = max(0, bisect_right(self.starts, start) - 1)
        return first, max(first + 1, bisect_left(self.starts, end))

    def sentence(self, index: int) -> tuple[int, int]:
        """Return the token range of the sentence of a token."""
        return self._between(self.sentence_starts, index)

    def paragraph(self, index: int) -> tuple[int, int]:
        """Return the token range of the paragraph (the line) of a token."""
        return self._between(self.line_starts, index)

    def _between(self, starts: Sequence[int], index: int) -> tuple[int, int]:
        at = bisect_right(starts, index)
        return starts[at - 1] if at else 0, starts[at] if at < len(starts) else len(self.lower)


class Lexicon:
    """Terms of one or more words, each speaking for a label with a weight.

    A word of a term matches a word of the text or its lemma. Where two terms start at the same word, the longer wins.
    """

    def __init__(self, rows: Iterable[tuple[str, str, float]]) -> None:
        self._by_first: dict[str, list[tuple[tuple[str, ...], str, float]]] = {}
        for term, label, weight in rows:
            words = tuple(_PIECES.findall(term.lower()))
            self._by_first.setdefault(words[0], []).append((words, label, weight))

    def find(self, words: Words, start: int = 0, end: int | None = None) -> Iterator[Hit]:
        """Yield the cues among the tokens from `start` up to, and without, `end`, in text order."""
        last = len(words.lower) if end is None else end
        by_first, none = self._by_first, list[tuple[tuple[str, ...], str, float]]()
        for i, (lower, lemma) in enumerate(zip(words.lower[start:last], words.lemma[start:last], strict=True), start):
            terms = by_first.get(lower, none)
            if lemma != lower:
                terms = terms + by_first.get(lemma, none)
            if not terms:
                continue
            best = [t for t in terms if self._matches(t[0], words, i, last)]
            longest = max((len(t[0]) for t in best), default=0)
            for term, label, weight in best:
                if len(term) == longest:
                    yield Hit(i, i + longest, label, weight, " ".join(term))

    @staticmethod
    def _matches(term: tuple[str, ...], words: Words, at: int, last: int) -> bool:
        if at + len(term) > last:
            return False
        return all(w in (words.lower[at + k], words.lemma[at + k]) for k, w in enumerate(term))


@dataclass(frozen=True, slots=True)
class Site:
    """The place of a figure, as ranges of tokens (end exclusive).

    `segment` is its part of the sentence, up to the figures before and after it; `before` is the previous sentence of
    the paragraph; `path` are the words that govern it, the nearest first.
    """

    figure: Figure
    start: int
    end: int
    sentence: tuple[int, int]
    segment: tuple[int, int]
    before: tuple[int, int]
    paragraph: tuple[int, int]
    path: tuple[Token, ...]

    def nearness(self, index: int) -> float:
        """Return how much a word at that token counts for the figure: 1 in its segment, 0 out of the paragraph."""
        if self.segment[0] <= index < self.segment[1]:
            return 1.0
        if self.sentence[0] <= index < self.sentence[1]:
            return 0.9 if any(t.i == index for t in self.path) else 0.5
        if self.before[0] <= index < self.before[1]:
            return 0.3
        if self.paragraph[0] <= index < self.paragraph[1]:
            return 0.15
        return 0.0

    def distance(self, first: int, after: int) -> int:
        """Return how many words lie between the figure and the tokens from `first` up to, and without, `after`."""
        return max(self.start - after, first - self.end, 0)

    @property
    def is_share(self) -> bool:
        """Return whether the figure is a share, which is read as one of GDP, and not a sum."""
        return self.figure.kind == "percent"

    @property
    def reach(self) -> tuple[int, int]:
        """Return the tokens in which a word counts at all."""
        return min(self.paragraph[0], self.sentence[0]), max(self.paragraph[1], self.sentence[1])


def sites(words: Words, figures: Sequence[Figure]) -> list[Site]:
    """Return the place of each figure, in the order of the figures."""
    ranges = sorted({words.tokens(*figure.span) for figure in figures})
    firsts = [first for first, _ in ranges]
    found = []
    for figure in figures:
        start, end = words.tokens(*figure.span)
        low, high = max(0, start - REACH), min(len(words.lower), end + REACH)
        sentence = _clip(words.sentence(start), low, high)
        paragraph = _clip(words.paragraph(start), low, high)
        at = bisect_left(firsts, start)
        left = ranges[at - 1][1] if at else 0
        right = ranges[at + 1][0] if at + 1 < len(ranges) else high
        before = (sentence[0], sentence[0])
        if sentence[0] > paragraph[0]:
            before = _clip(words.sentence(sentence[0] - 1), paragraph[0], sentence[0])
        segment = _clip((max(left, sentence[0]), min(right, sentence[1])), low, high)
        found.append(Site(figure, start, end, sentence, segment, before, paragraph, _path(words.doc, start, end)))
    return found


def _clip(span: tuple[int, int], low: int, high: int) -> tuple[int, int]:
    return max(span[0], low), max(min(span[1], high), span[0], low)


def _path(doc: Doc, start: int, end: int) -> tuple[Token, ...]:
    """Return the words that govern a figure, from the nearest up to the root of the sentence."""
    top = next((t for t in doc[start:end] if not start <= t.head.i < end or t.head is t), doc[end - 1])
    path: list[Token] = []
    token = top
    while token.head.i != token.i and len(path) < DEPTH:
        token = token.head
        if not start <= token.i < end:
            path.append(token)
    return tuple(path)


def plain_words(vocab: Vocab, text: str) -> Words:
    """Return a headline as words; it is not parsed, so a plural's s is cut to meet the lexicon."""
    words = [w.strip("“”\"'‘’,.:;?!()").removesuffix("’s").removesuffix("'s") or w for w in text.split()]
    return Words(Doc(vocab, words=words, lemmas=[w.lower().removesuffix("s") for w in words]))
