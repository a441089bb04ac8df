"""From the reader's probabilities to attributions: tags to spans that are well formed, spans joined by links.

What the probabilities come from is in `reader`; how its attributions and those of the grammar become one is in
`statements`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pipeline.extract.records import Span

SOURCE, CUE, CONTENT = 1, 3, 5
"""The tag of a span's first word; the next number is that of its other words, 0 is outside of all."""
TAGS = 7
LEAST_LINK = 0.25
"""A content whose best cue is less likely than this is left without one: its own is a word that is not taken for a cue.

PolNeAR dev knows no better one from 0.2 to 0.4 (full .762, .756 without)."""
_Floats = npt.NDArray[np.float32]
_Piece = tuple[tuple[int, int], float]  # the words of a content, and how likely its link is


@dataclass(frozen=True, slots=True)
class Reading:
    """What the network makes of a window of n words, as natural logarithms of probabilities."""

    words: tuple[Span, ...]
    tags: _Floats  # (n, TAGS): attributions of every kind, belief and intention among them
    speech: _Floats  # (n, TAGS): those only that count as statements
    cue: _Floats  # (n, n + 1): [i, j + 1]: word i is content of the cue that begins with word j; [i, 0]: of none here
    source: _Floats  # (n, n + 1): [i, j + 1]: the source of the cue at word i begins with word j; [i, 0]: it has none


@dataclass(frozen=True, slots=True)
class Candidate:
    """An attribution as the network sees it, with the probabilities of its parts (0 to 1)."""

    content: tuple[Span, ...]
    cue: Span | None
    source: Span | None
    content_p: float  # that its words are content
    cue_p: float  # that the cue is one
    speech_p: float  # that the cue is one of a statement, not of a bare belief or intention
    link_p: float  # that content and cue belong together
    source_p: float  # that the cue has this source, or none


def best_tags(scores: _Floats) -> npt.NDArray[np.int64]:
    """Return the best tags (n,) for scores (n, TAGS), where no span goes on that has not begun (Viterbi)."""
    free: npt.NDArray[np.int64] = scores.argmax(axis=1)
    before = np.concatenate([[0], free[:-1]])
    goes_on = (free > 0) & (free % 2 == 0)
    if not (goes_on & (before != free) & (before != free - 1)).any():
        return free  # the best tag of each word is a way through already
    allowed = np.zeros((TAGS, TAGS), dtype=np.float32)
    for inside in (SOURCE + 1, CUE + 1, CONTENT + 1):
        allowed[:, inside] = -np.inf
        allowed[[inside - 1, inside], inside] = 0
    best = scores[0] + allowed[0]
    back = np.zeros(scores.shape, dtype=np.int64)
    for number in range(1, len(scores)):
        paths = best[:, None] + allowed
        back[number] = paths.argmax(axis=0)
        best = paths.max(axis=0) + scores[number]
    tags = np.zeros(len(scores), dtype=np.int64)
    tags[-1] = best.argmax()
    for number in range(len(scores) - 1, 0, -1):
        tags[number - 1] = back[number, tags[number]]
    return tags


def _runs(tags: npt.NDArray[np.int64], kind: int) -> list[tuple[int, int]]:
    """Return the spans of one kind as first word and the word after the last."""
    found: list[tuple[int, int]] = []
    for number, tag in enumerate(tags.tolist()):
        if tag == kind:
            found.append((number, number + 1))
        elif tag == kind + 1:
            found[-1] = (found[-1][0], number + 1)
    return found


def decode(reading: Reading) -> list[Candidate]:
    """Return the attributions of a window, in the order of their contents."""
    if not reading.words:
        return []
    tags = best_tags(reading.tags)
    sources, cues, contents = (_runs(tags, kind) for kind in (SOURCE, CUE, CONTENT))
    if not contents:
        return []
    cue_link, source_link = np.exp(reading.cue), np.exp(reading.source)
    owned: dict[tuple[int, int], list[_Piece]] = {}
    alone: list[_Piece] = []
    for content in contents:
        nowhere, chances = _chances(cue_link[slice(*content)], cues)
        p, cue = max(zip(chances, cues, strict=True), default=(0.0, None))
        if cue is None or nowhere > p or p < LEAST_LINK:
            alone.append((content, nowhere))
        else:
            owned.setdefault(cue, []).append((content, p))
    groups: list[tuple[tuple[int, int] | None, list[_Piece]]] = [*owned.items(), *((None, [piece]) for piece in alone)]
    probabilities, speech = np.exp(reading.tags), np.exp(reading.speech)
    found = []
    for cue, pieces in groups:
        source, source_p = None, 0.0
        if cue is not None:
            nobody, chances = _chances(source_link[slice(*cue)], sources)
            speakers = [*zip(chances, sources, strict=True), (nobody, None)]
            source_p, source = max(speakers, key=lambda option: option[0])
        words = [number for (a, b), _ in pieces for number in range(a, b)]
        found.append(
            Candidate(
                tuple(_span(reading, run) for run, _ in pieces),
                None if cue is None else _span(reading, cue),
                None if source is None else _span(reading, source),
                float(probabilities[words, CONTENT : CONTENT + 2].sum(axis=1).mean()),
                0.0 if cue is None else float(probabilities[slice(*cue), CUE : CUE + 2].sum(axis=1).mean()),
                0.0 if cue is None else float(speech[slice(*cue), CUE : CUE + 2].sum(axis=1).mean()),
                float(np.mean([p for _, p in pieces])),
                source_p,
            )
        )
    return sorted(found, key=lambda candidate: candidate.content[0])


def _chances(rows: _Floats, runs: Sequence[tuple[int, int]]) -> tuple[float, list[float]]:
    """Return the mean probability of some words to belong to nothing here, and to each of some runs of words."""
    up_to = rows.mean(axis=0).cumsum(dtype=np.float64).tolist()
    return up_to[0], [up_to[end] - up_to[start] for start, end in runs]


def _span(reading: Reading, run: tuple[int, int]) -> Span:
    return Span(reading.words[run[0]].start, reading.words[run[1] - 1].end)
