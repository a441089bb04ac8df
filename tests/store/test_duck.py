"""What DuckDB may take, and how texts stand in its SQL."""

from __future__ import annotations

from types import SimpleNamespace

import duckdb
import psutil
import pytest

from pipeline.store import duck


def _limit(connection: duckdb.DuckDBPyConnection) -> str:
    return str(connection.sql("SELECT current_setting('memory_limit')").fetchall()[0][0])


def test_a_query_that_does_not_fit_gets_more_room_for_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """What DuckDB cannot spill is done with more memory, and the next query has the usual bound again."""
    monkeypatch.setattr(duck, "MEGABYTES", 30)
    large = "SELECT len(list(range::VARCHAR)) FROM range(1_000_000)"
    with duckdb.connect() as connection:
        duck.bound(connection)
        usual = _limit(connection)
        with pytest.raises(duckdb.OutOfMemoryException):
            connection.sql(large).fetchall()
        assert duck.with_room(connection, lambda: connection.sql(large).fetchall()) == [(1_000_000,)]
        assert _limit(connection) == usual


def test_no_query_gets_more_than_half_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where that is not enough, DuckDB's error stands, and so does the usual bound."""
    monkeypatch.setattr(psutil, "virtual_memory", lambda: SimpleNamespace(total=4.2e6 * duck.MEGABYTES))
    limits = []
    with duckdb.connect() as connection:
        duck.bound(connection)
        usual = _limit(connection)

        def never() -> None:
            limits.append(_limit(connection))
            raise duckdb.OutOfMemoryException("no")

        with pytest.raises(duckdb.OutOfMemoryException):
            duck.with_room(connection, never)
        assert len(set(limits)) == 2 and limits[0] == usual == _limit(connection)
