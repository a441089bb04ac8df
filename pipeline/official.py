"""Official military expenditure from a file that the user names, to compare claims with.

Read are the files as their publishers give them: the World Bank's indicator API (JSON) and its CSV download, the
spreadsheets of SIPRI and of NATO, and a plain CSV. The project ships none of them, for their terms forbid it; what it
ships instead is in `seeds/reference/military_expenditure.csv`. How claims are compared is SQL's
(`sql/spending_vs_official.sql`).
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

from pipeline.resolve import gazetteer
from pipeline.store.files import write_bytes

SHARE, DOLLARS = "MS.MIL.XPND.GD.ZS", "MS.MIL.XPND.CD"
"""The World Bank's indicators: military expenditure in percent of GDP, and in current US dollars."""
_COLUMNS = {SHARE: "share_of_gdp", DOLLARS: "usd"}
_PLAIN = ("iso3", "year", "share_of_gdp", "usd", "source")
_SIPRI = {"Share of GDP": ("share_of_gdp", 100.0), "Current US$": ("usd", 1e6)}
"""Sheet of SIPRI's spreadsheet → the column, and by what its numbers are multiplied (fractions, millions)."""
_NATO = {"Table 2": ("current prices and exchange rates", "usd", 1e6), "Table 3": ("share of", "share_of_gdp", 1.0)}
"""Sheet of NATO's spreadsheet → how the heading of its block begins, the column, and the factor (millions, percent).

Of its sheets, each with a block of current and one of constant prices, these are the two that hold what we compare."""

WORLD_BANK = "https://api.worldbank.org/v2/country/all/indicator/{indicator}?format=json&per_page=20000"
_MOST_BYTES = 50_000_000

Row = dict[str, Any]
Cells = tuple[Any, ...]
Found = tuple[str, int, str, float, str]
"""One number of a file: alpha-3 code of the state, year, column, value, source."""


class OfficialError(ValueError):
    """The file cannot be used; the message names it and what would do."""


def read(path: Path) -> list[Row]:
    """Read official expenditure, one row a state and year.

    Returns:
        Rows with `iso3`, `year`, `share_of_gdp` (percent) and `usd` (current dollars), either null, and `source`.

    Raises:
        OfficialError: the file cannot be read, or is in none of the known forms.
    """
    try:
        if path.suffix.lower() == ".xlsx":
            found = list(_workbook(path))
        elif path.suffix.lower() == ".json":
            found = list(_world_bank_json(json.loads(path.read_text(encoding="utf-8-sig")), path.name))
        else:
            found = list(_csv(path))
    except OSError as error:
        raise OfficialError(f"{path} cannot be read: {error.strerror}") from error
    except (ValueError, LookupError, TypeError, AttributeError, BadZipFile) as error:
        raise OfficialError(f"{path.name} is in none of the forms that are read ({_forms()}): {error}") from error
    rows = _joined(found)
    if not rows:
        raise OfficialError(f"{path.name} holds no expenditure of a state that is known; read are {_forms()}")
    return rows


def _forms() -> str:
    return (
        f"the World Bank's JSON or CSV of {SHARE} and {DOLLARS}, SIPRI's .xlsx with the sheets {' and '.join(_SIPRI)}, "
        f"NATO's .xlsx with {' and '.join(_NATO)}, or a CSV with {', '.join(_PLAIN)}"
    )


def fetch(address: str, target: Path, seconds: float = 30.0) -> int:
    """Fetch both indicators of the World Bank into one file that `read` understands; return its rows.

    Args:
        address: where an indicator is, with `{indicator}` in place of its name.
        target: the file; it is written only once both answers are whole and can be read.
        seconds: after which a server is given up.

    Raises:
        OfficialError: the server does not answer, answers something else, or too much.
    """
    from pipeline.ingest.fetch import Fetcher, FetchError, Politeness  # noqa: PLC0415 - only where it is turned on

    # The user names the server, so it may stand in his own network, and robots.txt is not asked: it is no crawl.
    fetcher = Fetcher(Politeness(private=True, max_bytes=_MOST_BYTES, seconds=seconds, host_delay=0.0, retries=0))
    answers = []
    for indicator in _COLUMNS:
        url = address.format(indicator=indicator)
        if not url.startswith(("https://", "http://")):
            raise OfficialError(f"{url} is no address of the web")
        try:
            answer = fetcher.get(url, robots=False)
        except FetchError as error:
            raise OfficialError(f"{url} does not answer: {error.detail}") from error
        try:
            answers.append(json.loads(answer.content))
            rows = len(list(_world_bank_json(answers, target.name)))
        except (ValueError, LookupError, TypeError, AttributeError) as error:
            raise OfficialError(f"{url} answers, but not with an indicator: {error}") from error
    target.parent.mkdir(parents=True, exist_ok=True)
    write_bytes(target, json.dumps(answers).encode())
    return rows


def overlaid(rows: Iterable[Row], path: Path | None) -> list[Row]:
    """Return our own rows with those of a file in place of theirs, number by number.

    Raises:
        OfficialError: the file cannot be used.
    """
    out = {(row["iso3"], row["year"]): row for row in rows}
    for row in read(path) if path is not None else ():
        key = (row["iso3"], row["year"])
        known = out.get(key, {})
        out[key] = {name: known.get(name) if value is None else value for name, value in row.items()}
    return [out[key] for key in sorted(out)]


def _joined(found: Iterable[Found]) -> list[Row]:
    rows: dict[tuple[str, int], Row] = {}
    for iso3, year, column, value, source in found:
        if iso3 in gazetteer.countries() and value > 0:
            row = rows.setdefault((iso3, year), dict.fromkeys(_PLAIN) | {"iso3": iso3, "year": year, "source": source})
            row[column] = value
    return [rows[key] for key in sorted(rows)]


def _number(text: object) -> float | None:
    """Return a number, None for what stands for a missing one ("..", "xxx", an empty cell)."""
    if isinstance(text, int | float):
        return float(text)
    cleaned = str(text or "").strip().replace(",", "")
    return float(cleaned) if re.fullmatch(r"-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?", cleaned) else None


def _world_bank_json(document: Any, name: str) -> Iterator[Found]:
    pages = document if isinstance(document, list) and document and isinstance(document[0], list) else [document]
    for page in pages:
        for row in page[1]:
            column = _COLUMNS.get(row["indicator"]["id"])
            value = _number(row["value"])
            if column is not None and value is not None:
                yield row["countryiso3code"], int(row["date"]), column, value, f"World Bank ({name})"


def _csv(path: Path) -> Iterator[Found]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        lines = list(csv.reader(file))
    start = next((i for i, line in enumerate(lines) if "Indicator Code" in line or "iso3" in line), None)
    if start is None:
        raise ValueError("no line of headings has 'Indicator Code' or 'iso3'")
    for line in lines[start + 1 :]:
        row = dict(zip(lines[start], line, strict=False))
        if "iso3" in row:
            for column in _COLUMNS.values():
                value = _number(row.get(column))
                if value is not None:
                    yield row["iso3"], int(row["year"]), column, value, row.get("source") or path.name
            continue
        column = _COLUMNS.get(row.get("Indicator Code", ""), "")
        for heading, cell in row.items():
            value = _number(cell) if column and heading.isdigit() else None
            if value is not None:
                yield row["Country Code"], int(heading), column, value, f"World Bank ({path.name})"


def _workbook(path: Path) -> Iterator[Found]:
    from openpyxl import load_workbook  # noqa: PLC0415 - only this form needs it

    book = load_workbook(path, read_only=True, data_only=True)
    if not any(name in _SIPRI or name in _NATO for name in book.sheetnames):
        raise ValueError(f"the sheets are {', '.join(book.sheetnames)}")
    for name in book.sheetnames:
        lines = list(book[name].iter_rows(values_only=True)) if name in _SIPRI or name in _NATO else []
        if name in _SIPRI:
            yield from _sipri(lines, *_SIPRI[name], f"SIPRI ({path.name})")
        elif name in _NATO:
            yield from _nato(lines, *_NATO[name], f"NATO ({path.name})")


def _sipri(lines: Iterable[Cells], column: str, factor: float, source: str) -> Iterator[Found]:
    """Yield the numbers of a sheet: one heading line with `Country` and the years, then a line a state or region."""
    years: dict[int, int] = {}
    for cells in lines:
        if not years and cells and str(cells[0]).strip() == "Country":
            years = {i: year for i, cell in enumerate(cells) if (year := _year(cell)) is not None}
        elif years and cells:
            yield from _values(cells, years, column, factor, source)


def _nato(
    lines: Iterable[Cells], heading: str, column: str, factor: float, source: str
) -> Iterator[Found]:
    """Yield the numbers of one block of a sheet: its heading, a line of years ("2025e": estimated), a line a state."""
    years: dict[int, int] = {}
    last = ""
    for cells in lines:
        filled = [cell for cell in cells if str(cell if cell is not None else "").strip()]
        if filled and all(_year(cell) is not None for cell in filled):
            within = last.casefold().startswith(heading)
            years = {i: _year(cell) or 0 for i, cell in enumerate(cells) if cell in filled} if within else {}
        elif len(filled) == 1 and isinstance(filled[0], str):
            last = filled[0].strip()
        elif years:
            yield from _values(cells, years, column, factor, source)


def _values(
    cells: Cells, years: dict[int, int], column: str, factor: float, source: str
) -> Iterator[Found]:
    state = _state(str(cells[0] or ""))
    for i, year in years.items() if state is not None else ():
        value = _number(cells[i]) if i < len(cells) else None
        if value is not None:
            yield state or "", year, column, value * factor, source


def _year(cell: object) -> int | None:
    """Return the year that heads a column, "2025e" (an estimate) included."""
    match = re.fullmatch(r"((?:19|20)\d\d)(?:\.0)?e?", str(cell if cell is not None else "").strip())
    return int(match[1]) if match else None


def _state(name: str) -> str | None:
    """Return the alpha-3 code of the state with this name ("Korea, South", "Belgium*"), None for regions and totals."""
    bare = re.sub(r"\s*(?:\([^)]*\)|[*†\d])\s*$", "", name.strip())
    first, _, second = (part.strip() for part in bare.partition(","))
    for written in (f"{second} {first}", f"{second} of {first}") if second else (bare,):
        plain = written.removeprefix("The ")
        hits = [hit for hit in gazetteer.find(plain) if hit.form == "name" and (hit.start, hit.end) == (0, len(plain))]
        if hits:
            return hits[0].known.country
    return None
