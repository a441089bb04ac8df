"""The staging database: every table of `sql/`, built afresh from the batches' Parquet files.

Nothing here is published, and nothing is checked: see `publish` and `pipeline.checks`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from graphlib import CycleError, TopologicalSorter
from hashlib import sha256
from pathlib import Path

import duckdb
import pyarrow as pa

from pipeline import reference, tables
from pipeline.settings import Settings
from pipeline.store import batches
from pipeline.tables import Table

INPUTS = {
    "source_documents": tables.SOURCE_DOCUMENTS,
    "rejected_inputs": tables.REJECTED_DOCUMENTS,
    **{table.name: table for table in tables.EXTRACTED},
}
"""What the files in `sql/` may read besides each other, and `official_expenditure`."""

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
    found = {
        path.stem: path.read_text(encoding="utf-8").strip().rstrip(";") for path in sorted(sql_folder.glob("*.sql"))
    }
    missing = [table.name for table in BUILT if table.name not in found]
    if missing:
        raise SqlError(f"{sql_folder} has no file for: {', '.join(missing)}")
    graph = {}
    for name, sql in found.items():
        unknown = set(needs(sql)) - found.keys() - INPUTS.keys() - {"official_expenditure"}
        if unknown:
            raise SqlError(f"{name}.sql needs {', '.join(sorted(unknown))}, which neither sql/ nor extraction makes")
        graph[name] = set(needs(sql)) & found.keys()
    try:
        return {name: found[name] for name in TopologicalSorter(graph).static_order()}
    except CycleError as error:
        raise SqlError(f"the files in {sql_folder} need each other in a circle: {error.args[1]}") from error


def fingerprint(settings: Settings) -> str:
    """Return a hash of all that decides what the tables hold: batches, extractor, queries, declarations."""
    digest = sha256(batches.extractor_version(settings.extraction).encode())
    for batch in batches.batches(settings):
        digest.update(batch.name.encode())
    for path in [*sorted(settings.sql_folder.glob("*.sql")), Path(tables.__file__)]:
        digest.update(path.name.encode() + path.read_bytes())
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
        connection.execute("SET memory_limit = '700MB'")
        connection.execute("SET preserve_insertion_order = true")
        connection.execute("SET threads = 2")
        connection.execute(f"SET temp_directory = {_literal(str(spill))}")
        connection.execute(f"ATTACH {_literal(str(path))} AS stage (STORAGE_VERSION '{_STORAGE}')")
        connection.execute("USE stage")
        yield connection
        connection.execute("CHECKPOINT stage")
        connection.execute("USE memory")
        connection.execute("DETACH stage")
    finally:
        connection.close()


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _columns(table: Table) -> str:
    return ", ".join(f"{_quoted(column.name)} {column.type}" for column in table.columns)


def _attach_inputs(connection: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    for name, table in INPUTS.items():
        if table in tables.INGESTED:
            files = batches.ingested_files(settings, table.name)
        else:
            files = batches.extracted_files(settings, table.name)
        if not files:
            connection.execute(f"CREATE TEMP TABLE {name} ({_columns(table)})")
            continue
        connection.execute(f"SET VARIABLE {name}_files = $files", {"files": [str(file) for file in files]})
        connection.execute(f"CREATE TEMP VIEW {name} AS SELECT * FROM read_parquet(getvariable('{name}_files'))")
    official = pa.Table.from_pylist([dict(row) for row in reference.rows("military_expenditure")])
    connection.register("official_rows", official)
    connection.execute(
        """CREATE TEMP TABLE official_expenditure AS
           SELECT iso3, year::INTEGER AS year, nullif(share_of_gdp, '')::DOUBLE AS share_of_gdp,
                  nullif(usd, '')::DOUBLE AS usd, source FROM official_rows"""
    )
    connection.unregister("official_rows")


def create(connection: duckdb.DuckDBPyConnection, table: Table) -> None:
    """Create an empty table with its comments. It has no constraints: breaches are the checks' business."""
    connection.execute(f"CREATE TABLE {table.name} ({_columns(table)})")
    connection.execute(f"COMMENT ON TABLE {table.name} IS {_literal(table.description)}")
    for column in table.columns:
        connection.execute(f"COMMENT ON COLUMN {table.name}.{_quoted(column.name)} IS {_literal(column.description)}")


def build(connection: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    """Build every table of `sql/` in the open staging database, rows in the order of their keys.

    Raises:
        SqlError: a query fails; the message names its file.
    """
    _attach_inputs(connection, settings)
    declared = {table.name: table for table in BUILT}
    for name, sql in queries(settings.sql_folder).items():
        try:
            if name in declared:
                create(connection, declared[name])
                order = ", ".join(_quoted(key) for key in declared[name].key)
                connection.execute(f"INSERT INTO {name} BY NAME SELECT * FROM ({sql}\n) ORDER BY {order}")
            else:
                connection.execute(f"CREATE TEMP TABLE {name} AS {sql}")
        except duckdb.Error as error:
            raise SqlError(f"{name}.sql: {error}") from error


def write_manifest(settings: Settings, manifest: dict[str, object]) -> None:
    """Write down what the staging database holds and how its checks went, for the publish to read."""
    text = json.dumps(manifest, indent=1, default=str)
    (folder(settings) / "manifest.json").write_text(text, encoding="utf-8")
