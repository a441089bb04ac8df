"""What a build need not work out again: rows that follow from the documents they name, and from nothing else.

They are kept beside the tables, under a name that changes with all that decides them, and may be removed at any time:
the next build works them out anew. Which tables these are stands in `pipeline.tables.REMEMBERED`.
"""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import duckdb

from pipeline.settings import Settings
from pipeline.store import batches
from pipeline.store.files import beside
from pipeline.tables import REMEMBERED


def folder(settings: Settings) -> Path:
    """Return the folder of what is remembered."""
    return settings.warehouse / "memory"


def file(settings: Settings, table: str) -> Path:
    """Return the file of a table of `REMEMBERED`, for the present extractor and query."""
    sql = (settings.sql_folder / f"{table}.sql").read_bytes()
    decided = sha256(batches.extractor_version(settings.extraction).encode() + b"\0" + sql).hexdigest()
    return folder(settings) / f"{table}-{decided[:12]}.parquet"


def recall(connection: duckdb.DuckDBPyConnection, settings: Settings, table: str) -> list[Path]:
    """Return the file of a table if there is a sound one, in a list, else none."""
    path = file(settings, table)
    if not path.is_file():
        return []
    try:
        connection.execute("SELECT count(*) FROM read_parquet(?)", [str(path)])
    except duckdb.Error:
        return []
    return [path]


def remember(connection: duckdb.DuckDBPyConnection, settings: Settings, table: str) -> None:
    """Keep the rows of a table that was built, where it has others than were recalled, and forget other versions."""
    path, known = file(settings, table), REMEMBERED[table].name
    key = ", ".join(REMEMBERED[table].key)
    new = connection.sql(f"SELECT count(*) FROM {table} ANTI JOIN {known} USING ({key})").fetchall()[0][0]
    if new or not path.is_file():
        with beside(path) as partial:
            target = str(partial).replace("'", "''")
            rows = f"SELECT * FROM {table} ORDER BY {key}"
            connection.execute(f"COPY ({rows}) TO '{target}' (FORMAT parquet, COMPRESSION zstd)")
    for other in folder(settings).glob(f"{table}-*.parquet"):
        if other != path:
            other.unlink(missing_ok=True)
