"""What a small encoder, reading the document as a whole, makes of its figures: defence spending or not, flow, status.

The linear model (`linear`) sees the words near a figure and what rules make of them; the encoder sees the text. They
decide together (`Together`). Here stands how a document becomes the encoder's input and what its answers mean; how it
is built and trained is in `training/appraiser.py`, what it was trained on and how well it judges in
`models/appraiser/README.md`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer

from pipeline.extract import networks, reader
from pipeline.extract.networks import log_softmax
from pipeline.extract.records import Document, Figure, Mention
from pipeline.extract.windows import CLS, SEP
from pipeline.resolve.linear import Linear, Option, T
from pipeline.tables import FLOWS, STATUSES

FOLDER = networks.MODELS / "appraiser"
"""`appraiser.onnx` (int8); its wordpieces are those of the reader's `tokenizer.json`."""

DECISIONS: dict[str, tuple[Hashable, ...]] = {"defence": (False, True), "flow": FLOWS, "status": STATUSES}
"""What the encoder decides, and among what, in the order of its answers."""

SIZE, LONG, TITLE = 512, 288, 60
"""Wordpieces of a window, of one of a document that does not fit into it (title aside), and of the title.

The time for a wordpiece grows with the window: of 512 each takes twice as long as of 256, and is read no better.
"""
FEATURES = {"figure": 5, "year": 6, "mention": 2, "title": 2}
"""What is told of each wordpiece beside itself, and how many values it has.

A figure that is asked about: 1 the first piece of a sum, 2 the others, 3 and 4 of a share. A year: 1 two and more
before the publication, 2 the one before, 3 the same, 4 the next, 5 later. In a mention of an actor. In the title.
"""
WEIGHT = 0.5
"""Of the logarithms of the encoder's probabilities beside the linear model's.

On 560 invented documents that neither had seen, it is best for each of the three decisions.
"""
LEAST = 0.3
"""What the linear model holds for less likely to be defence spending, it rules out alone.

That loses 1 % of the records in the documents above, and spares four in five readings of civilian news. Civilian aid,
of which they hold little, the encoder takes for defence spending too readily: of 62 sums of it in
`data/spending/dev_kiel` it would report eight with a limit of 0.1, and reports three.
"""

_YEAR = re.compile(r"\b(?:19[5-9]\d|20\d\d)\b")
_Ints = npt.NDArray[np.int64]
Appraisal = Mapping[str, Mapping[Hashable, float]]
"""Decision → its options → the natural logarithm of their probability."""


@dataclass(frozen=True, slots=True)
class Window:
    """One input of the encoder: n wordpieces, the title first, then whole lines of the text, each closed by [SEP].

    `starts` are the pieces' first characters in the text, -1 where they are not of it; `figures` are those it answers
    for, `pieces` the places of their first pieces.
    """

    ids: _Ints  # (n,)
    starts: _Ints  # (n,)
    features: _Ints  # (n, len(FEATURES))
    pieces: _Ints  # (figures,)
    figures: tuple[Figure, ...]


def windows(
    document: Document, figures: Sequence[Figure], mentions: Sequence[Mention], tokenizer: Tokenizer
) -> Iterator[Window]:
    """Yield the windows of a document in which there are figures to answer for; each is answered for in one.

    A longer document is read in smaller windows, which overlap by a third, each figure where most is around it.
    """
    ids, starts = _pieces(document.text, tokenizer)
    title = tokenizer.encode(document.title, add_special_tokens=False).ids[:TITLE] if document.title else []
    head = np.array([CLS, *title, SEP])
    marks = _marks(document, figures, mentions)
    whole = len(head) + len(ids) <= SIZE
    room, step = (len(ids), len(ids)) if whole else (LONG, LONG * 2 // 3)
    last = max(0, math.ceil((len(ids) - room) / step))  # the number of the last window
    own: dict[int, list[tuple[Figure, int]]] = {}
    reached = np.maximum.accumulate(starts)  # [SEP] has no start of its own
    for figure in figures:
        piece = int(np.searchsorted(reached, figure.span.start))
        begin = step * max(0, min(last, math.ceil((piece - room / 2) / step - 0.5)))  # whose middle is nearest
        if begin <= piece < min(begin + room, len(ids)):
            own.setdefault(begin, []).append((figure, piece - begin + len(head)))
    for begin, asked in sorted(own.items()):
        part = slice(begin, begin + room)
        places = np.concatenate([np.full(len(head), -1), starts[part]])
        features = np.zeros((len(places), len(FEATURES)), dtype=np.int64)
        features[: len(head), -1] = 1
        features[places >= 0, :-1] = marks[places[places >= 0]]
        pieces = np.array([piece for _, piece in asked], dtype=np.int64)
        yield Window(np.concatenate([head, ids[part]]), places, features, pieces, tuple(f for f, _ in asked))


def _pieces(text: str, tokenizer: Tokenizer) -> tuple[_Ints, _Ints]:
    """Return the wordpieces of a text and their first characters, -1 for the [SEP] that closes each line."""
    ids, starts, at = [], [], 0
    lines = text.split("\n")
    for line, encoding in zip(lines, tokenizer.encode_batch(lines, add_special_tokens=False), strict=True):
        ids += [*encoding.ids, SEP]
        starts += [*(at + start for start, _ in encoding.offsets), -1]
        at += len(line) + 1
    return np.array(ids, dtype=np.int64), np.array(starts, dtype=np.int64)


def _marks(document: Document, figures: Sequence[Figure], mentions: Sequence[Mention]) -> npt.NDArray[np.int8]:
    """Return for each character of the text (n, 3) what is told of its figure, year and mention."""
    marks = np.zeros((len(document.text), len(FEATURES) - 1), dtype=np.int8)
    for figure in figures:
        kind = 3 if figure.kind == "percent" else 1
        marks[figure.span.start : figure.span.end, 0] = kind + 1
        marks[figure.span.start, 0] = kind
    if document.published_on is not None:
        for match in _YEAR.finditer(document.text):
            away = int(match[0]) - document.published_on.year
            marks[match.start() : match.end(), 1] = 3 + max(-2, min(2, away))
    for mention in mentions:
        marks[mention.span.start : mention.span.end, 2] = 1
    return marks


class Appraiser:
    """The network with its tokenizer."""

    def __init__(self, folder: Path) -> None:
        """Load the network; it takes a third of a second.

        Raises:
            ModelNotInstalled: the file of the model is missing or damaged.
        """
        with networks.opening("appraiser of spending", folder, "training.appraiser"):
            self.tokenizer = networks.tokenizer(reader.FOLDER / "tokenizer.json")
            self._session = networks.session(folder / "appraiser.onnx")

    def read(self, window: Window) -> Iterator[tuple[Figure, Appraisal]]:
        """Yield what the network makes of each figure of a window."""
        inputs = {"ids": window.ids[None], "features": window.features[None], "pieces": window.pieces}
        answers = [log_softmax(scores) for scores in self._session.run(list(DECISIONS), inputs)]
        for number, figure in enumerate(window.figures):
            yield figure, {
                decision: dict(zip(options, answer[number].tolist(), strict=True))
                for (decision, options), answer in zip(DECISIONS.items(), answers, strict=True)
            }


@lru_cache(maxsize=2)
def load(folder: Path = FOLDER) -> Appraiser:
    """Load an appraiser once a process."""
    return Appraiser(folder)


class Together:
    """Chooses by the linear model and the encoder: the decisions that both know by the weighted product of the two.

    A window is read when the first of its figures is asked about that the linear model does not rule out, so that
    documents on other things cost nothing.
    """

    def __init__(
        self, linear: Linear, document: Document, figures: Sequence[Figure], mentions: Sequence[Mention]
    ) -> None:
        """Take a document's figures, those that may be spending, and its mentions of actors."""
        self._linear, self._given = linear, (document, figures, mentions)
        self._found: dict[Figure, Appraisal] = {}

    @cached_property
    def _windows(self) -> dict[Figure, Window]:
        return {figure: window for window in windows(*self._given, load().tokenizer) for figure in window.figures}

    def _appraisal(self, figure: Figure) -> Appraisal:
        """Return what the encoder makes of a figure; nothing where it is too far from all it could read."""
        if figure not in self._found and figure in self._windows:
            self._found |= load().read(self._windows[figure])
        return self._found.get(figure, {})

    def choose(self, decision: str, figure: Figure, options: Sequence[Option[T]]) -> tuple[Option[T], float]:
        """Return the likeliest option and its probability; of equal ones the first. There must be one at least."""
        if decision not in DECISIONS:
            return self._linear.choose(decision, figure, options)
        linear = self._linear.probabilities(decision, options)
        is_ruled_out = decision == "defence" and linear[True] < LEAST
        appraisal = {} if is_ruled_out else self._appraisal(figure).get(decision, {})
        joint = linear
        if appraisal:
            joint = {
                key: math.exp((1 - WEIGHT) * math.log(max(probability, 1e-9)) + WEIGHT * appraisal[key])
                for key, probability in linear.items()
            }
        best = max(joint, key=lambda key: joint[key])
        return next(option for option in options if option.key == best), joint[best] / sum(joint.values())
