"""Choosing among options by learned weights."""

from __future__ import annotations

import pytest

from pipeline.extract.records import Figure, Span
from pipeline.reference import rows
from pipeline.resolve.linear import Linear, Option, crossed, learned

FIGURE = Figure(Span(0, 1), "money", 1.0, 1.0, None, "EUR", Span(0, 1))


def test_the_heaviest_option_is_chosen() -> None:
    """The sum of weights decides; what has no weight counts nothing; the probabilities are a softmax."""
    linear = Linear({"flow": {"a": 1.0, "b": -1.0}})
    options = [Option("x", 1, {"a": 1.0, "unknown": 50.0}), Option("y", 2, {"b": 1.0})]
    chosen, probability = linear.choose("flow", FIGURE, options)
    assert chosen.value == 1
    assert probability == pytest.approx(1 / (1 + 2.718281828**-2))


def test_options_that_stand_for_the_same_pool() -> None:
    """Two mentions of one state outweigh one that is a little heavier; the heavier mention stands for both."""
    linear = Linear({"spender": {"weight": 1.0}})
    options = [Option("FIN", 1, {"weight": 1.0}), Option("NOR", 2, {"weight": 0.7}), Option("NOR", 3, {"weight": 0.8})]
    chosen, probability = linear.choose("spender", FIGURE, options)
    assert chosen.value == 3 and probability > 0.5


def test_equal_options_go_to_the_first() -> None:
    """Without any weight the choice is the same every time."""
    options = [Option(key, key, {}) for key in "abc"]
    assert Linear({}).choose("item", FIGURE, options)[0].value == "a"


def test_features_of_a_label_are_its_own() -> None:
    """A label has a bias and the features that are not nought."""
    assert crossed("aid", {"x": 0.5, "y": 0.0}) == {"aid": 1.0, "aid | x": 0.5}


def test_the_learned_weights_are_sound() -> None:
    """Every decision has weights, each feature one, and none is out of proportion."""
    table = rows("spending_weights")
    assert {row["decision"] for row in table} == {
        "defence", "flow", "status", "spender", "recipient", "item", "period",
    }  # fmt: skip
    assert len({(row["decision"], row["feature"]) for row in table}) == len(table)
    assert all(0 < abs(float(row["weight"])) < 20 for row in table)
    assert learned().weights["defence"]["for"] > 0 > -learned().weights["defence"]["against"]
