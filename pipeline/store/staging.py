"""The staging database: every table and macro of `sql/`, built from the batches' Parquet files.

What it takes over from the last release is `increment`'s business. Nothing here is published, and nothing is checked:
see `publish` and `pipeline.checks`.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator, Mapping, Sequence, Set
from contextlib import contextmanager
from functools import partial
from graphlib import CycleError, TopologicalSorter
from hashlib import sha256
from pathlib import Path

import duckdb

from pipeline import corrections, tables
from pipeline.settings import Settings
from pipeline.store import batches, increment, inputs, memory
from pipeline.store.duck import bound, literal, quoted, with_room
from pipeline.store.increment import Base, Increment
from pipeline.tables import Table

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
    return [name.strip() for name in _told(sql, "needs").split(",") if name.strip()]


def _told(sql: str, what: str) -> str:
    """Return what a line such as `-- needs: …` tells of a query, nothing if there is none."""
    match = re.search(rf"^--\s*{what}:\s*(.+)$", sql, re.MULTILINE)
    return match[1].strip() if match else ""


def queries(sql_folder: Path) -> dict[str, str]:
    """Return the queries of `sql/` by table, each after those it needs and after the states of its documents.

    Raises:
        SqlError: a published table has no file, a file needs what is not there, or needs itself.
    """
    found = _read(sql_folder)
    missing = [table.name for table in BUILT if table.name not in found]
    if missing:
        raise SqlError(f"{sql_folder} has no file for: {', '.join(missing)}")
    return _in_order(sql_folder, found, inputs.INPUTS.keys())


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
        graph[name] = (set(needs(sql)) | {tables.BY_DOCUMENT.get(name, name)} - {name}) & found.keys()
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
    for row in inputs.feed_rows(settings):  # not when it was asked: with nothing new there is nothing to build
        digest.update(json.dumps({name: row[name] for name in row if name not in _MOVING}).encode())
    for mine in (settings.corrections, settings.official_file):
        if mine is not None and mine.is_file():
            digest.update(mine.read_bytes())
    return digest.hexdigest()[:16]


@contextmanager
def open_staging(
    settings: Settings, *, fresh: bool = False, base: Base | None = None
) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open the staging database; with `fresh`, start with an empty one, or a copy of `base`.

    Work happens in its schema `main`.
    """
    path = database(settings)
    if fresh:
        shutil.rmtree(path.parent, ignore_errors=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    if fresh and base is not None:
        shutil.copyfile(base.database, path)
    connection = duckdb.connect(":memory:")
    try:
        spill = folder(settings) / "spill"
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


def create(connection: duckdb.DuckDBPyConnection, table: Table) -> None:
    """Create an empty table with its comments, in the place of one that may be there.

    It has no constraints: breaches are the checks' business.
    """
    statements = [
        f"CREATE OR REPLACE TABLE {table.name} ({inputs.columns(table)})",
        f"COMMENT ON TABLE {table.name} IS {literal(table.description)}",
        *(
            f"COMMENT ON COLUMN {table.name}.{quoted(column.name)} IS {literal(column.description)}"
            for column in table.columns
        ),
    ]
    connection.execute(f"BEGIN; {'; '.join(statements)}; COMMIT")


def attach_inputs(connection: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    """Make everything available that the files of `sql/` read besides each other (`inputs`).

    Raises:
        CorrectionError: the file of corrections cannot be used.
        FeedsError: the list of feeds cannot be used.
        OfficialError: the file of official expenditure cannot be used.
    """
    inputs.attach_documents(connection, settings)
    superseded = (settings.sql_folder / "inputs" / "superseded.sql").read_text(encoding="utf-8")
    build_table(connection, "superseded", superseded.strip().rstrip(";"))
    inputs.attach(connection, settings)


def build(connection: duckdb.DuckDBPyConnection, settings: Settings, base: Base | None = None) -> Increment | None:
    """Build every table of `sql/` in the open staging database, and every macro.

    Rows are in the order of their keys, but where some are taken over from `base`, of which the database is a copy.

    Returns:
        What was taken over.

    Raises:
        SqlError: a query or a macro fails; the message names its file.
        CorrectionError: a correction cannot be used; the message names its line.
    """
    attach_inputs(connection, settings)
    create_macros(connection, settings.sql_folder, on_tables=False)
    taken = None if base is None else Increment(connection, settings, base, folder(settings))
    is_ground = base is not None or batches.document_count(settings) >= settings.whole_below  # for the next build
    for name, sql in queries(settings.sql_folder).items():
        if name in tables.BY_DOCUMENT.values() and not is_ground:
            continue
        build_table(connection, name, sql, taken)
        if name == "unknown_corrections":
            _refuse_unknown(connection, settings)
    if is_ground:
        increment.keep(connection, settings, folder(settings), base)
    memory.remember(connection, settings)
    create_macros(connection, settings.sql_folder, on_tables=True)
    return taken


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


def build_table(connection: duckdb.DuckDBPyConnection, name: str, sql: str, taken: Increment | None = None) -> None:
    """Build one table of `sql/`, those that it needs being there; what is not declared is temporary.

    Raises:
        SqlError: the query fails; the message names its file.
    """
    table = next((table for table in BUILT if table.name == name), None)
    try:
        if table is None:
            _build_temporary(connection, name, sql)
            if taken is not None and name in tables.BY_DOCUMENT.values():
                taken.see(name)
        elif taken is not None and taken.takes_over(name):
            taken.update(table, sql, needs(sql))
        else:
            _build_whole(connection, table, sql)
    except duckdb.Error as error:
        raise SqlError(f"{name}.sql: {error}") from error


def _build_whole(connection: duckdb.DuckDBPyConnection, table: Table, sql: str) -> None:
    """Build a published table anew, its rows in the order of its key."""
    create(connection, table)
    if _told(sql, "parts"):
        _build_temporary(connection, f"parts_of_{table.name}", sql)
        sql = f"FROM parts_of_{table.name}"  # it goes when the connection is closed
    order = ", ".join(quoted(key) for key in table.key)
    rows = f"SELECT * FROM ({sql}\n) ORDER BY {order}"
    with_room(connection, lambda: connection.execute(f"INSERT INTO {table.name} BY NAME {rows}"))


PART = 500_000
"""Rows of the table that a query's `-- parts:` line names to each part in which its own table is built."""


def _build_temporary(connection: duckdb.DuckDBPyConnection, name: str, sql: str) -> None:
    """Build a temporary table; where the query says so in parts, each told by its number and that of all parts."""
    counted = _told(sql, "parts")
    parts = connection.sql(f"SELECT count(*) // {PART} + 1 FROM {counted}").fetchall()[0][0] if counted else 1
    for part in range(parts):
        connection.execute(f"SET VARIABLE part = {part}; SET VARIABLE parts = {parts}")
        action = f"INSERT INTO {name}" if part else f"CREATE TEMP TABLE {name} AS"
        with_room(connection, partial(connection.execute, f"{action} {sql}"))
    connection.execute("RESET VARIABLE part; RESET VARIABLE parts")


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


def write_manifest(
    settings: Settings, rows: Mapping[str, int], checks: Sequence[Mapping[str, object]], taken: Increment | None
) -> None:
    """Write down for the publish what the staging database holds, how its checks went, and what it was built on."""
    manifest = {
        "fingerprint": fingerprint(settings),
        "rows": rows,
        "checks": checks,
        "base": taken.base.release.name if taken else None,
        "grown": taken.grown if taken else {},
    }
    text = json.dumps(manifest, indent=1, default=str)
    (folder(settings) / "manifest.json").write_text(text, encoding="utf-8")
