"""The years that a sum of money covers."""

from __future__ import annotations

from datetime import date

import pytest
from spacy.language import Language

from pipeline.extract import model
from pipeline.extract.records import Figure, Span
from pipeline.resolve.cues import Words, sites
from pipeline.resolve.periods import budget_year, find_period, years


@pytest.mark.parametrize(
    ("text", "signed", "expected"),
    [
        ("Oslo will spend 5 billion kroner on defence this year.", False, "2025"),
        ("Oslo will spend 5 billion kroner on defence next year.", False, "2026"),
        ("Defence received 5 billion kroner last year.", False, "2024"),
        ("Defence is to get 5 billion kroner in fiscal 2026/27.", False, "2026-2027"),
        ("Over the years 2025 to 2028 the army may spend 5 billion kroner.", False, "2025-2028"),
        ("The army ordered tanks for 5 billion kroner in 2019.", True, None),
        ("Since 2022 the state has given 5 billion kroner.", False, None),
        ("The army gets 5 billion kroner, more than last year.", False, None),
    ],
)
def test_a_period_is_read_from_the_words_beside(nlp: Language, text: str, signed: bool, expected: str | None) -> None:
    """Relative years hang on the day of publication; the year of a signing is no period."""
    at = text.index("5 billion kroner")
    span = Span(at, at + len("5 billion kroner"))
    words = Words(model.parse(nlp, text))
    (site,) = sites(words, [Figure(span, "money", 5e9, 5e9, None, "NOK", Span(0, len(text)))])
    assert find_period(words, site, date(2025, 3, 1), level=True, signed=signed) == expected


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


def test_years_of_a_period() -> None:
    """A period is one year or two."""
    assert years("2025") == (2025, 2025)
    assert years("2025-2028") == (2025, 2028)
    assert years(None) is None
