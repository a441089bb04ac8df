"""What the appraiser learns from: of each figure what the annotation says, at the wordpieces that say it."""

from __future__ import annotations

from typing import Any

import numpy as np

from pipeline.resolve.appraisal import DECISIONS
from training.appraiser_examples import UNKNOWN, examples, tokenizer

TEXT = (
    "Norway signed a contract worth 300 million euros with Patria for armoured vehicles on Monday.\n"
    "The government had first asked parliament for 400 million euros. Schools get 20 million euros more."
)
SIGNED = {
    "amount_text": "300 million euros", "spender": "Norway", "recipient": "Patria", "flow": "procurement",
    "status": "signed", "item": "armoured vehicles", "period": None,
}  # fmt: skip
ASKED = SIGNED | {"amount_text": "400 million euros", "recipient": None, "status": "proposed", "item": None}


def made(family: str, spending: list[dict[str, Any]]) -> tuple[list[dict[str, Any]], list[str]]:
    """Return what is right of each figure, and the wordpieces of the one window."""
    found = {
        "doc_id": "d", "title": "Norway buys", "text": TEXT, "published_on": "2025-04-02", "spending": spending,
    }  # fmt: skip
    (window,) = examples((family, found))["windows"]
    assert len(window["right"]) == len(window["pieces"])
    return window["right"], [str(tokenizer().id_to_token(int(number))) for number in window["ids"]]


def test_right_options_and_pieces() -> None:
    """Decisions are the numbers of their options; who pays is where the text names them, [CLS] where nobody is."""
    (first, second, third), pieces = made("gold", [SIGNED, ASKED])
    assert [one["defence"] for one in (first, second, third)] == [1, 1, 0]
    assert DECISIONS["status"][first["status"]] == "signed" and DECISIONS["status"][second["status"]] == "proposed"
    assert DECISIONS["flow"][first["flow"]] == "procurement" and third["flow"] == UNKNOWN
    assert [pieces[place] for place in first["spender"]] == ["norway", "the"]  # "The government"
    assert [pieces[place] for place in first["recipient"]] == ["pat"]
    assert second["recipient"] == [0] and third["spender"] == []


def test_unread_figures_beside_defence_teach_nothing() -> None:
    """In a civilian release nobody has read whether a sum beside a term of defence is spending."""
    right, _ = made("civil", [])
    assert right[0]["defence"] == UNKNOWN and right[2]["defence"] == 0
    assert np.all([one["status"] == UNKNOWN for one in right])
