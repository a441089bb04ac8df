"""The checks on staging tables: rows that break a rule are counted, and told."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import duckdb
import pytest

from pipeline import tables
from pipeline.checks import rules, runner
from pipeline.store import staging

TODAY = date(2025, 6, 1)
ROW = {
    "spending_id": "a", "doc_id": "d", "figure_id": "f", "start_char": 0, "end_char": 9, "amount_text": "€3bn",
    "measure": "amount", "low": 3e9, "high": 3e9, "currency": "EUR", "low_eur": 3e9, "high_eur": 3e9, "low_usd": 3.3e9,
    "high_usd": 3.3e9, "spender_id": "FIN", "spender": "Finland", "flow": "budget", "status": "approved",
    "evidence": "It costs €3bn.", "confidence": 0.5,
}  # fmt: skip
_SHAPES = {
    "actor_records": "SELECT '' AS doc_id, '' AS actor_id, '' AS actor_type, true AS named, true AS described LIMIT 0",
    "actor_links": "SELECT '' AS doc_id, '' AS from_id, '' AS actor_id LIMIT 0",
}


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    """Return a database with the empty tables, and the expenditure of a giant, a large and a small state."""
    with duckdb.connect() as opened:
        for table in staging.BUILT:
            staging.create(opened, table)
        for table in tables.LAST.values():
            staging.create(opened, table)
        for query in ("actor_records", "actor_links"):
            opened.execute(f"CREATE TABLE {query} AS {_SHAPES[query]}")
        opened.execute(
            "CREATE TABLE official_expenditure AS SELECT * FROM (VALUES ('USA', 2024, 3.4, 9e11), "
            "('CHN', 2024, 1.7, 3e11), ('FIN', 2024, 2.4, 7e9), ('FIN', 2020, 1.5, 4e9)) "
            "AS t(iso3, year, share_of_gdp, usd)"
        )
        opened.execute(
            "INSERT INTO documents BY NAME SELECT 'd' AS doc_id, 'The Test' AS source, DATE '2025-01-01' AS "
            "published_on, 'metadata' AS date_basis, 'It costs €3bn.' AS text, 3 AS word_count, 'd.txt' AS raw_uri"
        )
        yield opened


def spend(connection: duckdb.DuckDBPyConnection, **changes: object) -> None:
    """Insert a spending row, changed in some columns."""
    row = ROW | changes
    columns = ", ".join(f"${name} AS {name}" for name in row)
    connection.execute(f"INSERT INTO defence_spending BY NAME SELECT {columns}", row)


def result(connection: duckdb.DuckDBPyConnection, name: str) -> runner.Result:
    """Run the checks and return the one of that name on defence_spending."""
    found = runner.run(connection, {}, TODAY)
    return next(r for r in found if r.table_name == "defence_spending" and r.check_name == name)


def test_every_check_can_be_asked(connection: duckdb.DuckDBPyConnection) -> None:
    """No check stumbles over the declared tables, and none has two of its name."""
    results = runner.run(connection, {}, TODAY)
    assert all(r.value == r.value for r in results)
    assert len({(r.table_name, r.check_name) for r in results}) == len(results) == len(rules.declared(TODAY))


def test_an_amount_stands_in_its_evidence(connection: duckdb.DuckDBPyConnection) -> None:
    """A row whose sentence does not hold its words blocks the publish."""
    spend(connection)
    assert result(connection, "evidence").passed
    spend(connection, spending_id="b", amount_text="€4bn")
    found = result(connection, "evidence")
    assert (found.passed, found.blocking, found.value) == (False, True, 1)


@pytest.mark.parametrize(
    ("check", "changes", "warns"),
    [
        ("budget_of_a_giant", {"low_usd": 6e11}, True),
        ("budget_of_a_giant", {"low_usd": 1e12, "spender_id": "USA"}, False),
        ("budget_of_a_giant", {"low_usd": 5e11}, False),
        ("budget_of_a_giant", {"low_usd": 6e11, "spender_id": "nato"}, False),
        ("contract_above_budget", {"low_usd": 8e9, "flow": "procurement"}, True),
        ("contract_above_budget", {"low_usd": 6e9, "flow": "procurement"}, False),
        ("contract_above_budget", {"low_usd": 8e9, "flow": "procurement", "spender_id": "nowhere"}, False),
        ("implausible", {"low_eur": 3e12, "high_eur": 3e12}, True),
    ],
)
def test_what_cannot_well_be(
    connection: duckdb.DuckDBPyConnection, check: str, changes: dict[str, object], warns: bool
) -> None:
    """An implausible sum warns, and the row is told; it blocks nothing."""
    spend(connection, **changes)
    found = result(connection, check)
    assert found.passed is not warns
    assert not found.blocking
    assert [told.split(": ")[0] for told in found.details] == (["a"] if warns else [])


def test_payers_by_source(connection: duckdb.DuckDBPyConnection) -> None:
    """The share of spending without a payer is told for each source."""
    spend(connection)
    spend(connection, spending_id="b", spender_id=None)
    found = result(connection, "without_spender")
    assert (found.passed, found.value, found.details) == (True, 0.5, ["The Test: 0.5"])


def test_results_are_kept(connection: duckdb.DuckDBPyConnection) -> None:
    """What the checks found is a table of its own, in the shape of its declaration."""
    spend(connection, low_eur=3e12, high_eur=3e12)
    runner.keep(connection, runner.run(connection, {}, TODAY))
    assert [row[0] for row in connection.sql("DESCRIBE data_quality").fetchall()] == [
        column.name for column in tables.DATA_QUALITY.columns
    ]
    kept = connection.sql("SELECT details FROM data_quality WHERE check_name = 'implausible'").fetchall()
    assert kept == [(["a: 3e+12"],)]
