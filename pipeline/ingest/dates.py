"""Finding the day of publication: in metadata, in the text, in the file's name, in its time. Never in the future."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january jan", "february feb", "march mar", "april apr", "may", "june jun", "july jul", "august aug",
            "september sep sept", "october oct", "november nov", "december dec",
        ),
        start=1,
    )
    for name in names.split()
}  # fmt: skip
_MONTH = rf"(?P<month>{'|'.join(sorted(_MONTHS, key=len, reverse=True))})\.?"
_ISO = re.compile(
    r"(?<!\d)(?P<year>(?:19|20)\d\d)[-/.]?(?P<month>0[1-9]|1[0-2])[-/.]?(?P<day>0[1-9]|[12]\d|3[01])(?!\d)"
)
_DAY_FIRST = re.compile(
    rf"\b(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?:\s+of\s+|\s+|-){_MONTH}(?:,?\s+|-)(?P<year>(?:19|20)\d\d)\b",
    re.IGNORECASE,
)
_MONTH_FIRST = re.compile(
    rf"\b{_MONTH}\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<year>(?:19|20)\d\d)\b", re.IGNORECASE
)
_DOTTED = re.compile(r"(?<![\d.])(?P<day>\d{1,2})\.\s?(?P<month>\d{1,2})\.\s?(?P<year>(?:19|20)\d\d)(?!\d)")
_SLASHED = re.compile(r"(?<![\d/])(?P<first>\d{1,2})/(?P<second>\d{1,2})/(?P<year>(?:19|20)\d\d)(?![\d/])")
_UPDATED = re.compile(r"\b(?:updated?|modified|corrected|revised|edited|as of)\b[^\w]*(?:on\b)?", re.IGNORECASE)
_PUBLISHED = re.compile(r"\b(?:published|posted|issued|released|created|publication date)\b", re.IGNORECASE)
# What may stand around the day in a line that is there for the day: places and agencies with capitals, labels, a time.
_SMALL_WORDS = "of|de|la|le|el|al|on|for|the|and|sur|first|last|by|published|updated|posted|modified|date"
_BEFORE_DAY = re.compile(rf"\W*+(?:(?:[A-Z][\w’']*+|(?:{_SMALL_WORDS})(?!\w))[\s,.:|·()/–—-]*+){{0,10}}+")
_AFTER_DAY = re.compile(
    r"[\s,.;|]*(?:$|[-–—:(/|·•]|(?:at\s+)?\d{1,2}[:.]\d\d\b|last\b|updated\b|published\b)", re.IGNORECASE
)
_LINES = 4  # of a text's beginning, among which the one with the day is looked for
_HEAD = 120
_FIRST_YEAR = 1800
_NO_DAYS = frozenset({date(1970, 1, 1), date(1900, 1, 1)})  # what systems write where they know none


def _day(match: re.Match[str]) -> date | None:
    month = match["month"].lower().rstrip(".")
    try:
        return date(int(match["year"]), _MONTHS.get(month) or int(month), int(match["day"]))
    except ValueError:
        return None


def find_day(text: str) -> date | None:
    """Return the first day that stands in a text: 2025-06-24, 24 June 2025, June 24, 2025 or 24.6.2025."""
    first = _first_match(text)
    return None if first is None else first[1]


def _first_match(text: str) -> tuple[re.Match[str], date | None] | None:
    matches = [match for pattern in (_ISO, _DAY_FIRST, _MONTH_FIRST, _DOTTED) if (match := pattern.search(text))]
    if not matches:
        return None
    first = min(matches, key=lambda match: match.start())
    return first, _day(first)


def find_published_day(text: str) -> date | None:
    """Return the day that a line gives as that of publication: one called so, else the first that is no update's.

    `Updated 25 June 2025; published 24 June 2025` is the 24th; a line with the day of an update alone has that day.
    """
    label = _PUBLISHED.search(text)
    if label and (day := find_day(text[label.end() :])):
        return day
    rest = text
    while (first := _first_match(rest)) is not None:
        match, day = first
        if day is not None and not _UPDATED.search(rest[: match.start()]):
            return day
        rest = rest[match.end() :]
    return find_day(text)


def parse_day(value: object) -> date | None:
    """Read a date of metadata: ISO 8601, RFC 822, seconds or milliseconds since 1970, or words; None where it is none.

    The day is the one at the place that the value states: 2025-06-24T23:30:00-05:00 is the 24th. Numeric dates with
    slashes are read where only one order is possible.
    """
    moment = parse_moment(value)
    return None if moment is None else moment.date()


def parse_moment(value: object) -> datetime | None:
    """Read a date of metadata as `parse_day` does, with its time and zone as stated; a day alone is its beginning."""
    moment = _moment(value)
    if moment is None or moment.year < _FIRST_YEAR or moment.date() in _NO_DAYS:
        return None
    return moment


def _moment(value: object) -> datetime | None:
    if isinstance(value, datetime):
        return value
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day)
    if isinstance(value, int | float) and not isinstance(value, bool):
        value = f"{value:.0f}"
    if not isinstance(value, str):
        return None
    text = value.strip()[:200]
    if re.fullmatch(r"[1-9]\d{8,9}|[1-9]\d{11,12}", text):
        return datetime.fromtimestamp(int(text[:-3] if len(text) > 10 else text), UTC)
    for read in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            return read(text)
        except (ValueError, TypeError, IndexError, OverflowError):
            continue
    day = find_published_day(text) or _slashed(text)
    return None if day is None else datetime(day.year, day.month, day.day)


def _slashed(text: str) -> date | None:
    """Read 24/06/2025 or 06/24/2025; 05/06/2025 is two days and so none."""
    match = _SLASHED.search(text)
    if match is None:
        return None
    first, second, year = int(match["first"]), int(match["second"]), int(match["year"])
    if first <= 12 and second <= 12 and first != second:
        return None
    try:
        return date(year, *sorted((first, second)))
    except ValueError:
        return None


def dateline(text: str) -> date | None:
    """Return the day that a text opens with: a dateline (`BRUSSELS, 24 June 2025 – …`) or a line that is a date.

    The first lines are looked at, as far as they are short: a title or a byline may stand above. A day within a
    sentence (`On 4 April 1949 the ministers – …`) is none.
    """
    days = []
    for line in [line.strip() for line in text.lstrip()[: 4 * _HEAD].split("\n") if line.strip()][:_LINES]:
        first = _first_match(line[:_HEAD])
        if first is not None:
            match, day = first
            if day and _BEFORE_DAY.fullmatch(line[: match.start()]) and _AFTER_DAY.match(line[match.end() :]):
                days.append((bool(_UPDATED.search(line[: match.start()])), find_published_day(line[:_HEAD]) or day))
        if len(line) >= _HEAD:
            break
    return min(days, key=lambda found: found[0])[1] if days else None  # an update's day only where there is no other


def publication_day(stated: date | None, text: str, raw_uri: str, mtime_ns: int, today: date) -> tuple[date, str]:
    """Return the day of publication and its basis: `metadata`, `text`, `file` or `ingest`."""
    written = datetime.fromtimestamp(mtime_ns / 1e9, UTC).date() if mtime_ns > 0 else None
    for day, basis in (
        (stated, "metadata"),
        (dateline(text), "text"),
        (find_day(raw_uri.replace("_", "-")) or find_day(raw_uri.replace("_", " ")), "file"),
        (written, "file"),
    ):
        if day is not None and day <= today:
            return day, basis
    return today, "ingest"
