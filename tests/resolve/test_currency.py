"""Conversion: a sum, a currency and a day in; euros, dollars and the day of the rate out."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline import reference
from pipeline.resolve.currency import convert, convert_past


def test_rate_of_the_day() -> None:
    """On a working day the bank's rate of that day is used: on 28 March 2014 a euro cost 1.3759 dollars."""
    converted = convert(100.0, "EUR", date(2014, 3, 28))
    assert converted is not None
    assert (converted.eur, converted.rate_date) == (100.0, date(2014, 3, 28))
    assert converted.usd == pytest.approx(137.59)


def test_weekend_takes_the_friday_before() -> None:
    """No rate is published on a Sunday; the last one is used, and named."""
    converted = convert(137.59, "USD", date(2014, 3, 30))
    assert converted is not None
    assert converted.rate_date == date(2014, 3, 28)
    assert (converted.eur, converted.usd) == (pytest.approx(100.0), 137.59)


def test_after_the_last_rate() -> None:
    """A day that the file does not reach takes its last rate, with its day."""
    converted = convert(1.0, "JPY", date(2999, 1, 1))
    assert converted is not None
    assert converted.rate_date < date(2999, 1, 1)


@pytest.mark.parametrize(
    ("currency", "on", "rate_date"),
    [
        ("UAH", date(2023, 11, 5), date(2023, 7, 1)),
        ("AED", date(2024, 2, 1), date(2024, 7, 1)),
        ("RUB", date(2021, 5, 5), date(2021, 5, 5)),
        ("RUB", date(2022, 3, 5), date(2022, 3, 1)),
        ("RUB", date(2023, 5, 5), date(2023, 7, 1)),
        ("BGN", date(2024, 5, 6), date(2024, 5, 6)),
        ("HRK", date(2024, 5, 6), date(2022, 12, 30)),
    ],
)
def test_which_rate_is_used(currency: str, on: date, rate_date: date) -> None:
    """A daily rate where the bank quotes the currency at the time, else the average of the year."""
    converted = convert(1e9, currency, on)
    assert converted is not None
    assert converted.rate_date == rate_date


def test_annual_average_goes_through_the_dollar() -> None:
    """A sum in hryvnias becomes dollars by the average, and euros by the dollar's rate of rate_date."""
    hryvnias = convert(1e9, "UAH", date(2023, 11, 5))
    assert hryvnias is not None
    dollars = convert(hryvnias.usd, "USD", hryvnias.rate_date)
    assert dollars is not None
    assert hryvnias.usd == pytest.approx(1e9 / 36.574)
    assert hryvnias.eur == pytest.approx(dollars.eur)


@pytest.mark.parametrize(
    ("currency", "on"),
    [
        ("EUR", date(1998, 12, 31)),
        ("XXX", date(2024, 1, 2)),
        ("", date(2024, 1, 2)),
        ("Date", date(2024, 1, 2)),
        ("ISK", date(2012, 6, 1)),
        ("UAH", date(2001, 6, 1)),
        ("UAH", date(2027, 6, 1)),
        ("RUB", date(2027, 6, 1)),
    ],
)
def test_no_rate(currency: str, on: date) -> None:
    """Before 1999, for an unknown currency, in a gap or long after the end there is nothing rather than a guess."""
    assert convert(1.0, currency, on) is None


def test_past_years_take_their_average() -> None:
    """A budget of 2023 in zlotys is converted at the average of 2023: about 4.54 zlotys and 1.08 dollars for a euro."""
    converted = convert_past(4.542e9, "PLN", 2023, 2023)
    assert converted is not None
    assert converted.eur == pytest.approx(1e9, rel=0.001)
    assert converted.usd == pytest.approx(1.0813e9, rel=0.001)
    assert converted.rate_date == date(2023, 12, 29)


@pytest.mark.parametrize(
    ("currency", "first", "last"),
    [("UAH", 2023, 2023), ("RUB", 2021, 2022), ("EUR", 1998, 1999), ("XXX", 2020, 2020), ("SEK", 2990, 2990)],
)
def test_no_average_of_years_that_were_not_quoted(currency: str, first: int, last: int) -> None:
    """Where a year is missing, wholly or in part, there is no average."""
    assert convert_past(1.0, currency, first, last) is None


@given(st.sampled_from(["EUR", "USD", "PLN", "UAH"]), st.dates(date(2021, 1, 1), date(2025, 12, 31)))
def test_conversion_is_proportional(currency: str, on: date) -> None:
    """Twice the money is twice the euros, on every day, and no later daily rate is used."""
    one, two = convert(1e6, currency, on), convert(2e6, currency, on)
    assert one is not None and two is not None
    assert two.eur == pytest.approx(2 * one.eur)
    assert one.rate_date == two.rate_date
    assert currency == "UAH" or one.rate_date <= on


def test_currencies_are_well_formed() -> None:
    """Every code of the currency table has three capital letters, and every place is a known one."""
    for row in reference.rows("currencies"):
        assert row["code"].isalpha() and row["code"].isupper() and len(row["code"]) == 3
        assert row["place"] in ("before", "after", "both")
