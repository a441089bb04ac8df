"""What the report's page holds: rows of `sql/report/`, and the passages of text in which they stand.

The whole text of a large corpus fits no page. So the page holds all charts' numbers, the largest sums and the newest
statements, and of the documents the passages around them. Offsets count characters of their passage.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
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
_FOUND_AT = ("document", "passage", "spans")
"""Columns that they get instead."""
_QUERIES = (*dict.fromkeys(charts.ROWS.values()), "conflicts", "quality")
_COUNTS = ("documents", "statements", "spending", "actors", "first", "last")


class Json(str):
    """Rows that are JSON already: an object of columns, each a list; `null` columns where there are no rows."""

    __slots__ = ()


def as_json(found: Mapping[str, Any]) -> str:
    """Return what `collect` found as one object of JSON."""
    parts = (
        f"{json.dumps(name)}: {value if isinstance(value, Json) else json.dumps(value, ensure_ascii=False)}"
        for name, value in found.items()
    )
    return f"{{{', '.join(parts)}}}"


def _rows(connection: duckdb.DuckDBPyConnection, name: str) -> Iterator[dict[str, Any]]:
    connection.execute((FOLDER / f"{name}.sql").read_text(encoding="utf-8"))
    names = [column[0] for column in connection.description or []]
    for row in connection.fetchall():
        yield dict(zip(names, map(query.plain, row), strict=True))


def collect(database: Path) -> dict[str, Any]:
    """Return everything that the page holds, for `as_json`.

    Args:
        database: the published database.

    Returns:
        `counts` (rows a table), `statements` and `spending` (as `Json`, with the number of each row's passage and the
        spans in it), `documents`, `passages`, `actors`, and the rows of the charts: `months`, `network`, `countries`,
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


def _shown(connection: duckdb.DuckDBPyConnection, name: str) -> Json:
    """Return the rows of a kept query in their order, each with the number of its passage and the spans in it.

    DuckDB makes them JSON, a list a column: there may be tens of thousands.
    """
    spans = ", ".join(
        f"{part} := list_transform(shown.spans.{part}, lambda span: [span[1] - passage.first, span[2] - passage.first])"
        for part in _SPANS[name]
    )
    shown = [row[0] for row in connection.execute(f"DESCRIBE shown_{name}").fetchall() if row[0] not in _PLACED]
    lists = ", ".join(f"{column} := list({column} ORDER BY place)" for column in (*shown, *_FOUND_AT))
    rows = connection.execute(
        f"""SELECT to_json(struct_pack({lists})) FROM (
                SELECT shown.* EXCLUDE (spans), passage.document, passage.passage, struct_pack({spans}) AS spans
                FROM shown_{name} AS shown
                JOIN shown_passages AS passage
                    ON passage.doc_id = shown.doc_id AND shown.first >= passage.first AND shown.first < passage.last
            )"""
    ).fetchall()
    return Json(rows[0][0])


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
