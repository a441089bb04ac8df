"""What the files of `sql/` read besides each other: the batches' files, feeds, corrections, reference tables, and what
the last build left.

Nothing is worked out here. Which rows the batches hold is `batches`', what is made of them `staging`'s business.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from pipeline import corrections, official, reference, tables
from pipeline.ingest import feeds
from pipeline.resolve.names import slug
from pipeline.settings import Settings
from pipeline.store import batches, memory
from pipeline.store.duck import quoted
from pipeline.store.feed_state import FeedStates
from pipeline.store.files import write_rows
from pipeline.tables import Table

INPUTS = {
    "all_documents": tables.SOURCE_DOCUMENTS,
    "source_documents": tables.SOURCE_DOCUMENTS,
    "rejected_inputs": tables.REJECTED_DOCUMENTS,
    **{table.name: table for table in tables.EXTRACTED},
    **{table.name: table for table in tables.LAST.values()},
    **{table.name: table for table in tables.REMEMBERED.values()},
    "feed_states": tables.FEED_STATES,
    "known_rounds": tables.KNOWN_ROUNDS,
    "corrections": tables.CORRECTIONS,
    "official_expenditure": tables.OFFICIAL_EXPENDITURE,
    "memberships": tables.BLOC_MEMBERS,
    "known_terms": tables.TERMS_OF_OFFICE,
}
"""What the files in `sql/` may read besides each other."""

OF_BATCHES = (tables.SOURCE_DOCUMENTS.name, *(table.name for table in tables.EXTRACTED))
"""Inputs that the batches hold, a file each; rows of documents that are superseded are left out."""

_GROWN = ("all_documents", "source_documents")
"""Inputs whose files are of several versions; extracted ones are of the present one alone."""


def columns(table: Table) -> str:
    """Return the columns of a table with their types, as they stand in CREATE TABLE."""
    return ", ".join(f"{quoted(column.name)} {column.type}" for column in table.columns)


def attach_empty(connection: duckdb.DuckDBPyConnection, name: str, view: str = "") -> None:
    """Make an input available that has no rows."""
    nothing = ", ".join(f"CAST(NULL AS {column.type}) AS {quoted(column.name)}" for column in INPUTS[name].columns)
    connection.execute(f"CREATE OR REPLACE TEMP VIEW {view or name} AS SELECT {nothing} LIMIT 0")


def _attach_files(connection: duckdb.DuckDBPyConnection, name: str, files: list[Path], view: str = "") -> None:
    """Make the rows of Parquet files available, but for those of documents that are superseded."""
    view = view or name
    if not files:
        attach_empty(connection, name, view)
        return
    chosen = ", ".join(quoted(column.name) for column in INPUTS[name].columns)
    source = f"read_parquet(getvariable('{view}_files'), union_by_name = {name in _GROWN})"
    left_out = " WHERE doc_id NOT IN (SELECT doc_id FROM superseded)" if name in OF_BATCHES else ""
    connection.execute(f"SET VARIABLE {view}_files = $files", {"files": [str(file) for file in files]})
    connection.execute(f"CREATE OR REPLACE TEMP VIEW {view} AS SELECT {chosen} FROM {source}{left_out}")


def attach_batches(
    connection: duckdb.DuckDBPyConnection, settings: Settings, name: str, only: Collection[str] | None = None
) -> str:
    """Make the rows of an input of `OF_BATCHES` available, all or those of some batches; return the view's name."""
    named = batches.ingested_files if name in _GROWN else batches.extracted_files
    files = [file for file in named(settings, name) if only is None or file.parent.name in only]
    view = name if only is None else f"some_{name}"
    if name in _GROWN:
        files.insert(0, _of_today(settings))
    _attach_files(connection, name, files, view)
    return view


def _of_today(settings: Settings) -> Path:
    """Return an empty file of today's columns, so that those which an earlier version did not write are null."""
    path = settings.warehouse / "staging" / "empty.parquet"
    if not path.is_file():
        write_rows(path, tables.SOURCE_DOCUMENTS, [])
    return path


def _attach_rows(connection: duckdb.DuckDBPyConnection, name: str, rows: Iterable[dict[str, Any]]) -> None:
    connection.register("rows_to_attach", pa.Table.from_pylist(list(rows), schema=INPUTS[name].arrow_schema()))
    connection.execute(f"CREATE TEMP TABLE {name} AS SELECT * FROM rows_to_attach")
    connection.unregister("rows_to_attach")


def attach_documents(connection: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    """Make all documents available, as `all_documents`: what there must be to find those that are superseded."""
    files = batches.ingested_files(settings, tables.SOURCE_DOCUMENTS.name)
    _attach_files(connection, "all_documents", [_of_today(settings), *files])


def attach(connection: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    """Make all else available that the files of `sql/` read, under the names of `INPUTS`; `superseded` is there.

    Raises:
        CorrectionError: the file of corrections cannot be used.
        FeedsError: the list of feeds cannot be used.
        OfficialError: the file of official expenditure cannot be used.
    """
    _attach_files(connection, "rejected_inputs", batches.ingested_files(settings, tables.REJECTED_DOCUMENTS.name))
    for name in OF_BATCHES:
        attach_batches(connection, settings, name)
    for published, table in tables.LAST.items():
        file = settings.warehouse / "tables" / f"{published}.parquet"
        _attach_files(connection, table.name, [file] if file.is_file() else [])
    remembered = memory.recall(settings)
    for built, table in tables.REMEMBERED.items():
        _attach_files(connection, table.name, [remembered[built]] if remembered else [])
    _attach_rows(connection, "feed_states", feed_rows(settings))
    _attach_rows(connection, "known_rounds", _round_rows(settings))
    _attach_rows(connection, "corrections", _correction_rows(settings))
    _attach_rows(connection, "official_expenditure", official.overlaid(_official_rows(), settings.official_file))
    _attach_rows(connection, "memberships", _member_rows())
    _attach_rows(connection, "known_terms", _term_rows())


def feed_rows(settings: Settings) -> Iterator[dict[str, Any]]:
    """Yield the rows of `feed_states`: each feed that is listed, its card and its state.

    Raises:
        FeedsError: the list of feeds cannot be used.
    """
    known = feeds.read(settings.feeds)
    if not known:
        return
    with FeedStates(settings.feed_states) as states:
        for feed in known:
            state = states.state(feed.name, feed.url)
            health, articles = states.week(state, feed.expected_per_day)
            yield {
                "feed": feed.name,
                "url": feed.url,
                "publisher": feed.publisher,
                "licence": feed.licence,
                "expected_per_day": feed.expected_per_day,
                "health": health,
                "articles_last_week": articles,
                "failures": state.failures,
                "reason": state.reason,
                "detail": state.detail,
                "last_asked": state.last_asked,
                "last_answer": state.last_answer,
            }


def _round_rows(settings: Settings) -> Iterator[dict[str, Any]]:
    if not settings.feed_states.is_file():
        return
    with FeedStates(settings.feed_states) as states:
        for done in states.rounds():
            row = asdict(done)
            yield {"feed": row.pop("name"), **row}


def _correction_rows(settings: Settings) -> Iterator[dict[str, Any]]:
    for one in corrections.read(settings.corrections):
        row = asdict(one)
        yield row | row.pop("where")


def _official_rows() -> Iterator[dict[str, Any]]:
    for row in reference.rows("military_expenditure"):
        yield {
            "iso3": row["iso3"],
            "year": int(row["year"]),
            "share_of_gdp": float(row["share_of_gdp"]) if row["share_of_gdp"] else None,
            "usd": float(row["usd"]) if row["usd"] else None,
            "source": row["source"],
        }


def _member_rows() -> Iterator[dict[str, Any]]:
    for row in reference.rows("memberships"):
        yield {
            "bloc_id": slug(row["bloc"]),
            "country": row["country"],
            "member_since": _day(row["since"]),
            "member_until": _day(row["until"]),
        }


def _term_rows() -> Iterator[dict[str, Any]]:
    for row in reference.rows("terms_of_office"):
        yield {
            "actor_id": slug(row["name"]),
            "name": row["name"],
            "office": row["office"],
            "country": row["country"] or None,
            "since": _day(row["since"]),
            "until": _day(row["until"]),
        }


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None
