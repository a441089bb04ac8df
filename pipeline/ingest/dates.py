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
    rf"\b(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\s+{_MONTH},?\s+(?P<year>(?:19|20)\d\d)\b", re.IGNORECASE
)
_MONTH_FIRST = re.compile(
    rf"\b{_MONTH}\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<year>(?:19|20)\d\d)\b", re.IGNORECASE
)
_HEAD = 120


def _day(match: re.Match[str]) -> date | None:
    month = match["month"].lower().rstrip(".")
    try:
        return date(int(match["year"]), _MONTHS.get(month) or int(month), int(match["day"]))
    except ValueError:
        return None


def find_day(text: str) -> date | None:
    """Return the first day that stands in a text: 2025-06-24, 24 June 2025 or June 24, 2025."""
    matches = [match for pattern in (_ISO, _DAY_FIRST, _MONTH_FIRST) if (match := pattern.search(text))]
    return _day(min(matches, key=lambda match: match.start())) if matches else None


def parse_day(value: object) -> date | None:
    """Read a date of metadata: ISO 8601, RFC 822, or words. Return None where it is none."""
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    if not isinstance(value, str):
        return None
    text = value.strip()
    try:
        return datetime.fromisoformat(text).date()
    except ValueError:
        pass
    try:
        return parsedate_to_datetime(text).date()
    except (ValueError, TypeError, IndexError, OverflowError):
        return find_day(text[:200])


def dateline(text: str) -> date | None:
    """Return the day that a text opens with: a first line that is a date, or a dateline before a dash."""
    head = text.lstrip()[:_HEAD]
    first = head.split("\n", 1)[0]
    opening = re.split(r"\s[-–—]\s|[–—]", first, maxsplit=1)
    if len(opening) == 2:
        return find_day(opening[0])
    return find_day(first) if len(first) < 40 else None


def publication_day(stated: date | None, text: str, raw_uri: str, mtime_ns: int, today: date) -> tuple[date, str]:
    """Return the day of publication and its basis: `metadata`, `text`, `file` or `ingest`."""
    written = datetime.fromtimestamp(mtime_ns / 1e9, UTC).date() if mtime_ns > 0 else None
    for day, basis in (
        (stated, "metadata"),
        (dateline(text), "text"),
        (find_day(raw_uri.replace("_", " ")), "file"),
        (written, "file"),
    ):
        if day is not None and day <= today:
            return day, basis
    return today, "ingest"
