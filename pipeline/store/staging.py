"""The staging database: every table and macro of `sql/`, built afresh from the batches' Parquet files.

Nothing here is published, and nothing is checked: see `publish` and `pipeline.checks`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Set
from contextlib import contextmanager
from dataclasses import asdict
from datetime import date
from graphlib import CycleError, TopologicalSorter
from hashlib import sha256
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from pipeline import corrections, official, reference, tables
from pipeline.ingest import feeds
from pipeline.resolve.names import slug
from pipeline.settings import Settings
from pipeline.store import batches, memory
from pipeline.store.duck import bound, literal, quoted, with_room
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

_GROWN = ("all_documents", "source_documents")
"""Inputs whose files are of several versions; extracted ones are of the present one alone."""

BUILT = tuple(table for table in tables.PUBLISHED if table is not tables.DATA_QUALITY)
"""The tables that `sql/` builds; `data_quality` is written after the checks."""

_STORAGE = "v1.5.0"  # an analyst's older client opens the published file


class SqlError(RuntimeError):
    """A file in `sql/` cannot be used; the message names it."""


def folder(settings: Settings) -> Path:
    """Return the folder of the staging database."""
    return settings.warehouse / "staging"


def database(settings: Settings) -> Path:
    """Return the staging database."""
    return folder(settings) / "communique.duckdb"


def needs(sql: str) -> list[str]:
    """Return the tables that a query's `-- needs:` line names."""
    match = re.search(r"^--\s*needs:\s*(.+)$", sql, re.MULTILINE)
    return [name.strip() for name in match[1].split(",") if name.strip()] if match else []


def queries(sql_folder: Path) -> dict[str, str]:
    """Return the queries of `sql/` by table, each after those it needs.

    Raises:
        SqlError: a published table has no file, a file needs what is not there, or needs itself.
    """
    found = _read(sql_folder)
    missing = [table.name for table in BUILT if table.name not in found]
    if missing:
        raise SqlError(f"{sql_folder} has no file for: {', '.join(missing)}")
    return _in_order(sql_folder, found, INPUTS.keys())


def macros(sql_folder: Path) -> dict[str, str]:
    """Return the statements of `sql/macros/` that create a macro by its name, each after those it needs.

    Raises:
        SqlError: a file needs what is not there, or needs itself.
    """
    return _in_order(sql_folder / "macros", _read(sql_folder / "macros"), {table.name for table in BUILT})


def _read(sql_folder: Path) -> dict[str, str]:
    files = sorted(sql_folder.glob("*.sql"))
    return {file.stem: file.read_text(encoding="utf-8").strip().rstrip(";") for file in files}


def _in_order(sql_folder: Path, found: dict[str, str], given: Set[str]) -> dict[str, str]:
    graph = {}
    for name, sql in found.items():
        unknown = set(needs(sql)) - found.keys() - given
        if unknown:
            raise SqlError(f"{name}.sql needs {', '.join(sorted(unknown))}, which neither sql/ nor extraction makes")
        graph[name] = set(needs(sql)) & found.keys()
    try:
        return {name: found[name] for name in TopologicalSorter(graph).static_order()}
    except CycleError as error:
        raise SqlError(f"the files in {sql_folder} need each other in a circle: {error.args[1]}") from error


_MOVING = ("last_asked", "last_answer", "articles_last_week")


def fingerprint(settings: Settings) -> str:
    """Return a hash of all that decides what the tables hold: documents, extractor, queries, declarations, feeds."""
    digest = sha256(batches.extractor_version(settings.extraction).encode())
    digest.update(batches.content_hash(settings).encode())
    sql_files = [*sorted(settings.sql_folder.glob("*.sql")), *sorted(settings.sql_folder.glob("*/*.sql"))]
    for path in [*sql_files, Path(tables.__file__)]:
        digest.update(path.name.encode() + path.read_bytes())
    for row in _feed_rows(settings):  # not when it was asked: with nothing new there is nothing to build
        digest.update(json.dumps({name: row[name] for name in row if name not in _MOVING}).encode())
    for mine in (settings.corrections, settings.official_file):
        if mine is not None and mine.is_file():
            digest.update(mine.read_bytes())
    return digest.hexdigest()[:16]


@contextmanager
def open_staging(settings: Settings, *, fresh: bool = False) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open the staging database; with `fresh`, start with an empty one. Work happens in its schema `main`."""
    path = database(settings)
    path.parent.mkdir(parents=True, exist_ok=True)
    if fresh:
        for old in path.parent.glob("*"):
            if old.is_file():
                old.unlink()
    connection = duckdb.connect(":memory:")
    try:
        spill = settings.warehouse / "staging" / "spill"
        bound(connection)
        connection.execute("SET preserve_insertion_order = true")
        connection.execute(f"SET temp_directory = {literal(str(spill))}")
        connection.execute(f"ATTACH {literal(str(path))} AS stage (STORAGE_VERSION '{_STORAGE}')")
        connection.execute("USE stage")
        yield connection
        connection.execute("CHECKPOINT stage")
        connection.execute("USE memory")
        connection.execute("DETACH stage")
    finally:
        connection.close()


def _columns(table: Table) -> str:
    return ", ".join(f"{quoted(column.name)} {column.type}" for column in table.columns)


def attach_empty(connection: duckdb.DuckDBPyConnection, name: str) -> None:
    """Make an input available that has no rows."""
    connection.execute(f"CREATE TEMP TABLE {name} ({_columns(INPUTS[name])})")


def _attach_files(connection: duckdb.DuckDBPyConnection, name: str, files: list[Path], but: str = "") -> None:
    """Make the rows of Parquet files available, but for those of the documents in the table `but`."""
    if not files:
        attach_empty(connection, name)
        return
    columns = ", ".join(quoted(column.name) for column in INPUTS[name].columns)
    source = f"read_parquet(getvariable('{name}_files'), union_by_name = {name in _GROWN})"
    left_out = f" WHERE doc_id NOT IN (SELECT doc_id FROM {but})" if but else ""
    connection.execute(f"SET VARIABLE {name}_files = $files", {"files": [str(file) for file in files]})
    connection.execute(f"CREATE TEMP VIEW {name} AS SELECT {columns} FROM {source}{left_out}")


def _attach_rows(connection: duckdb.DuckDBPyConnection, name: str, rows: Iterable[dict[str, Any]]) -> None:
    connection.register("rows_to_attach", pa.Table.from_pylist(list(rows), schema=INPUTS[name].arrow_schema()))
    connection.execute(f"CREATE TEMP TABLE {name} AS SELECT * FROM rows_to_attach")
    connection.unregister("rows_to_attach")


def attach_inputs(connection: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    """Make what the files of `sql/` read available under the names of `INPUTS`.

    Raises:
        CorrectionError: the file of corrections cannot be used.
        FeedsError: the list of feeds cannot be used.
        OfficialError: the file of official expenditure cannot be used.
    """
    # An empty file of today's columns, so that those which an earlier version did not write are null.
    now = folder(settings) / "empty.parquet"
    write_rows(now, tables.SOURCE_DOCUMENTS, [])
    documents = [now, *batches.ingested_files(settings, tables.SOURCE_DOCUMENTS.name)]
    _attach_files(connection, "all_documents", documents)
    superseded = (settings.sql_folder / "inputs" / "superseded.sql").read_text(encoding="utf-8")
    build_table(connection, "superseded", superseded.strip().rstrip(";"))
    _attach_files(connection, "source_documents", documents, but="superseded")
    _attach_files(connection, "rejected_inputs", batches.ingested_files(settings, tables.REJECTED_DOCUMENTS.name))
    for table in tables.EXTRACTED:
        _attach_files(connection, table.name, batches.extracted_files(settings, table.name), but="superseded")
    for published, table in tables.LAST.items():
        file = settings.warehouse / "tables" / f"{published}.parquet"
        _attach_files(connection, table.name, [file] if file.is_file() else [])
    for built, table in tables.REMEMBERED.items():
        _attach_files(connection, table.name, memory.recall(settings, built))
    _attach_rows(connection, "feed_states", _feed_rows(settings))
    _attach_rows(connection, "known_rounds", _round_rows(settings))
    _attach_rows(connection, "corrections", _correction_rows(settings))
    _attach_rows(connection, "official_expenditure", official.overlaid(_official_rows(), settings.official_file))
    _attach_rows(connection, "memberships", _member_rows())
    _attach_rows(connection, "known_terms", _term_rows())


def _feed_rows(settings: Settings) -> Iterator[dict[str, Any]]:
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


def create(connection: duckdb.DuckDBPyConnection, table: Table) -> None:
    """Create an empty table with its comments. It has no constraints: breaches are the checks' business."""
    statements = [
        f"CREATE TABLE {table.name} ({_columns(table)})",
        f"COMMENT ON TABLE {table.name} IS {literal(table.description)}",
        *(
            f"COMMENT ON COLUMN {table.name}.{quoted(column.name)} IS {literal(column.description)}"
            for column in table.columns
        ),
    ]
    connection.execute(f"BEGIN; {'; '.join(statements)}; COMMIT")


def build(connection: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    """Build every table of `sql/` in the open staging database, rows in the order of their keys, and every macro.

    Raises:
        SqlError: a query or a macro fails; the message names its file.
        CorrectionError: a correction cannot be used; the message names its line.
    """
    attach_inputs(connection, settings)
    create_macros(connection, settings.sql_folder, on_tables=False)
    for name, sql in queries(settings.sql_folder).items():
        build_table(connection, name, sql)
        if name == "unknown_corrections":
            _refuse_unknown(connection, settings)
    for built in tables.REMEMBERED:
        memory.remember(connection, settings, built)
    create_macros(connection, settings.sql_folder, on_tables=True)


def create_macros(connection: duckdb.DuckDBPyConnection, sql_folder: Path, *, on_tables: bool) -> None:
    """Create the macros that need tables, which must be there, or those that need none, which queries may use.

    Raises:
        SqlError: a macro cannot be created; the message names its file.
    """
    for name, sql in macros(sql_folder).items():
        if bool(needs(sql)) is on_tables:
            try:
                connection.execute(sql)
            except duckdb.Error as error:
                raise SqlError(f"macros/{name}.sql: {error}") from error


def build_table(connection: duckdb.DuckDBPyConnection, name: str, sql: str) -> None:
    """Build one table of `sql/`, those that it needs being there; what is not declared is temporary.

    Raises:
        SqlError: the query fails; the message names its file.
    """
    table = next((table for table in BUILT if table.name == name), None)
    try:
        if table is None:
            with_room(connection, lambda: connection.execute(f"CREATE TEMP TABLE {name} AS {sql}"))
            return
        create(connection, table)
        order = ", ".join(quoted(key) for key in table.key)
        rows = f"SELECT * FROM ({sql}\n) ORDER BY {order}"
        with_room(connection, lambda: connection.execute(f"INSERT INTO {name} BY NAME {rows}"))
    except duckdb.Error as error:
        raise SqlError(f"{name}.sql: {error}") from error


def _refuse_unknown(connection: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    found = connection.sql("SELECT line, action, actor_id FROM unknown_corrections ORDER BY ALL LIMIT 1").fetchall()
    if not found:
        return
    line, action, wrong = found[0]
    known = [name for (name,) in connection.sql("SELECT DISTINCT actor_id FROM actor_records").fetchall()]
    raise corrections.CorrectionError(
        f"{settings.corrections.name}, line {line}: {action} names {wrong!r}, and no document has such an actor"
        f"{corrections.suggestion(wrong, known)} (the ids stand in actors.actor_id)"
    )


def write_manifest(settings: Settings, manifest: dict[str, object]) -> None:
    """Write down what the staging database holds and how its checks went, for the publish to read."""
    text = json.dumps(manifest, indent=1, default=str)
    (folder(settings) / "manifest.json").write_text(text, encoding="utf-8")
