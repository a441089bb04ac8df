"""Choosing among options by a weighted sum of their features: the one model behind every decision on spending.

A decision is a name ("flow", "spender", …), an option a value with its features. The probability of an option is the
softmax of the sums (a conditional logit, McFadden 1974); options that stand for the same thing, such as two mentions of
one state, pool theirs. Which features an option has is the business of the module that offers it; the weights are
learned by `training.spending` and stand in `seeds/reference/spending_weights.csv`.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Generic, Protocol, TypeVar

from pipeline import reference
from pipeline.extract.records import Figure

T = TypeVar("T")
Features = dict[str, float]

WORD = 0.5
"""The value of a feature that is a single word: half, for what few examples show of a word is less sure."""


@dataclass(frozen=True, slots=True)
class Option(Generic[T]):
    """A value that may be chosen, what it stands for (`key`), and what speaks for it."""

    key: Hashable
    value: T
    features: Features


class Chooser(Protocol):
    """What decides: the learned model, or in training the annotator."""

    def choose(self, decision: str, figure: Figure, options: Sequence[Option[T]]) -> tuple[Option[T], float]:
        """Return the option that is chosen for a figure, and its probability."""
        ...


class Linear:
    """Weights by decision and feature; a feature without a weight counts nothing."""

    def __init__(self, weights: Mapping[str, Mapping[str, float]]) -> None:
        self.weights = weights

    def choose(self, decision: str, figure: Figure, options: Sequence[Option[T]]) -> tuple[Option[T], float]:
        """Return the likeliest option and its probability; of equal ones the first. There must be one at least."""
        scores = self._scores(decision, options)
        pooled = _pooled(options, scores)
        key = max(pooled, key=lambda one: pooled[one])
        best = max((i for i, option in enumerate(options) if option.key == key), key=lambda i: scores[i])
        return options[best], pooled[key]

    def probabilities(self, decision: str, options: Sequence[Option[T]]) -> dict[Hashable, float]:
        """Return the probability of each thing that options stand for, in their order."""
        return _pooled(options, self._scores(decision, options))

    def _scores(self, decision: str, options: Sequence[Option[T]]) -> list[float]:
        weights = self.weights.get(decision, {})
        return [sum(weights.get(name, 0.0) * value for name, value in o.features.items()) for o in options]


def _pooled(options: Sequence[Option[T]], scores: Sequence[float]) -> dict[Hashable, float]:
    top = max(scores)
    pooled: dict[Hashable, float] = defaultdict(float)
    for option, score in zip(options, scores, strict=True):
        pooled[option.key] += math.exp(score - top)
    total = sum(pooled.values())
    return {key: value / total for key, value in pooled.items()}


@cache
def learned() -> Linear:
    """Return the model with the weights of `spending_weights.csv`."""
    weights: dict[str, dict[str, float]] = defaultdict(dict)
    for row in reference.rows("spending_weights"):
        weights[row["decision"]][row["feature"]] = float(row["weight"])
    return Linear(weights)


def crossed(label: str, features: Mapping[str, float]) -> Features:
    """Return the features as those of one label among several, with its bias."""
    return {label: 1.0} | {f"{label} | {name}": value for name, value in features.items() if value}
