"""What Dagster shows of a table: nothing that stands in a document may become a page's own words."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.assets import presentation
from pipeline.assets.presentation import column_lineage, plot, preview, source_tables
from pipeline.tables import ACTOR_NETWORK, DEFENCE_SPENDING, STATEMENT_MENTIONS, STATEMENTS, Column, Table

MARKUP = re.compile(r"[<>|`*_\[\]{}()~\\]|&(?!#\d+;)|(?<!&)#")
NOTES = Table("notes", "Notes.", (Column("id", "INTEGER", "id"), Column("note", "VARCHAR", "note")), ("id",))


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    """Return a database with the table `notes`."""
    with duckdb.connect() as opened:
        opened.execute("CREATE TABLE notes (id INTEGER, note VARCHAR)")
        yield opened


def shown(connection: duckdb.DuckDBPyConnection, *notes: str | None) -> list[str]:
    """Return the lines of the preview of some notes, head left out."""
    connection.executemany("INSERT INTO notes VALUES (?, ?)", [[i, note] for i, note in enumerate(notes)])
    return str(preview(connection, NOTES).value).split("\n")[2:]


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "a | b | c",
        "![](http://example.org/spy.png)",
        "[click](javascript:alert(1))",
        "<img src=x onerror=alert(1)>",
        "`code` *bold* _it_ # head {x}",
        "\\| escaped",
        "a\r\nb\nc\u2028d",
        "&lt;script&gt;alert(1)&lt;/script&gt;",
    ],
)
def test_preview_is_harmless(connection: duckdb.DuckDBPyConnection, text: str) -> None:
    """Markup in a document is shown as characters: no tag, no link, no picture, no further cell or line."""
    lines = shown(connection, text)
    assert len(lines) == 1
    assert len(str(lines[0]).splitlines()) == 1
    cell = lines[0].removeprefix("| 0 | ").removesuffix(" |")
    assert not MARKUP.search(cell)
    assert html.unescape(cell) == " ".join(text.splitlines())


@given(st.text(max_size=200))
def test_any_text_is_one_cell(text: str) -> None:
    """Whatever a document holds, a row stays one line of two cells."""
    cell = presentation._cell(text)
    assert len(cell.splitlines()) <= 1
    assert not MARKUP.search(cell)


def test_preview_is_short(connection: duckdb.DuckDBPyConnection) -> None:
    """Ten rows at most, and long texts are cut."""
    lines = shown(connection, *["x" * 500] * 30)
    assert len(lines) == 10
    assert all(len(line) < 80 and "…" in line for line in lines)


def test_preview_names_the_columns(connection: duckdb.DuckDBPyConnection) -> None:
    """The head of the preview is the declaration's columns; a null is an empty cell."""
    lines = shown(connection, None)
    assert str(preview(connection, NOTES).value).startswith("| id | note |\n| --- | --- |\n")
    assert lines == ["| 0 |  |"]


def test_plot(connection: duckdb.DuckDBPyConnection) -> None:
    """A chart has one bar a value, the longest for the most; tables without one have none; names are harmless."""
    assert plot(connection, NOTES) == {}
    connection.execute("CREATE TABLE defence_spending AS SELECT unnest(['<b>A', '<b>A', 'C']) AS spender")
    chart = str(plot(connection, DEFENCE_SPENDING)["plot"].value)
    bars = [line.count("█") for line in chart.splitlines() if "█" in line]
    assert bars == [30, 15] and "<b>" not in chart


def test_plot_of_an_empty_table(connection: duckdb.DuckDBPyConnection) -> None:
    """Where there is nothing to draw, the chart is empty and nothing fails."""
    connection.execute("CREATE TABLE defence_spending (spender VARCHAR)")
    assert "█" not in str(plot(connection, DEFENCE_SPENDING)["plot"].value)


def test_column_lineage() -> None:
    """A column comes from those of its name in the tables that the query needs."""
    lineage = column_lineage(STATEMENT_MENTIONS, "-- needs: statements, mentions\nSELECT 1").deps_by_column
    found = {
        name: {(dep.asset_key.to_user_string(), dep.column_name) for dep in deps} for name, deps in lineage.items()
    }
    assert found["statement_id"] == {("statements", "statement_id")}
    assert found["actor_id"] == {("mentions", "actor_id")}
    assert found["mention_count"] == set()


def test_source_tables_look_through_helpers() -> None:
    """What a helper query needs stands in its place; a reference table is no asset, what is fetched is one."""
    queries = {
        "links": "-- needs: extracted_actors, extracted_mentions\nSELECT 1",
        ACTOR_NETWORK.name: f"-- needs: {STATEMENTS.name}, links, memberships, official_expenditure\nSELECT 1",
    }
    found = source_tables(queries[ACTOR_NETWORK.name], queries)
    assert found == {"statements", "extracted_actors", "extracted_mentions", "official_expenditure"}
