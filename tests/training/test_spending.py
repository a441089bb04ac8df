"""Learning the weights of spending: the annotations are sound, and the fit finds what separates right from wrong."""

from __future__ import annotations

import json

import pytest

from pipeline.tables import FLOWS, STATUSES
from training.spending import OWN, Example, Problem, Reading, agreeing, agrees, overlap

PASSAGES = [
    json.loads(line) for file in OWN.values() for line in file.read_text(encoding="utf-8").splitlines()
]


@pytest.mark.parametrize("passage", PASSAGES, ids=lambda passage: str(passage["doc_id"]))
def test_our_passages_are_annotated_in_words_of_the_text(passage: dict[str, object]) -> None:
    """Amounts and items stand in the text, in its order; flow, status and period are of the vocabulary."""
    text, at = str(passage["text"]), 0
    spending = passage["spending"]
    assert isinstance(spending, list)
    for record in spending:
        at = text.index(record["amount_text"], at)
        assert record["item"] is None or record["item"] in text
        assert record["flow"] in FLOWS and record["status"] in STATUSES
        assert record["period"] is None or all(year.isdigit() for year in record["period"].split("-"))


def test_passages_have_names_of_their_own() -> None:
    """No two passages share an id: cross-validation keeps documents apart by it."""
    assert len({passage["doc_id"] for passage in PASSAGES}) == len(PASSAGES)


def test_every_annotated_sum_is_found() -> None:
    """The figures of our passages are those that the pipeline finds, so that each annotation teaches something."""
    for passage in PASSAGES[:12]:
        reading = Reading("own", passage)
        assert len(reading.records) == len(passage["spending"]), passage["doc_id"]


def test_fit_finds_what_is_right() -> None:
    """A feature of the right options gets weight, one of all options none; a prior stays where nothing speaks."""
    examples = [
        Example(f"d{i}", [{"good": 1.0, "both": 1.0}, {"bad": 1.0, "both": 1.0}], [True, False], 1.0) for i in range(8)
    ]
    problem = Problem(examples, {"elsewhere": 1.5})
    weights = dict(zip(problem.names, problem.fit(0.5), strict=True))
    assert weights["good"] > 0.5 > -0.5 > weights["bad"]
    assert weights["both"] == pytest.approx(0, abs=0.01)
    assert weights["elsewhere"] == pytest.approx(1.5, abs=0.01)


def test_a_feature_of_one_document_is_not_learned() -> None:
    """What only one document has could tell nothing but that document."""
    examples = [Example("d", [{"odd": 1.0}, {}], [True, False], 1.0) for _ in range(5)]
    assert Problem(examples, {}).names == []


@pytest.mark.parametrize(
    ("decision", "options", "wanted", "expected"),
    [
        ("flow", ["aid", "loan"], "aid", [True, False]),
        ("spender", ["Poland", None, "Polish Ministry of Defence"], "Poland", [True, False, False]),
        ("spender", ["Poland", None], None, [False, True]),
        ("item", ["tanks", "48 tanks", "ships"], "48 tanks", [False, True, False]),
        ("item", ["ships"], "48 tanks", [False]),
    ],
)
def test_which_options_agree(
    decision: str, options: list[str | None], wanted: str | None, expected: list[bool]
) -> None:
    """Labels must be the same, names and items share words; of several the best are right."""
    assert agreeing(decision, options, wanted) == expected


def test_names_agree_by_their_words() -> None:
    """Articles and case do not count; nothing agrees with nothing only."""
    assert overlap("the Meridian Institute", "meridian institute") == 1
    assert agrees("spender", "Polish Ministry of Defence", "the Ministry of Defence")
    assert not agrees("spender", None, "Poland")
    assert agrees("period", None, None)
