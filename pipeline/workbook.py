"""An answer as an Excel workbook of one sheet: text is text, never a formula, and dates are dates.

Rows are written as they come, so that an answer need not fit into memory. What is asked is `query`'s business.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.styles import Font

ROWS = 1_048_575
"""Rows below the header that a sheet of Excel holds."""

_LETTERS = 32_767  # of a cell
_DIGITS = 10**15  # Excel keeps fifteen digits of a number
_FIRST_DAY = date(1900, 3, 1)  # before it, Excel counts a day that never was
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")  # no characters of XML 1.0


class TooManyRows(RuntimeError):
    """An answer does not fit into a sheet."""


def write(columns: list[str], rows: Iterable[tuple[Any, ...]], file: Path, plain: Callable[[Any], Any]) -> None:
    """Write rows as an Excel file, a header row first.

    A cell holds text, a number, true or false, a date or nothing. Lists and structures are JSON. Whole numbers of more
    than fifteen digits and days before March 1900, which Excel would get wrong, are text, and so are times with a zone.
    Text longer than 32,767 characters, the most that a cell holds, is cut and ends with "…".

    Args:
        columns: the names for the header.
        rows: one value a column.
        file: where to write.
        plain: what turns a list or a structure into what JSON has.

    Raises:
        TooManyRows: there are more rows than `ROWS`; nothing is written.
        OSError: the file cannot be written.
    """
    book = Workbook(write_only=True)
    sheet = book.create_sheet("answer")
    sheet.freeze_panes = "A2"

    def text(value: str) -> Cell:
        value = _CONTROL.sub("", value)
        cell = WriteOnlyCell(sheet, value if len(value) <= _LETTERS else value[: _LETTERS - 1] + "…")
        cell.data_type = "s"
        cell.quotePrefix = value.startswith(("=", "+", "-", "@"))  # so that it stays text when it is edited
        return cell

    def cell(value: Any) -> Any:
        if isinstance(value, float):
            return value if math.isfinite(value) else None
        if value is None or isinstance(value, bool | time | timedelta):
            return value
        if isinstance(value, int | Decimal):
            return value if -_DIGITS < value < _DIGITS else text(str(value))
        if isinstance(value, date):  # a datetime is one
            day = value.date() if isinstance(value, datetime) else value
            zoned = isinstance(value, datetime) and value.tzinfo is not None
            return text(value.isoformat()) if zoned or day < _FIRST_DAY else value
        if isinstance(value, list | tuple | dict):
            return text(json.dumps(plain(value), ensure_ascii=False, default=str))
        return text(str(value))

    header = [text(name) for name in columns]
    for name in header:
        name.font = Font(bold=True)
    try:
        sheet.append(header)
        for number, row in enumerate(rows):
            if number == ROWS:
                raise TooManyRows
            sheet.append([cell(value) for value in row])
        book.save(file)
    except BaseException:
        sheet.close()  # or openpyxl complains of a sheet that nobody closed
        raise
