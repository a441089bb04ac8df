"""The years that a sum of money covers."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from spacy.language import Language

from pipeline.extract import model
from pipeline.extract.records import Figure, Span
from pipeline.resolve.cues import Words, sites
from pipeline.resolve.linear import learned
from pipeline.resolve.periods import budget_year, expressions, opening_period, period_options, years

DAY = date(2025, 3, 1)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It will spend more this year than in 2023.", [("2023", "year"), ("2025", "this")]),
        ("A rise next year, a fall last year.", [("2026", "next"), ("2024", "last")]),
        ("In fiscal 2026/27 and from 2021 to 2027.", [("2026-2027", "fiscal"), ("2021-2027", "range")]),
        ("The 2026 budget; the years 2024-28.", [("2024-2028", "range"), ("2026", "fiscal")]),
        ("Signed in March 2022, three years ago.", [("2022", "month"), ("2022", "ago")]),
        ("Article 2050 of 20250 pages, 1920 men.", [("2050", "year")]),
        ("Nothing of the kind.", []),
    ],
)
def test_words_that_name_years(text: str, expected: list[tuple[str, str]]) -> None:
    """Relative years hang on the day of publication; fiscal years and ranges are two years."""
    assert [(found.period, found.form) for found in expressions(text, 0, len(text), DAY)] == expected


@given(st.text(alphabet="1290 -/toyearnxFf\n", max_size=80))
def test_any_text_names_sound_years(text: str) -> None:
    """Whatever the digits, a period ends after it begins and stands where it says."""
    for found in expressions(text, 0, len(text), DAY):
        first, last = years(found.period) or (0, 0)
        assert 1900 < first <= last < 2200
        assert 0 <= found.start < found.end <= len(text)


@pytest.mark.parametrize(
    ("text", "flow", "status", "expected"),
    [
        ("Oslo will spend 5 billion kroner on defence this year.", "budget", "planned", "2025"),
        ("Oslo will spend 5 billion kroner on defence next year.", "budget", "planned", "2026"),
        ("Defence is to get 5 billion kroner in fiscal 2026/27.", "budget", "proposed", "2026-2027"),
        ("The army ordered tanks for 5 billion kroner in March 2019.", "procurement", "signed", None),
        ("Since 2022 the state has given 5 billion kroner.", "aid", "spent", None),
        ("The state approved 5 billion kroner for tanks.", "procurement", "approved", None),
    ],
)
def test_a_period_is_read_from_the_words_beside(
    nlp: Language, text: str, flow: str, status: str, expected: str | None
) -> None:
    """The year beside a budget is its period; the year of a signing is none."""
    at = text.index("5 billion kroner")
    figure = Figure(Span(at, at + len("5 billion kroner")), "money", 5e9, 5e9, None, "NOK", Span(0, len(text)))
    words = Words(model.parse(nlp, text))
    (site,) = sites(words, [figure])
    options = period_options(words, site, DAY, flow=flow, status=status, known={}, before=None)
    assert learned().choose("period", figure, options)[0].value == expected


@pytest.mark.parametrize(
    ("text", "title", "expected"),
    [
        ("The cabinet adopted the budget for 2026 on Friday.", None, "2026"),
        ("Nothing here.", "Senate passes 2027 defence budget", "2027"),
        ("Taxes rise in next year's state budget.", None, "2026"),
        ("The minister spoke of peace.", "A visit", None),
    ],
)
def test_the_year_of_the_budget_that_the_news_is_about(text: str, title: str | None, expected: str | None) -> None:
    """A document about a budget says of which year in its title or opening."""
    assert budget_year(text, title, date(2025, 9, 1)) == expected


def test_the_period_that_the_news_opens_with() -> None:
    """The first year of the first paragraph; months tell when something happened, not what money is for."""
    assert opening_period("World expenditure reached a peak in 2024.\nIn 2019 it was less.", DAY) == "2024"
    assert opening_period("In March 2022 it began.\nIn 2019 it was less.", DAY) is None
    assert opening_period("", DAY) is None


def test_years_of_a_period() -> None:
    """A period is one year or two."""
    assert years("2025") == (2025, 2025)
    assert years("2025-2028") == (2025, 2028)
    assert years(None) is None
