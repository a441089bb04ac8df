"""What a build need not work out again: rows that follow from the documents they name, and from nothing else.

They are kept beside the tables, all of one build together, under a name that changes with all that decides them, and
may be removed at any time: the next build works them out anew. Which tables these are stands in
`pipeline.tables.REMEMBERED`.
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
from pipeline.tables import KNOWN_WEEKS, REMEMBERED

_QUERIES = ("copy_*.sql", "near_copies.sql")
"""The files of `sql/` that decide the rows."""


def folder(settings: Settings) -> Path:
    """Return the folder of what is remembered, for the present extractor and queries."""
    digest = sha256(batches.extractor_version(settings.extraction).encode())
    for path in sorted(path for pattern in _QUERIES for path in settings.sql_folder.glob(pattern)):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return settings.warehouse / "memory" / digest.hexdigest()[:12]


def recall(settings: Settings) -> dict[str, Path]:
    """Return the files of `REMEMBERED` by its tables, if they are there and sound; else none of them."""
    place = folder(settings)
    if not place.is_dir() or damage(place, REMEMBERED) is not None:
        return {}
    return {table: place / f"{table}.parquet" for table in REMEMBERED}


def remember(connection: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    """Keep the rows that were built, where a week has others than were recalled; forget those of other versions."""
    place, known = folder(settings), KNOWN_WEEKS.name
    new = f"SELECT count(*) FROM copy_weeks ANTI JOIN {known} USING (week, state)"
    gone = f"SELECT count(*) FROM {known} ANTI JOIN copy_weeks USING (week, state)"
    if connection.sql(f"SELECT ({new}) + ({gone})").fetchall()[0][0] or not place.is_dir():
        discard(place)
        with whole_folder(place) as target:
            for table, kept in REMEMBERED.items():
                rows = f"(FROM {table} ORDER BY {', '.join(kept.key)})"
                write_parquet(connection, rows, target / f"{table}.parquet")
    for other in place.parent.iterdir():
        if other != place:
            discard(other)
