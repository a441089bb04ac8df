"""What the report's page holds: rows of `sql/report/`, and the passages of text in which they stand.

The whole text of a large corpus fits no page. So the page holds all charts' numbers, the largest sums and the newest
statements, and of the documents the passages around them. Offsets count characters of their passage.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from itertools import islice
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
_STATEMENT = (
    "statement_id", "doc_id", "speaker_id", "speaker_text", "cue_class", "kind", "published_on", "confidence", "about",
)  # fmt: skip
_QUERIES = (*dict.fromkeys(charts.ROWS.values()), "conflicts", "quality")
_COUNTS = ("documents", "statements", "spending", "actors", "first", "last")

_AS_THEY_ARE = (int, str, bool, type(None))
"""Types of cells that JSON has as well."""

Span = tuple[int, int]


def _rows(connection: duckdb.DuckDBPyConnection, name: str, **parameters: Any) -> Iterator[dict[str, Any]]:
    connection.execute((FOLDER / f"{name}.sql").read_text(encoding="utf-8"), parameters)
    names = [column[0] for column in connection.description or []]
    while rows := connection.fetchmany(2_000):
        for row in rows:
            cells = [value if type(value) in _AS_THEY_ARE else query.plain(value) for value in row]
            yield dict(zip(names, cells, strict=True))


@dataclass
class Passages:
    """The stretches of documents that the page holds: those around the rows, joined where they touch."""

    wanted: dict[str, list[Span]] = field(default_factory=lambda: defaultdict(list))
    characters: int = 0

    def add(self, doc_id: str, spans: Iterable[Span]) -> None:
        """Want what stands around some spans of a document."""
        spans = list(spans)
        around = (max(0, min(start for start, _ in spans) - AROUND), max(end for _, end in spans) + AROUND)
        last = self.wanted[doc_id][-1] if self.wanted[doc_id] else None
        if last is not None and last[0] <= around[0] <= last[1]:
            self.characters += max(0, around[1] - last[1])
            self.wanted[doc_id][-1] = (last[0], max(last[1], around[1]))
        else:
            self.characters += around[1] - around[0]
            self.wanted[doc_id].append(around)

    def joined(self) -> dict[str, list[Span]]:
        """Return the stretches of each document, sorted, none overlapping."""
        out: dict[str, list[Span]] = {}
        for doc_id, spans in self.wanted.items():
            merged: list[Span] = []
            for start, end in sorted(spans):
                if merged and start <= merged[-1][1]:
                    merged[-1] = (merged[-1][0], max(merged[-1][1], end))
                else:
                    merged.append((start, end))
            out[doc_id] = merged
        return out


def _said_spans(row: dict[str, Any]) -> dict[str, list[Span]]:
    """Return where speaker, cue and content of a statement stand."""
    spans = {"content": [(piece["start"], piece["end"]) for piece in row["content_spans"]]}
    for part in ("speaker", "cue"):
        if row[f"{part}_start"] is not None:
            spans[part] = [(row[f"{part}_start"], row[f"{part}_end"])]
    return spans


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
    passages = Passages()
    spending: list[dict[str, Any]] = []
    statements: list[dict[str, Any]] = []
    marked, said = [], []
    for row in islice(_rows(connection, "spending"), MOST_SPENDING):
        spans = {"amount": [(row.pop("start_char"), row.pop("end_char"))]}
        passages.add(row["doc_id"], spans["amount"])
        spending.append(row)
        marked.append(spans)
    subjects = sorted({pair["target_id"] for pair in found["network"]})
    for row in islice(_rows(connection, "statements", subjects=subjects), MOST_STATEMENTS):
        if passages.characters >= MOST_CHARACTERS:
            break
        spans = _said_spans(row)
        passages.add(row["doc_id"], [span for found in spans.values() for span in found])
        statements.append({name: row[name] for name in _STATEMENT})
        said.append(spans)
    place = _Places(connection, passages.joined())
    for row, spans in zip([*spending, *statements], [*marked, *said], strict=True):
        row.update(place.of(row.pop("doc_id"), spans))
    actors = {row["speaker_id"] for row in statements} | {row["claimed_by"] for row in spending}
    counts = connection.execute(
        "SELECT (SELECT count(*) FROM documents), (SELECT count(*) FROM statements), "
        "(SELECT count(*) FROM defence_spending), (SELECT count(*) FROM actors), "
        "(SELECT min(published_on) FROM documents), (SELECT max(published_on) FROM documents)"
    ).fetchall()[0]
    return {
        "counts": dict(zip(_COUNTS, query.plain(counts), strict=True)),
        "statements": statements,
        "spending": spending,
        "documents": place.documents,
        "passages": place.texts,
        "actors": _actors(connection, sorted(filter(None, actors))),
        **found,
    }


class _Places:
    """Where in the page's passages the spans of the documents are."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, stretches: dict[str, list[Span]]) -> None:
        self.documents: list[dict[str, Any]] = []
        self.texts: list[str] = []
        self._document: dict[str, int] = {}
        self._stretches = stretches
        self._first: dict[str, int] = {}
        connection.execute(
            "SELECT doc_id, title, source, url, published_on, text FROM documents "
            "WHERE doc_id IN (SELECT unnest($ids)) ORDER BY doc_id",
            {"ids": sorted(stretches)},
        )
        while rows := connection.fetchmany(500):
            for doc_id, title, source, url, day, text in rows:
                self._document[doc_id] = len(self.documents)
                self.documents.append({"title": title, "source": source, "url": url, "day": query.plain(day)})
                self._first[doc_id] = len(self.texts)
                self.texts += [text[start:end] for start, end in stretches[doc_id]]

    def of(self, doc_id: str, spans: dict[str, list[Span]]) -> dict[str, Any]:
        """Return the document, the passage and the spans in it of a row."""
        first = min(start for found in spans.values() for start, _ in found)
        number = next(i for i, (start, end) in enumerate(self._stretches[doc_id]) if start <= first < end)
        start = self._stretches[doc_id][number][0]
        inside = {part: [[a - start, b - start] for a, b in found] for part, found in spans.items()}
        return {"document": self._document[doc_id], "passage": self._first[doc_id] + number, "spans": inside}


def _actors(connection: duckdb.DuckDBPyConnection, ids: list[str]) -> dict[str, Any]:
    rows = connection.execute(
        "SELECT actor_id, name, actor_type, country, role FROM actors WHERE actor_id IN (SELECT unnest($ids))",
        {"ids": ids},
    ).fetchall()
    return {
        actor_id: {"name": name, "type": kind, "country": country, "role": role}
        for actor_id, name, kind, country, role in rows
    }
