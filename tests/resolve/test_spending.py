"""Figures → spending records: which sums are defence money, who pays whom, what for."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from spacy.language import Language

from pipeline.extract import model
from pipeline.extract.records import Document, Figure, LocalActor, Mention, Span, Spending
from pipeline.resolve.spending import find_spending

ACTORS = {
    "NOR": LocalActor("NOR", "Norway", "state", "NOR"),
    "UKR": LocalActor("UKR", "Ukraine", "state", "UKR"),
    "FIN": LocalActor("FIN", "Finland", "state", "FIN"),
    "patria": LocalActor("patria", "Patria", "company", "FIN"),
    "nordic-ministry": LocalActor("nordic-ministry", "Finnish Ministry of Defence", "government_body", "FIN"),
}
FORMS = {"Norway": "NOR", "Oslo": "NOR", "Ukraine": "UKR", "Finland": "FIN", "Patria": "patria"}


def read(nlp: Language, text: str, figures: list[tuple[str, str, float | None, float | None, str]]) -> list[Spending]:
    """Find the spending of a text whose figures are given as (words, kind, low, high, unit)."""
    doc = model.parse(nlp, text)
    found, at = [], 0
    for words, kind, low, high, unit in figures:
        at = text.index(words, at)
        span = Span(at, at + len(words))
        found.append(Figure(span, kind, low, high, None, unit, Span(0, len(text))))
        at = span.end
    mentions = []
    for form, actor_id in FORMS.items():
        start = text.find(form)
        while start != -1:
            mentions.append(Mention(Span(start, start + len(form)), "name", "GPE", actor_id))
            start = text.find(form, start + 1)
    mentions.sort(key=lambda m: m.span)
    return find_spending(Document("d", text, published_on=date(2025, 4, 2)), doc, found, mentions, ACTORS)


@pytest.mark.parametrize(
    ("text", "figure", "expected"),
    [
        (
            "Norway signed a contract worth 300 million euros with Patria for armoured vehicles.",
            ("300 million euros", "money", 3e8, 3e8, "EUR"),
            {
                "spender": "Norway",
                "recipient": "Patria",
                "flow": "procurement",
                "status": "signed",
                "item": "armoured vehicles",
                "period": None,
            },
        ),
        (
            "Norway will give military aid of 2 billion kroner to Ukraine this year.",
            ("2 billion kroner", "money", 2e9, 2e9, "NOK"),
            {"spender": "Norway", "recipient": "Ukraine", "flow": "aid", "status": "planned", "period": "2025"},
        ),
        (
            "Parliament in Oslo approved a defence budget of 110 billion kroner for 2026.",
            ("110 billion kroner", "money", 11e10, 11e10, "NOK"),
            {"spender": "Norway", "recipient": None, "flow": "budget", "status": "approved", "period": "2026"},
        ),
    ],
)
def test_a_sum_becomes_a_record(
    nlp: Language, text: str, figure: tuple[str, str, float, float, str], expected: dict[str, str | None]
) -> None:
    """Each record says who pays whom, what kind of money it is, and how far it has come."""
    (record,) = read(nlp, text, [figure])
    assert {key: getattr(record, key) for key in expected} == expected


@pytest.mark.parametrize(
    ("text", "figure"),
    [
        (
            "Patria reported a turnover of 800 million euros and an operating profit.",
            ("800 million euros", "money", 8e8, 8e8, "EUR"),
        ),
        (
            "Norway gave 20 million euros in humanitarian aid for refugees.",
            ("20 million euros", "money", 2e7, 2e7, "EUR"),
        ),
        ("Unemployment in Finland rose to 9 percent.", ("9 percent", "percent", 9.0, 9.0, "percent")),
        ("The public debt stood at 36 percent of GDP.", ("36 percent", "percent", 36.0, 36.0, "percent")),
    ],
)
def test_other_money_is_no_record(nlp: Language, text: str, figure: tuple[str, str, float, float, str]) -> None:
    """Turnover, civilian aid and economic shares are figures only."""
    assert read(nlp, text, [figure]) == []


def test_a_share_of_gdp_takes_its_words(nlp: Language) -> None:
    """The amount of a share ends with "of GDP"."""
    text = "Finland spends 2.4 percent of GDP on defence."
    (record,) = read(nlp, text, [("2.4 percent", "percent", 2.4, 2.4, "percent")])
    assert record.amount.of(text) == "2.4 percent of GDP"
    assert (record.measure, record.flow, record.status, record.spender_id) == ("share_of_gdp", "budget", "spent", "FIN")


def test_the_same_money_in_another_currency_is_one_record(nlp: Language) -> None:
    """A sum in brackets that converts the one before it is no record of its own."""
    text = "Norway ordered frigates for 100 billion kroner ($9.6 billion) from Finland."
    figures = [("100 billion kroner", "money", 1e11, 1e11, "NOK"), ("$9.6 billion", "money", 9.6e9, 9.6e9, "USD")]
    assert [r.figure.unit for r in read(nlp, text, figures)] == ["NOK"]


def test_the_same_sum_named_again_is_no_second_record(nlp: Language) -> None:
    """A sum that the text repeats is reported once."""
    text = (
        "Norway approved a defence budget of 90 billion kroner.\n"
        "The defence budget of 90 billion kroner is the largest that Norway has had."
    )
    figure = ("90 billion kroner", "money", 9e10, 9e10, "NOK")
    assert len(read(nlp, text, [figure, figure])) == 1


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(max_size=60), start=st.integers(0, 60), length=st.integers(1, 20))
def test_any_text_and_figure_is_read(nlp: Language, text: str, start: int, length: int) -> None:
    """No text makes it fail, and each amount lies in the text."""
    doc = model.parse(nlp, text)
    if not len(doc):
        assert find_spending(Document("d", text), doc, [], [], {}) == []
        return
    start = min(start, len(text) - 1)
    span = Span(start, min(len(text), start + length))
    figure = Figure(span, "money", 1.0, 1.0, None, "EUR", Span(0, len(text)))
    for record in find_spending(Document("d", text, title=text), doc, [figure], [], {}):
        assert 0 <= record.amount.start < record.amount.end <= len(text)
