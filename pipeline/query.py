"""Asking the published database: one read-only query, written as a table, CSV, JSON, Parquet or an Excel workbook."""

from __future__ import annotations

import csv
import io
import json
import math
import os
import re
import shutil
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb

_CHUNK = 2_000
_BINARY = {"parquet": "Parquet", "xlsx": "Excel"}
_QUESTIONS = {duckdb.StatementType.SELECT, duckdb.StatementType.EXPLAIN}


class QueryError(RuntimeError):
    """A query cannot be answered; `status` is the exit status: 2 for a mistake in the question, 1 otherwise."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


def connect(database: Path) -> duckdb.DuckDBPyConnection:
    """Open the published database read-only; a query can read neither files nor the network.

    Raises:
        QueryError: there is none, or it is no DuckDB file.
    """
    if not database.is_file():
        raise QueryError(f"there is no database {database}; run ./run refresh first, or name the --warehouse", 1)
    try:
        connection = duckdb.connect(str(database), read_only=True, config={"enable_external_access": "false"})
        # A query sees tables, not this program's variables.
        connection.execute("SET python_enable_replacements = false")
    except duckdb.Error as error:
        raise QueryError(f"{database} cannot be opened: {_line(error)}; ./run refresh makes it anew", 1) from error
    return connection


def answer(database: Path, query: str, form: str, output: Path | None) -> None:
    """Answer a query on standard output or into a file.

    Raises:
        QueryError: the query is wrong, is no single SELECT, or the file cannot be written.
        BrokenPipeError: the reader of standard output has gone.
    """
    if form in _BINARY and output is None:
        raise QueryError(f"{_BINARY[form]} is binary: name a file with --out FILE", 2)
    with closing(connect(database)) as connection:
        try:
            _check(connection, query)
            if form == "parquet":
                _write_parquet(connection.sql(query), output)
                return
            connection.execute(query)
            columns = [column[0] for column in connection.description or []]
            if form == "xlsx":
                _write_workbook(columns, _rows(connection), output)
            elif form == "table":
                _write(iter([_table(columns, connection.fetchall())]), output)
            else:
                _write((_csv if form == "csv" else _json)(columns, _rows(connection)), output)
        except duckdb.IOException as error:
            raise QueryError(f"{database} cannot be read: {_line(error)}; ./run refresh makes it anew", 1) from error
        except duckdb.Error as error:
            raise QueryError(_explained(error, connection), 2) from error
        except BrokenPipeError:
            raise
        except OSError as error:
            reason = os.strerror(error.errno) if error.errno else str(error)
            raise QueryError(f"{output or 'standard output'} cannot be written: {reason}", 1) from error


def rows(database: Path, query: str) -> list[tuple[Any, ...]]:
    """Return the rows of a query of our own.

    Raises:
        QueryError: there is no database, or it is of another version and cannot answer.
    """
    with closing(connect(database)) as connection:
        try:
            return connection.execute(query).fetchall()
        except duckdb.Error as error:
            raise QueryError(_explained(error, connection), 1) from error


def _check(connection: duckdb.DuckDBPyConnection, query: str) -> None:
    """Turn away, before anything is run, what is no single question."""
    statements = connection.extract_statements(query)
    if len(statements) != 1:
        raise QueryError(f"one SELECT is wanted, {len(statements)} statements were given", 2)
    kind = statements[0].type
    if kind not in _QUESTIONS:
        raise QueryError(f"one SELECT is wanted, that is {kind.name}: the published tables are read-only", 2)


def _line(error: duckdb.Error) -> str:
    """Return what DuckDB says in one line, without the picture of the query that it draws below."""
    return " ".join(re.split(r"\n\s*LINE \d+:", str(error))[0].split())


def _explained(error: duckdb.Error, connection: duckdb.DuckDBPyConnection) -> str:
    missing = re.search(r"Table with name (.+) does not exist", str(error))
    if missing is None:
        return _line(error)
    names = [row[0] for row in connection.execute("SELECT table_name FROM duckdb_tables() ORDER BY 1").fetchall()]
    return f"there is no table {missing[1]}; there are: {', '.join(names)}"


def _rows(connection: duckdb.DuckDBPyConnection) -> Iterator[tuple[Any, ...]]:
    while rows := connection.fetchmany(_CHUNK):
        yield from rows


def _csv(columns: list[str], rows: Iterator[tuple[Any, ...]]) -> Iterator[str]:
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(columns)
    for row in rows:
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()
        writer.writerow([_plain_text(value) for value in row])
    yield buffer.getvalue()


def _plain_text(value: object) -> object:
    if isinstance(value, bool):
        return "true" if value else "false"
    return json.dumps(plain(value), ensure_ascii=False) if isinstance(value, list | dict) else value


def _json(columns: list[str], rows: Iterator[tuple[Any, ...]]) -> Iterator[str]:
    names = [
        name if name not in columns[:i] else f"{name}_{columns[:i].count(name) + 1}" for i, name in enumerate(columns)
    ]
    for row in rows:
        record = dict(zip(names, map(plain, row), strict=True))
        yield json.dumps(record, ensure_ascii=False, default=str) + "\n"


def plain(value: Any) -> Any:
    """Return a value as JSON has it: dates as ISO 8601, and null for what is no number."""
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return {str(key): plain(item) for key, item in value.items()} if isinstance(value, dict) else value


def _table(columns: list[str], rows: list[tuple[Any, ...]]) -> str:
    from rich.console import Console  # noqa: PLC0415 - only this form needs it
    from rich.markup import escape  # noqa: PLC0415 - only this form needs it
    from rich.table import Table  # noqa: PLC0415 - only this form needs it
    from rich.text import Text  # noqa: PLC0415 - only this form needs it

    table = Table(*map(escape, columns), header_style="bold")
    for row in rows:
        table.add_row(*(Text("" if value is None else str(value)) for value in row))
    width = shutil.get_terminal_size((160, 40)).columns
    console = Console(width=width, force_terminal=sys.stdout.isatty())
    with console.capture() as captured:
        console.print(table)
        console.print(f"{len(rows):,} row{'' if len(rows) == 1 else 's'}")
    return captured.get()


def _write_parquet(result: duckdb.DuckDBPyRelation, output: Path | None) -> None:
    import pyarrow.parquet as pq  # noqa: PLC0415 - only this form needs it

    assert output is not None
    pq.write_table(result.to_arrow_table(), output)


def _write_workbook(columns: list[str], rows: Iterator[tuple[Any, ...]], output: Path | None) -> None:
    from pipeline import workbook  # noqa: PLC0415 - only this form needs it

    assert output is not None
    try:
        workbook.write(columns, rows, output, plain)
    except workbook.TooManyRows as error:
        raise QueryError(
            f"the answer has more than the {workbook.ROWS:,} rows that an Excel sheet holds; add a LIMIT, or take "
            "--format csv or parquet",
            2,
        ) from error


def _write(pieces: Iterator[str], output: Path | None) -> None:
    if output is None:
        for piece in pieces:
            sys.stdout.write(piece)
        sys.stdout.flush()
        return
    with output.open("w", encoding="utf-8", newline="") as file:
        file.writelines(pieces)
