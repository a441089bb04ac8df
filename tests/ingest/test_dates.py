"""Days are read as they are stated, and a day of publication is found where one is stated at all."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.ingest.dates import dateline, find_day, find_published_day, parse_day, parse_moment, publication_day

DAY = date(2025, 6, 24)
TODAY = date(2025, 7, 1)


@pytest.mark.parametrize(
    ("value", "day"),
    [
        ("2025-06-24", DAY),
        ("2025-06-24T23:30:00-05:00", DAY),
        ("2025-06-24T00:30:00+09:00", DAY),
        ("2025-06-24T23:30:00Z", DAY),
        ("2025-06-24T23:30:00.000+0000", DAY),
        ("20250624T233000Z", DAY),
        ("Tue, 24 Jun 2025 23:30:00 -0500", DAY),
        ("June 24, 2025 at 11:30 p.m. EDT", DAY),
        ("24th of June 2025", DAY),
        ("24-Jun-2025", DAY),
        ("24.6.2025", DAY),
        ("2025/06/24", DAY),
        ("24/06/2025", DAY),
        ("06/24/2025", DAY),
        ("05/06/2025", None),
        ("31/02/2025", None),
        ("Published: June 24, 2025 | Updated: June 25, 2025", DAY),
        ("Updated 25 June 2025, 08:00; published 24 June 2025", DAY),
        ("Last updated: 24 June 2025", DAY),
        (1750807800, DAY),
        ("1750807800000", DAY),
        (20250624, DAY),
        (datetime(2025, 6, 24, 23, 30, tzinfo=timezone(timedelta(hours=-5))), DAY),
        (DAY, DAY),
        ("0001-01-01T00:00:00Z", None),
        ("1970-01-01T00:00:00Z", None),
        ("9999-99-99", None),
        (True, None),
        (float("nan"), None),
        (None, None),
        ("yesterday", None),
        ("", None),
    ],
)
def test_day_of_metadata(value: object, day: date | None) -> None:
    """The day stated at the place stated is the day; what systems write for none, and what is two days, is none."""
    assert parse_day(value) == day


@pytest.mark.parametrize(
    ("value", "moment"),
    [
        ("2025-06-24T23:30:00-05:00", datetime(2025, 6, 25, 4, 30, tzinfo=UTC)),
        ("Tue, 24 Jun 2025 23:30:00 GMT", datetime(2025, 6, 24, 23, 30, tzinfo=UTC)),
        ("2025-06-24T23:30", datetime(2025, 6, 24, 23, 30)),
        ("24 June 2025", datetime(2025, 6, 24)),
        ("soon", None),
    ],
)
def test_moment_of_metadata(value: str, moment: datetime | None) -> None:
    """A time keeps its zone; without one it has none, and a day alone is its beginning."""
    assert parse_moment(value) == moment


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("BRUSSELS, 24 June 2025 – The ministers met.", DAY),
        ("Port of Spain, June 24, 2025 - The ministers met.", DAY),
        ("MOSCOW. June 24, 2025 (Interpress) The ministers met.", DAY),
        ("LESNA, June 24, 2025. /LNA/. The ministers met.", DAY),
        ("Geneva, 24 June 2025: the ministers met.", DAY),
        ("June 24, 2025\nThe ministers met.", DAY),
        ("Ministers meet\nBy Ann Lee\n24 June 2025, 14:30\nThe ministers met.", DAY),
        ("Updated 25 June 2025\nPublished 24 June 2025\nThe ministers met.", DAY),
        ("Published 24 June 2025, last updated 25 June 2025\nThe ministers met.", DAY),
        ("Last updated 24 June 2025\nThe ministers met.", DAY),
        ("Contracts for June 24, 2025", DAY),
        ("The treaty of 4 April 1949 – the basis of all that followed – was signed here.", None),
        ("On 24 June 2025 the ministers – as always – met.", None),
        ("June 24, 2025 was a good day for the ministers.", None),
        ("BRUSSELS (CP) — The ministers met on 24 June 2025.", None),
        ("BRUSSELS, June 24 – The ministers met.", None),
        ("", None),
    ],
)
def test_dateline(text: str, day: date | None) -> None:
    """A dateline or a line that is there for the day gives it; a day within a sentence does not."""
    assert dateline(text) == day


@pytest.mark.parametrize(
    ("stated", "text", "uri", "mtime", "expected"),
    [
        (DAY, "Oslo, 1 May 2025 – They met.", "2025-05-02.txt", 1, (DAY, "metadata")),
        (None, "Oslo, 1 May 2025 – They met.", "2025-05-02.txt", 1, (date(2025, 5, 1), "text")),
        (None, "They met.", "a/2025_05_02_x.txt", 1, (date(2025, 5, 2), "file")),
        (None, "They met.", "a/June_24_2025.txt", 1, (DAY, "file")),
        (None, "They met.", "a.txt", 1_746_000_000_000_000_000, (date(2025, 4, 30), "file")),
        (None, "They met.", "a.txt", 0, (TODAY, "ingest")),
        (date(2031, 1, 1), "Oslo, 1 May 2031 – They met.", "2031-01-01.txt", 0, (TODAY, "ingest")),
    ],
)  # fmt: skip
def test_first_of_the_bases(
    stated: date | None, text: str, uri: str, mtime: int, expected: tuple[date, str]
) -> None:
    """Metadata come before the text, that before the file's name and time; the future is never believed."""
    assert publication_day(stated, text, uri, mtime, TODAY) == expected


@given(st.dates(date(1900, 1, 2), date(2099, 12, 31)).filter(lambda day: day != date(1970, 1, 1)))
def test_every_spelling_is_the_day(day: date) -> None:
    """A day is read from each way of writing it."""
    for form in ("%Y-%m-%d", "%-d %B %Y", "%B %-d, %Y", "%d-%b-%Y", "%-d.%-m.%Y"):
        written = day.strftime(form)
        assert parse_day(written) == find_day(f"It was {written} then") == day
        assert find_published_day(f"Updated 1 May 2090. Published: {written}") == day
    for offset in ("-11:00", "+14:00", "Z"):
        assert parse_day(f"{day:%Y-%m-%d}T23:59:59{offset}") == parse_day(f"{day:%Y-%m-%d}T00:00:00{offset}") == day


@given(st.text() | st.text(alphabet="0123456789-/.: TZJuneupdatedpublished,A’ "), st.floats() | st.integers())
def test_any_value_is_a_day_or_none(text: str, number: float) -> None:
    """No value raises."""
    for value in (text, number):
        assert isinstance(parse_day(value), date | None)
    assert isinstance(dateline(text), date | None)
