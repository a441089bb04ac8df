"""Asking the published database: one read-only query, written as a table, CSV, JSON or Parquet."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import duckdb


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
        connection.execute(
            "SET python_enable_replacements = false"
        )  # a query sees tables, not this program's variables
    except duckdb.Error as error:
        raise QueryError(f"{database} cannot be opened: {error}", 1) from error
    return connection


def answer(database: Path, query: str, form: str, output: Path | None) -> None:
    """Answer a query on standard output or into a file.

    Raises:
        QueryError: the query is wrong, is no single SELECT, or the file cannot be written.
    """
    if form == "parquet" and output is None:
        raise QueryError("Parquet is binary: name a file with --out FILE", 2)
    connection = connect(database)
    try:
        statements = connection.extract_statements(query)
        if len(statements) != 1:
            raise QueryError(f"one SELECT is wanted, {len(statements)} statements were given", 2)
        result = connection.sql(query)
    except duckdb.Error as error:
        raise QueryError(str(error), 2) from error
    if result is None:
        raise QueryError("that is no SELECT: the published tables are read-only", 2)
    try:
        if form == "table":
            width = shutil.get_terminal_size((160, 40)).columns
            _write(_table(result, width), output)
        elif form == "csv":
            _write(result.df().to_csv(index=False), output)
        elif form == "json":
            _write(result.df().to_json(orient="records", lines=True, force_ascii=False, date_format="iso"), output)
        elif output is not None:
            result.df().to_parquet(output, index=False)
    except OSError as error:
        raise QueryError(f"{output} cannot be written: {error.strerror or error}", 1) from error
    except duckdb.Error as error:
        raise QueryError(str(error), 2) from error
    finally:
        connection.close()


def _table(result: duckdb.DuckDBPyRelation, width: int) -> str:
    from rich.console import Console  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    rows = result.fetchall()
    table = Table(*result.columns, header_style="bold")
    for row in rows:
        table.add_row(*(Text("" if value is None else str(value)) for value in row))
    console = Console(width=width, force_terminal=sys.stdout.isatty())
    with console.capture() as captured:
        console.print(table)
        console.print(f"{len(rows):,} row{'' if len(rows) == 1 else 's'}")
    return captured.get()


def _write(text: str, output: Path | None) -> None:
    if output is None:
        sys.stdout.write(text)
    else:
        output.write_text(text, encoding="utf-8")
