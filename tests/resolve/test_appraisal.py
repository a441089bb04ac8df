"""The appraiser: windows that hold every figure once, and decisions that it takes together with the linear model."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.extract.figures import find_figures
from pipeline.extract.records import Document, Figure, Mention, ModelNotInstalled, Span
from pipeline.extract.windows import CLS, SEP
from pipeline.resolve import appraisal
from pipeline.resolve.appraisal import DECISIONS, FEATURES, LONG, SIZE, TITLE, WEIGHT, Appraiser, Together, windows
from pipeline.resolve.linear import Linear, Option

SENTENCES = st.sampled_from(
    ["He pays €3bn for tanks. ", "It costs 2% of GDP. ", "Nothing.\n", "\n", "naïve 三🙂 \t", "3.5 bn 12% $7 "]
)
TODAY = date(2025, 4, 2)


def made(text: str, title: str | None = None, mentions: Sequence[Mention] = ()) -> list[appraisal.Window]:
    """Return the windows of a text, all of its figures asked about."""
    document = Document("d", text, None, title, TODAY)
    return list(windows(document, find_figures(text), mentions, appraisal.load().tokenizer))


@settings(max_examples=60, deadline=None)
@given(text=st.lists(SENTENCES, max_size=400).map("".join), title=st.none() | st.text(max_size=300))
def test_every_figure_is_answered_for_once_at_its_own_piece(text: str, title: str | None) -> None:
    """Whatever the text, its figures stand in the windows once, at the first of their pieces, and none is too long."""
    found = made(text, title)
    figures = find_figures(text)
    asked = [figure for window in found for figure in window.figures]
    assert sorted(asked, key=lambda figure: figure.span) == sorted(figures, key=lambda figure: figure.span)
    for window in found:
        assert len(window.ids) == len(window.starts) == len(window.features) <= SIZE
        assert window.ids[0] == CLS and SEP in window.ids
        assert (window.features < np.array(list(FEATURES.values()))).all() and (window.features >= 0).all()
        for figure, piece in zip(window.figures, window.pieces, strict=True):
            assert figure.span.start <= window.starts[piece] < figure.span.end
            assert window.features[piece, 0] in (1, 3)


def test_a_document_that_fits_is_one_window_and_a_longer_one_is_cut() -> None:
    """Windows of long documents are smaller, and hold words to both sides of each figure."""
    assert len(made("The ministry pays €3bn for tanks. " * 40)) == 1
    filler = "A sentence about nothing of note. " * 9
    text = f"{filler}They paid €3bn for tanks. " * 24
    found = made(text, "A title")
    assert len(found) > 5
    for window in found:
        assert len(window.ids) <= LONG + TITLE + 2
        for piece in window.pieces:
            inside = window.starts[window.starts >= 0]
            margin = np.flatnonzero(window.starts >= 0)
            assert piece - margin[0] >= LONG / 6 - 1 or inside[0] == 0
            assert margin[-1] - piece >= LONG / 6 - 1 or text[inside[-1] :].strip() in ("", ".")


def test_years_are_told_by_the_day_of_publication() -> None:
    """Years are marked as past, present and future ones; mentions and the title are marked too."""
    text = "Norway paid €3bn in 2019 and 2024, pays in 2025, and will in 2026 and 2040."
    (window,) = made(text, "Norway pays", [Mention(Span(0, 6), "name", "GPE", "NOR")])
    year = {text[start : start + 4]: mark for start, mark in zip(window.starts, window.features[:, 1], strict=True)}
    assert [year[name] for name in ("2019", "2024", "2025", "2026", "2040")] == [1, 2, 3, 4, 5]
    head = int(np.flatnonzero(window.starts == 0)[0])
    assert window.features[:, 3].tolist() == [1] * head + [0] * (len(window.ids) - head)
    assert window.features[head, 2] == 1 and window.features[head + 1, 2] == 0


def figure_of(text: str) -> Figure:
    """Return the one figure of a text."""
    (figure,) = find_figures(text)
    return figure


def options(decision: str, scores: Sequence[float]) -> list[Option[object]]:
    """Return the options of a decision, with such a feature each."""
    return [Option(key, key, {"score": score}) for key, score in zip(DECISIONS[decision], scores, strict=True)]


def test_both_models_decide_by_their_weighted_product(monkeypatch: pytest.MonkeyPatch) -> None:
    """The probability is the normalised product of the two; a sure encoder outweighs a slight leaning."""
    text = "They paid €3bn for tanks."
    figure = figure_of(text)
    believed = (0.02, 0.02, 0.02, 0.02, 0.92)
    told = {"status": dict(zip(DECISIONS["status"], map(math.log, believed), strict=True))}
    monkeypatch.setattr(Appraiser, "read", lambda _, window: iter([(window.figures[0], told)]))
    linear = Linear({"status": {"score": 1.0}, "flow": {"score": 1.0}})
    both = Together(linear, Document("d", text), [figure], [])
    given_options = options("status", (0.0, 0.0, 0.0, 1.0, 0.0))
    chosen, probability = both.choose("status", figure, given_options)
    alone = linear.probabilities("status", given_options)
    product = {key: alone[key] ** (1 - WEIGHT) * math.exp(told["status"][key]) ** WEIGHT for key in alone}
    assert linear.choose("status", figure, given_options)[0].value == "signed"
    assert chosen.value == "spent"
    assert probability == pytest.approx(product["spent"] / sum(product.values()))


def test_the_encoder_is_not_asked_for_what_is_ruled_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """A figure that the linear model holds for no defence spending costs no reading."""
    monkeypatch.setattr(Appraiser, "read", lambda *_: pytest.fail("the encoder was asked"))
    text = "They paid €3bn for schools."
    both = Together(Linear({"defence": {"score": 1.0}}), Document("d", text), [figure_of(text)], [])
    chosen, _ = both.choose("defence", figure_of(text), options("defence", (6.0, 0.0)))
    assert chosen.value is False


def test_a_window_is_read_once_however_often_it_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """All figures and decisions of a window come from one reading; other decisions are the linear model's alone."""
    read, seen = Appraiser.read, list[int]()

    def spy(self: Appraiser, window: appraisal.Window) -> object:
        seen.append(len(window.figures))
        return read(self, window)

    monkeypatch.setattr(Appraiser, "read", spy)
    text = "They paid €3bn for tanks and €4bn for ships."
    figures = find_figures(text)
    both = Together(Linear({}), Document("d", text), figures, [])
    for figure in figures:
        for decision, values in DECISIONS.items():
            both.choose(decision, figure, options(decision, [0.0] * len(values)))
        assert both.choose("item", figure, [Option("a", "a", {}), Option("b", "b", {})])[0].value == "a"
    assert seen == [2]


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("The Finnish army on Monday signed a contract worth 300 million euros for new howitzers.", "signed"),
        ("The opposition demands that 300 million euros more go to the army, and has tabled a motion.", "proposed"),
        ("Parliament passed the defence budget on Monday; it sets aside 300 million euros for howitzers.", "approved"),
        ("Last year the country spent 300 million euros on its armed forces.", "spent"),
        ("The government has announced that it will spend 300 million euros on howitzers by 2030.", "planned"),
    ],
)
def test_it_tells_how_far_money_has_come(text: str, status: str) -> None:
    """The encoder alone takes clear cases for what they are, and answers the same each time."""
    figures = [figure for figure in find_figures(text) if figure.kind == "money"]
    document = Document("d", text, None, None, TODAY)
    (window,) = windows(document, figures, [], appraisal.load().tokenizer)
    ((_, found),) = appraisal.load().read(window)
    assert max(found["status"], key=lambda one: found["status"][one]) == status
    assert found["defence"][True] > math.log(0.5)
    for decision in DECISIONS:
        assert sum(map(math.exp, found[decision].values())) == pytest.approx(1, abs=1e-5)
    assert dict(appraisal.load().read(window)) == {figures[0]: found}


def test_a_missing_model_is_told(tmp_path: Path) -> None:
    """A damaged folder is named, with the way out."""
    (tmp_path / "appraiser.onnx").write_bytes(b"no network")
    with pytest.raises(ModelNotInstalled, match=r"appraiser of spending in .* restore the folder"):
        Appraiser(tmp_path)
