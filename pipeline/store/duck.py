"""How DuckDB is used here: what it may take of the machine, how names and texts stand in SQL, how Parquet is written.

What is asked of it is in `sql/` and with those who ask.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import duckdb

MEGABYTES = 280
"""What it may take of the memory while it need not take more."""

GROUP = 122_880
"""Rows of a row group in the Parquet files that it writes."""

_T = TypeVar("_T")


def bound(connection: duckdb.DuckDBPyConnection) -> None:
    """Let DuckDB take so much of the machine, and draw no bars where nobody looks."""
    connection.execute(f"SET memory_limit = '{MEGABYTES}MB'; SET threads = 2; SET enable_progress_bar = false")


def with_room(connection: duckdb.DuckDBPyConnection, action: Callable[[], _T]) -> _T:
    """Do something on a bounded connection; where its memory does not do, and only there, give it more.

    DuckDB spills most of its work to the disk, but not all. It gets twice as much, up to half of the machine's memory.

    Raises:
        OutOfMemoryException: that is not enough.
    """
    given = MEGABYTES
    try:
        while True:
            try:
                return action()
            except duckdb.OutOfMemoryException:
                import psutil  # noqa: PLC0415 - few warehouses need it

                given *= 2
                if given * 1e6 > psutil.virtual_memory().total / 2:
                    raise
                connection.execute(f"SET memory_limit = '{given}MB'")
    finally:
        if given > MEGABYTES:
            connection.execute(f"SET memory_limit = '{MEGABYTES}MB'")


def literal(text: str) -> str:
    """Return a text as it stands in SQL."""
    return "'" + text.replace("'", "''") + "'"


def quoted(name: str) -> str:
    """Return a name as it stands in SQL."""
    return '"' + name.replace('"', '""') + '"'


def write_parquet(connection: duckdb.DuckDBPyConnection, rows: str, path: Path) -> None:
    """Write rows, a table or a query in brackets, as one Parquet file.

    The first level of zstd takes two thirds of the time of its third, DuckDB's default, and the files are no larger.
    """
    copy = f"COPY {rows} TO {literal(str(path))} (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1)"
    with_room(connection, lambda: connection.execute(copy))
