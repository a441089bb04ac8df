"""spaCy's parser and name recogniser over many texts at once, to the same result and several times as fast.

spaCy walks one state at a time through C, and asks for the interpreter's lock at every step; here all texts take a
step together, and names, which depend on little but the word itself, are read off a few matrices. Only those two kinds
of component are known here; which component is run how is decided in `components`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from spacy.attrs import IS_SPACE, SENT_START
from spacy.pipeline import DependencyParser, EntityRecognizer
from spacy.tokens import Doc, Span

_Floats = npt.NDArray[np.float32]
_Bools = npt.NDArray[np.bool_]
_Ints = npt.NDArray[np.int64]

_FEATURES_OF_NAMES = 3
"""What the recogniser looks at: the word, the first word of the name that is open, the word before."""


def parses(component: Any) -> bool:
    """Tell a parser whose greedy walk `parse` reproduces."""
    return type(component) is DependencyParser and _greedy(component)


def recognises(component: Any) -> bool:
    """Tell a name recogniser whose greedy walk `recognise` reproduces."""
    return (
        type(component) is EntityRecognizer
        and _greedy(component)
        and component.model.get_ref("lower").get_dim("nF") == _FEATURES_OF_NAMES
    )


def _greedy(component: Any) -> bool:
    attrs = component.model.attrs
    return component.cfg["beam_width"] == 1 and attrs["has_upper"] and not attrs["unseen_classes"]


def parse(parser: Any, docs: Sequence[Doc]) -> None:
    """Set heads, labels and sentences, as `parser` does; `docs` hold their vectors already."""
    docs = [doc for doc in docs if len(doc)]
    if not docs:
        return
    features = _Features(parser.model, docs)
    upper = parser.model.get_ref("upper")
    # In double precision, for the order of a sum would let a text's scores depend on what is parsed beside it.
    weights, bias = upper.get_param("W").T.astype(np.float64), upper.get_param("b").astype(np.float64)
    step = parser.model.predict([Doc(docs[0].vocab, words=["-"])])  # it only tells which words a state looks at
    states = parser.moves.init_batch(docs)
    open_ = [state for state in states if not state.is_final()]
    while open_:
        scores = features.hidden(step.get_token_ids(open_)) @ weights + bias
        open_ = parser.transition_states(open_, scores.astype(np.float32))
    parser.set_annotations(docs, states)
    step.clear_memory()  # it refers to itself, and would stay until the garbage is collected


class _Features:
    """What each word adds to a state in each role that it may have there, worked out text by text."""

    def __init__(self, model: Any, docs: Sequence[Doc]) -> None:
        lower, vectors = model.get_ref("lower"), model.get_ref("tok2vec")
        roles, width, pieces, inputs = lower.get_param("W").shape
        # The pieces of a unit lie apart, so that the largest is found in one comparison of rows.
        weights = lower.get_param("W").transpose(0, 2, 1, 3).reshape(roles * pieces * width, inputs).T
        self._shape = pieces, width
        self._bias = lower.get_param("b").T.ravel()
        self._rows = np.empty((sum(map(len, docs)) + 1, roles, pieces * width), dtype=np.float32)
        self._rows[0] = lower.get_param("pad")[0].transpose(0, 2, 1).reshape(roles, -1)
        start = 1
        for doc in docs:
            np.matmul(vectors.predict([doc]), weights, out=self._rows[start : start + len(doc)].reshape(len(doc), -1))
            start += len(doc)
        self._rows = self._rows.reshape(-1, pieces * width)
        self._roles = np.arange(roles, 2 * roles, dtype=np.int32)

    def hidden(self, places: npt.NDArray[np.int32]) -> _Floats:
        """Return the hidden layer (states, width) of states, from the words that they look at: (states, roles)."""
        rows = places * len(self._roles) + self._roles
        state = self._rows.take(rows, axis=0).sum(axis=1) + self._bias
        return np.asarray(state.reshape(-1, *self._shape).max(axis=1))


def recognise(recogniser: Any, doc: Doc) -> None:
    """Set the names, as `recogniser` does; the text has none yet."""
    if len(doc):
        found = _Words(recogniser, doc).names()
        doc.set_ents([Span(doc, start, end, label=label) for start, end, label in found], default="outside")


class _Words:
    """The words of a text, with the name that begins at each, were no name open before it.

    Actions are those of the BILUO scheme (Ratinov and Roth 2009): a name begins, goes on and ends, or is one word.
    """

    def __init__(self, recogniser: Any, doc: Doc) -> None:
        model = recogniser.model
        lower, upper = model.get_ref("lower"), model.get_ref("upper")
        self._vectors: _Floats = model.get_ref("tok2vec").predict([doc])
        self._weights, self._bias, self._pad = lower.get_param("W"), lower.get_param("b"), lower.get_param("pad")[0]
        self._upper, self._upper_bias = upper.get_param("W"), upper.get_param("b")
        moves = recogniser.moves
        actions = [moves.get_class_name(number) for number in range(moves.n_moves)]
        self._labels = [action[2:] for action in actions]
        self._begins = np.array([action.startswith("B-") and len(action) > 2 for action in actions])
        self._units = np.array([action.startswith("U-") and len(action) > 2 for action in actions])
        self._outside = np.array([action == "O" for action in actions])
        numbers = {action: number for number, action in enumerate(actions)}
        self._in = np.array([numbers.get("I-" + label, 0) for label in self._labels])
        self._last = np.array([numbers.get("L-" + label, 0) for label in self._labels])
        blank, starts = (doc.to_array([IS_SPACE, SENT_START]) == 1).T
        self._goes_on = ~np.append(starts[1:], True)  # whether its sentence goes on after a word
        self._action, self._end = self._read(blank)

    def names(self) -> Iterator[tuple[int, int, str]]:
        """Yield the names: first word, word after the last, label."""
        done = 0
        for word in np.flatnonzero(~self._outside[self._action]).tolist():
            if word >= done:
                done = int(self._end[word])
                yield word, done, self._labels[self._action[word]]

    def _read(self, blank: _Bools) -> tuple[_Ints, _Ints]:
        """Return for each word the best action where no name is open, and the end of the name it begins."""
        one, first, before = range(_FEATURES_OF_NAMES)
        alone = self._feature(one, slice(None))
        scores = self._hidden(alone + self._pad[first] + self._pad[before]) @ self._upper.T + self._upper_bias
        valid = self._outside | (self._units & ~blank[:, None])
        valid |= self._begins & (self._goes_on & ~blank)[:, None]
        action = np.where(valid, scores, -np.inf).argmax(axis=1)
        end = np.arange(1, len(action) + 1)
        opened = np.flatnonzero(self._begins[action])
        place = opened + 1
        while len(opened):
            state = alone[place] + self._feature(first, opened) + self._feature(before, place - 1)
            hidden = self._hidden(state)
            inside, last = self._in[action[opened]], self._last[action[opened]]
            goes_on = self._chances(hidden, inside), self._chances(hidden, last)
            longer = self._goes_on[place] & _better(*goes_on, inside < last)
            end[opened] = place + 1
            opened, place = opened[longer], place[longer] + 1
        return action, end

    def _feature(self, number: int, rows: slice | _Ints) -> _Floats:
        """Return what words, in one of the three roles, add to a state: (words, hidden, pieces)."""
        weights = self._weights[number]
        width, pieces, _ = weights.shape
        return np.asarray(self._vectors[rows] @ weights.reshape(width * pieces, -1).T).reshape(-1, width, pieces)

    def _hidden(self, state: _Floats) -> _Floats:
        return np.asarray((state + self._bias).max(axis=2))

    def _chances(self, hidden: _Floats, actions: _Ints) -> _Floats:
        return np.asarray((hidden * self._upper[actions]).sum(axis=1) + self._upper_bias[actions])


def _better(one: _Floats, other: _Floats, first: _Bools) -> _Bools:
    """Tell where one score is the best, which of two equal ones is the `first`."""
    return np.asarray((one > other) | ((one == other) & first))
