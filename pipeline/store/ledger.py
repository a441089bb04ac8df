"""The ledger: which files were read, which documents are known, which batches are complete.

It is what makes a refresh cost only what is new. A batch counts once it stands here; files of batches that do not are
what a killed refresh left, and are removed. The rows themselves are in the batches' Parquet files.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from pathlib import Path

_SCHEMA = """
CREATE TABLE IF NOT EXISTS batches (batch_id TEXT PRIMARY KEY, documents INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS known (id TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS files (
    inbox TEXT, raw_uri TEXT, size INTEGER, mtime_ns INTEGER, PRIMARY KEY (inbox, raw_uri)
) WITHOUT ROWID;
"""


class Ledger:
    """A small SQLite file with the state of ingestion. Use it as a context manager."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._connection = sqlite3.connect(path)
        self._connection.executescript(_SCHEMA)

    def __enter__(self) -> Ledger:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def has_file(self, inbox: str, raw_uri: str, size: int, mtime_ns: int) -> bool:
        """Return whether this very file was read to its end before."""
        query = "SELECT 1 FROM files WHERE inbox = ? AND raw_uri = ? AND size = ? AND mtime_ns = ?"
        return self._connection.execute(query, (inbox, raw_uri, size, mtime_ns)).fetchone() is not None

    def knows(self, row_id: str) -> bool:
        """Return whether a document or a rejection is in a complete batch."""
        return self._connection.execute("SELECT 1 FROM known WHERE id = ?", (row_id,)).fetchone() is not None

    def batches(self) -> list[str]:
        """Return the ids of the complete batches, sorted."""
        return [row[0] for row in self._connection.execute("SELECT batch_id FROM batches ORDER BY batch_id")]

    def add_batch(self, batch_id: str, ids: Iterable[str], documents: int) -> None:
        """Declare a batch complete, with the ids of its documents and rejections."""
        with self._connection:
            self._connection.execute("INSERT OR REPLACE INTO batches VALUES (?, ?)", (batch_id, documents))
            self._connection.executemany("INSERT OR IGNORE INTO known VALUES (?)", ((i,) for i in ids))

    def add_files(self, files: Iterable[tuple[str, str, int, int]]) -> None:
        """Remember files (inbox, raw_uri, size, mtime_ns) whose every document is in a complete batch."""
        with self._connection:
            self._connection.executemany("INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?)", files)
