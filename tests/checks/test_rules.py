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
IDENTITY = ("twins", "ambiguous_aliases", "one_type", "sudden_merges", "idle")


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    """Return a database with the empty tables, and the expenditure of a giant, a large and a small state."""
    with duckdb.connect() as opened:
        for table in staging.BUILT:
            staging.create(opened, table)
        for table in tables.LAST.values():
            staging.create(opened, table)
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


def act(connection: duckdb.DuckDBPyConnection, actor_id: str, name: str, **changes: object) -> None:
    """Insert an actor."""
    row = {"actor_id": actor_id, "name": name, "actor_type": "person", "aliases": [name], "named": True} | changes
    columns = ", ".join(f"${key} AS {key}" for key in row)
    connection.execute(f"INSERT INTO actors BY NAME SELECT {columns}", row)


def test_identity_is_watched(connection: duckdb.DuckDBPyConnection) -> None:
    """Twins, ambiguous aliases, types that documents disagree on and idle corrections warn with their rows."""
    act(connection, "jo-li", "Jo Li", country="CHN")
    act(connection, "jo-lee", "Jó Li", country="CHN", aliases=["Lee", "Jo"])
    act(connection, "an-lee", "An Lee", aliases=["Lee"])
    act(connection, "li-jo", "Jo Li", country="KOR")
    connection.execute(
        """INSERT INTO actor_corrections VALUES (3, 'block', 'jo', NULL, NULL, 0), (4, 'block', 'li', NULL, NULL, 2);
        INSERT INTO actor_redirects VALUES ('big', 'jo-li', 'linked'), ('small', 'jo-li', 'linked');
        INSERT INTO last_actors VALUES ('big', 10), ('small', 9), ('jo-li', 50)"""
    )
    for doc_id, kind in (("d", "company"), ("e", "media")):
        connection.execute(
            "INSERT INTO appearances BY NAME SELECT $d AS doc_id, 'acme' AS local_id, 'acme' AS actor_id, "
            "$k AS actor_type, true AS named, true AS described, true AS is_original",
            {"d": doc_id, "k": kind},
        )
    told = {(r.table_name, r.check_name): r for r in runner.run(connection, {}, TODAY)}
    assert told["actors", "twins"].details == ["jo-lee = jo-li: 2"]
    assert told["actors", "ambiguous_aliases"].details == ["jo li: 2", "lee: 2"]
    assert told["actors", "one_type"].details == ["acme: 2"]
    assert told["actors", "sudden_merges"].details == ["big → jo-li: 10"]
    assert told["actor_corrections", "idle"].details == ["line 3, block jo: 0"]
    assert not any(told[key].passed or told[key].blocking for key in told if key[1] in IDENTITY)


def test_mentions_without_actor(connection: duckdb.DuckDBPyConnection) -> None:
    """The share of mentions that mean nobody known is counted."""
    connection.execute(
        "INSERT INTO mentions BY NAME SELECT i::VARCHAR AS mention_id, 'd' AS doc_id, 0 AS start_char, 2 AS end_char, "
        "'It' AS text, 'name' AS mention_type, 'ORG' AS entity_label, CASE WHEN i > 1 THEN 'a' END AS actor_id "
        "FROM range(10) AS r(i)"
    )
    found = next(r for r in runner.run(connection, {}, TODAY) if r.check_name == "without_actor")
    assert (found.value, found.passed) == (0.2, False)


def test_results_are_kept(connection: duckdb.DuckDBPyConnection) -> None:
    """What the checks found is a table of its own, in the shape of its declaration."""
    spend(connection, low_eur=3e12, high_eur=3e12)
    runner.keep(connection, runner.run(connection, {}, TODAY))
    assert [row[0] for row in connection.sql("DESCRIBE data_quality").fetchall()] == [
        column.name for column in tables.DATA_QUALITY.columns
    ]
    kept = connection.sql("SELECT details FROM data_quality WHERE check_name = 'implausible'").fetchall()
    assert kept == [(["a: 3e+12"],)]
