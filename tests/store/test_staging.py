"""The order of the queries, and errors that name the file."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from pipeline.settings import ROOT, Settings
from pipeline.store import inputs, staging
from tests.warehouses import query, rows, run, write_articles


@pytest.fixture
def sql(tmp_path: Path) -> Path:
    """Return a copy of sql/ that a test may spoil."""
    return Path(shutil.copytree(ROOT / "sql", tmp_path / "sql"))


def test_each_query_comes_after_those_it_needs() -> None:
    """The order is that of the `-- needs:` lines."""
    seen: set[str] = set(inputs.INPUTS) | {"official_expenditure"}
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


def test_tables_that_are_built_in_parts_are_those_built_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However few rows make a part, the rows and their order are the same."""
    write_articles(tmp_path / "in")
    assert run(tmp_path / "in", tmp_path / "once").errors == []
    monkeypatch.setattr(staging, "PART", 3)
    assert run(tmp_path / "in", tmp_path / "parts").errors == []
    assert rows(tmp_path / "parts") == rows(tmp_path / "once")
    asked = "SELECT doc_id, actor_id FROM appearances"
    found = query(tmp_path / "parts", asked)
    assert found == sorted(query(tmp_path / "once", asked)) and len(found) > 3
