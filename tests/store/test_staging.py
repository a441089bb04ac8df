"""The order of the queries, and errors that name the file."""

from __future__ import annotations

import shutil
from pathlib import Path
from types import SimpleNamespace

import duckdb
import psutil
import pytest

from pipeline.settings import ROOT, Settings
from pipeline.store import staging


@pytest.fixture
def sql(tmp_path: Path) -> Path:
    """Return a copy of sql/ that a test may spoil."""
    return Path(shutil.copytree(ROOT / "sql", tmp_path / "sql"))


def test_each_query_comes_after_those_it_needs() -> None:
    """The order is that of the `-- needs:` lines."""
    seen: set[str] = set(staging.INPUTS) | {"official_expenditure"}
    for name, text in staging.queries(ROOT / "sql").items():
        assert set(staging.needs(text)) <= seen, name
        seen.add(name)


def test_missing_query_is_named(sql: Path) -> None:
    """A published table without a file is an error that names it."""
    (sql / "actors.sql").unlink()
    with pytest.raises(staging.SqlError, match="actors"):
        staging.queries(sql)


def test_circle_is_named(sql: Path) -> None:
    """Files that need each other are an error."""
    (sql / "one.sql").write_text("-- needs: two\nSELECT 1", encoding="utf-8")
    (sql / "two.sql").write_text("-- needs: one\nSELECT 1", encoding="utf-8")
    with pytest.raises(staging.SqlError, match="circle"):
        staging.queries(sql)


def test_failing_query_is_named(sql: Path, tmp_path: Path) -> None:
    """An error in SQL names the file it stands in."""
    (sql / "figures.sql").write_text(
        "-- needs: extracted_figures\nSELECT nothing FROM extracted_figures", encoding="utf-8"
    )
    settings = Settings(inboxes=(), warehouse=tmp_path / "w", sql_folder=sql)
    with (
        pytest.raises(staging.SqlError, match=r"figures\.sql"),
        staging.open_staging(settings, fresh=True) as connection,
    ):
        staging.build(connection, settings)


def test_failing_macro_is_named(sql: Path, tmp_path: Path) -> None:
    """An error in a macro names its file, and so does a macro of a table that nobody makes."""
    settings = Settings(inboxes=(), warehouse=tmp_path / "w", sql_folder=sql)
    wrong = sql / "macros" / "wrong.sql"
    for text in ("CREATE MACRO wrong() AS nothing", "-- needs: nowhere\nCREATE MACRO wrong() AS 1"):
        wrong.write_text(text, encoding="utf-8")
        with (
            pytest.raises(staging.SqlError, match=r"wrong\.sql"),
            staging.open_staging(settings, fresh=True) as connection,
        ):
            staging.build(connection, settings)


@pytest.mark.parametrize("name", ["statements.sql", "macros/said_by.sql"])
def test_fingerprint_knows_every_file(sql: Path, tmp_path: Path, name: str) -> None:
    """A query or a macro that changes makes the tables anew."""
    settings = Settings(inboxes=(), warehouse=tmp_path / "w", sql_folder=sql)
    before = staging.fingerprint(settings)
    assert staging.fingerprint(settings) == before
    file = sql / name
    file.write_text(file.read_text(encoding="utf-8") + "\n-- more", encoding="utf-8")
    assert staging.fingerprint(settings) != before


def _limit(connection: duckdb.DuckDBPyConnection) -> str:
    return str(connection.sql("SELECT current_setting('memory_limit')").fetchall()[0][0])


def test_a_query_that_does_not_fit_gets_more_room_for_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """What DuckDB cannot spill is done with more memory, and the next query has the usual bound again."""
    monkeypatch.setattr(staging, "_MEGABYTES", 30)
    large = "SELECT len(list(range::VARCHAR)) FROM range(1_000_000)"
    with duckdb.connect() as connection:
        staging.bound(connection)
        usual = _limit(connection)
        with pytest.raises(duckdb.OutOfMemoryException):
            connection.sql(large).fetchall()
        assert staging.with_room(connection, lambda: connection.sql(large).fetchall()) == [(1_000_000,)]
        assert _limit(connection) == usual


def test_no_query_gets_more_than_half_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where that is not enough, DuckDB's error stands, and so does the usual bound."""
    monkeypatch.setattr(psutil, "virtual_memory", lambda: SimpleNamespace(total=3_000e6))
    limits = []
    with duckdb.connect() as connection:
        staging.bound(connection)
        usual = _limit(connection)

        def never() -> None:
            limits.append(_limit(connection))
            raise duckdb.OutOfMemoryException("no")

        with pytest.raises(duckdb.OutOfMemoryException):
            staging.with_room(connection, never)
        assert len(set(limits)) == 2 and limits[0] == usual == _limit(connection)
