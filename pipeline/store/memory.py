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
from pipeline.store.duck import write_parquet
from pipeline.store.files import discard
from pipeline.store.sums import damage, whole_folder
from pipeline.tables import REMEMBERED


def folder(settings: Settings, table: str) -> Path:
    """Return the folder of a table of `REMEMBERED`, for the present extractor and query."""
    sql = (settings.sql_folder / f"{table}.sql").read_bytes()
    decided = sha256(batches.extractor_version(settings.extraction).encode() + b"\0" + sql).hexdigest()
    return settings.warehouse / "memory" / f"{table}-{decided[:12]}"


def recall(settings: Settings, table: str) -> list[Path]:
    """Return the file of a table if there is a sound one, in a list, else none."""
    place = folder(settings, table)
    if not place.is_dir() or damage(place, [table]) is not None:
        return []
    return [place / f"{table}.parquet"]


def remember(connection: duckdb.DuckDBPyConnection, settings: Settings, table: str) -> None:
    """Keep the rows of a table that was built, where it has others than were recalled, and forget other versions."""
    place, known = folder(settings, table), REMEMBERED[table].name
    key = ", ".join(REMEMBERED[table].key)
    new = connection.sql(f"SELECT count(*) FROM {table} ANTI JOIN {known} USING ({key})").fetchall()[0][0]
    if new or not place.is_dir():
        discard(place)
        with whole_folder(place) as target:
            write_parquet(connection, f"(FROM {table} ORDER BY {key})", target / f"{table}.parquet")
    for other in place.parent.glob(f"{table}-*"):
        if other != place:
            discard(other)
