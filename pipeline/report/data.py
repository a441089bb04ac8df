"""What the report's page holds: rows of `sql/report/`, and the passages of text in which they stand.

The whole text of a large corpus fits no page. So the page holds all charts' numbers, the largest sums and the newest
statements, and of the documents the passages around them. Offsets count characters of their passage.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import duckdb

from pipeline import query
from pipeline.report import charts
from pipeline.settings import ROOT

FOLDER = ROOT / "sql" / "report"
AROUND = 160
"""Characters of the text that are shown before and behind a row's own."""
MOST_CHARACTERS = 5_000_000
"""Characters of passages that the page holds: about 2.5 megabytes of it, packed."""
MOST_SPENDING = 3_000
MOST_STATEMENTS = 40_000
_SPANS = {"spending": ("amount",), "statements": ("content", "speaker", "cue")}
"""Query → the parts of its rows that the page marks in the text."""
_PLACED = ("place", "doc_id", "first", "last", "spans")
"""Columns of these queries that tell where a row stands, and are not shown as they are."""
_QUERIES = (*dict.fromkeys(charts.ROWS.values()), "conflicts", "quality")
_COUNTS = ("documents", "statements", "spending", "actors", "first", "last")


def _rows(connection: duckdb.DuckDBPyConnection, name: str) -> Iterator[dict[str, Any]]:
    connection.execute((FOLDER / f"{name}.sql").read_text(encoding="utf-8"))
    names = [column[0] for column in connection.description or []]
    for row in connection.fetchall():
        yield dict(zip(names, map(query.plain, row), strict=True))


def collect(database: Path) -> dict[str, Any]:
    """Return everything that the page holds, as values of JSON.

    Args:
        database: the published database.

    Returns:
        `counts` (rows a table), `statements` and `spending` (each row with the place of its passage and the spans in
        it), `documents`, `passages`, `actors`, and the numbers of the charts: `months`, `network`, `countries`,
        `sums`, `conflicts`, `coverage`, `quality`.

    Raises:
        QueryError: there is no database, or it cannot be opened.
        duckdb.Error: it lacks a table or a column, being of another version.
    """
    with closing(query.connect(database)) as connection:
        return _collect(connection)


def _collect(connection: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    found = {name: list(_rows(connection, name)) for name in _QUERIES}
    subjects = sorted({pair["target_id"] for pair in found["network"]})
    _keep(connection, "spending", most=MOST_SPENDING, around=AROUND)
    used = connection.execute("SELECT coalesce(sum(last - first), 0) FROM shown_spending").fetchall()[0][0]
    left = max(0, MOST_CHARACTERS - used)
    _keep(connection, "statements", most=MOST_STATEMENTS, around=AROUND, characters=left, subjects=subjects)
    _keep(connection, "passages")
    counts = connection.execute(
        "SELECT (SELECT count(*) FROM documents), (SELECT count(*) FROM statements), "
        "(SELECT count(*) FROM defence_spending), (SELECT count(*) FROM actors), "
        "(SELECT min(published_on) FROM documents), (SELECT max(published_on) FROM documents)"
    ).fetchall()[0]
    return {
        "counts": dict(zip(_COUNTS, query.plain(counts), strict=True)),
        "statements": _shown(connection, "statements"),
        "spending": _shown(connection, "spending"),
        "documents": _documents(connection),
        "passages": _passages(connection),
        "actors": _actors(connection),
        **found,
    }


def _keep(connection: duckdb.DuckDBPyConnection, name: str, **parameters: Any) -> None:
    """Keep the rows of a query of `sql/report/` as the table `shown_NAME`, for as long as the connection lives."""
    sql = (FOLDER / f"{name}.sql").read_text(encoding="utf-8")
    connection.execute(f"CREATE TEMP TABLE shown_{name} AS {sql}", parameters)


def _shown(connection: duckdb.DuckDBPyConnection, name: str) -> list[dict[str, Any]]:
    """Return the rows of a kept query in their order, each with the number of its passage and the spans in it.

    DuckDB makes them JSON, for it has a second core: there may be tens of thousands.
    """
    spans = ", ".join(
        f"{part} := list_transform(shown.spans.{part}, lambda span: [span[1] - passage.first, span[2] - passage.first])"
        for part in _SPANS[name]
    )
    rows = connection.execute(
        f"""SELECT to_json(list(row ORDER BY place)) FROM (
                SELECT shown.place, struct_insert(
                    struct_pack({_columns(connection, name)}),
                    document := passage.document, passage := passage.passage, spans := struct_pack({spans})
                ) AS row
                FROM shown_{name} AS shown
                JOIN shown_passages AS passage
                    ON passage.doc_id = shown.doc_id AND shown.first >= passage.first AND shown.first < passage.last
            )"""
    ).fetchall()
    found: list[dict[str, Any]] = json.loads(rows[0][0] or "[]")
    for row in found:
        row["spans"] = {part: spans for part, spans in row["spans"].items() if spans is not None}
    return found


def _columns(connection: duckdb.DuckDBPyConnection, name: str) -> str:
    """Return the columns of a kept query that the page shows, as arguments of struct_pack."""
    columns = [row[0] for row in connection.execute(f"DESCRIBE shown_{name}").fetchall()]
    return ", ".join(f"{column} := shown.{column}" for column in columns if column not in _PLACED)


def _documents(connection: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    rows = connection.execute(
        "SELECT title, source, url, published_on FROM documents SEMI JOIN shown_passages USING (doc_id) ORDER BY doc_id"
    ).fetchall()
    return [{"title": title, "source": source, "url": url, "day": query.plain(day)} for title, source, url, day in rows]


def _passages(connection: duckdb.DuckDBPyConnection) -> list[str]:
    rows = connection.execute(
        "SELECT substr(document.text, passage.first + 1, passage.last - passage.first) FROM shown_passages AS passage "
        "JOIN documents AS document ON document.doc_id = passage.doc_id ORDER BY passage.passage"
    ).fetchall()
    return [text for (text,) in rows]


def _actors(connection: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    rows = connection.execute(
        "SELECT actor_id, name, actor_type, country, role FROM actors WHERE actor_id IN "
        "(SELECT speaker_id FROM shown_statements UNION SELECT claimed_by FROM shown_spending)"
    ).fetchall()
    return {
        actor_id: {"name": name, "type": kind, "country": country, "role": role}
        for actor_id, name, kind, country, role in rows
    }
