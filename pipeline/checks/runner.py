"""Running the checks on the staging tables, and keeping their results as the table `data_quality`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

import duckdb

from pipeline import tables
from pipeline.checks import rules
from pipeline.store import staging
from pipeline.store.duck import with_room
from pipeline.store.files import as_arrow
from pipeline.store.increment import Increment

DETAILS = 20
"""Rows or groups that are told of one check."""


@dataclass(frozen=True)
class Result:
    """What a check found: the columns of `data_quality`."""

    table_name: str
    check_name: str
    passed: bool
    blocking: bool
    value: float
    description: str
    details: list[str] = field(default_factory=list)


def run(
    connection: duckdb.DuckDBPyConnection, last: Mapping[str, int], today: date, taken: Increment | None = None
) -> list[Result]:
    """Run every check on the open staging database.

    Args:
        connection: the staging database.
        last: the row counts of the last publish by table, for the checks on volume.
        today: the day after which no document may be dated.
        taken: what the build took over from the last publish; of those rows it is known that they break no rule that
            a row breaks by itself, or they would not be published.
    """
    results = []
    for check in rules.checks(today):
        details: list[str] = []
        try:
            sql = check.sql
            if taken is not None and check.by_row and check.blocking:
                sql = taken.of_new_rows(check.table, sql)
            value = float(_rows(connection, sql)[0][0] or 0)
            passed = value <= check.limit
            if check.details:
                behind = _rows(connection, f"SELECT * FROM ({check.details}) LIMIT {DETAILS}")
                details = [f"{label}: {number:g}" for label, number in behind]
        except duckdb.Error:  # a column that the declaration promises is not there, or is of another type
            value, passed = float("nan"), False
        results.append(Result(check.table, check.name, passed, check.blocking, value, check.description, details))
    for table in rules.VOLUME_TABLES:
        before, now = last.get(table, 0), count(connection, table)
        lost = max(0.0, 1 - now / before) if before else 0.0
        results.append(Result(table, "volume", lost <= rules.VOLUME_LIMIT, False, lost, rules.volume(table)))
    return results


def _rows(connection: duckdb.DuckDBPyConnection, sql: str) -> list[tuple[Any, ...]]:
    return with_room(connection, lambda: connection.sql(sql).fetchall())


def count(connection: duckdb.DuckDBPyConnection, table: str) -> int:
    """Return the number of rows of a table."""
    return int(connection.sql(f"SELECT count(*) FROM {table}").fetchall()[0][0])


def keep(connection: duckdb.DuckDBPyConnection, results: list[Result]) -> None:
    """Write the results as the table `data_quality`, so that SQL users see them too."""
    staging.create(connection, tables.DATA_QUALITY)
    rows = [asdict(result) for result in sorted(results, key=lambda r: (r.table_name, r.check_name))]
    connection.register("results", as_arrow(tables.DATA_QUALITY, rows))
    connection.execute("INSERT INTO data_quality BY NAME SELECT * FROM results")
    connection.unregister("results")
