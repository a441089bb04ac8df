"""The ledger: which files were read, which documents are known, which batches are complete.

It is what makes a refresh cost only what is new. A batch counts once it stands here; files of batches that do not are
what a killed refresh left, and are removed. The rows themselves are in the batches' Parquet files, and where the
ledger is lost `recovery` makes it anew from them.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from hashlib import sha256
from pathlib import Path

_SCHEMA = """
CREATE TABLE IF NOT EXISTS batches (batch_id TEXT PRIMARY KEY, documents INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS known (id TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS files (
    inbox TEXT, raw_uri TEXT, size INTEGER, mtime_ns INTEGER, PRIMARY KEY (inbox, raw_uri)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS state (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
"""

_MODULUS = 2**256
_DAMAGED = {
    sqlite3.SQLITE_ERROR,  # our statements are right, so the schema is not
    sqlite3.SQLITE_CORRUPT,
    sqlite3.SQLITE_NOTADB,
}


def is_damage(error: sqlite3.Error) -> bool:
    """Return whether an error tells of a file that is no ledger any more, not of a full disk, a lock or a right."""
    code = getattr(error, "sqlite_errorcode", None)
    return code is not None and code & 0xFF in _DAMAGED


def _hash(ids: Iterable[str]) -> int:
    """Return the sum of the SHA-256 of ids modulo 2^256, which does not depend on their order (AdHash)."""
    return sum(int.from_bytes(sha256(one.encode()).digest()) for one in ids) % _MODULUS


class Ledger:
    """A small SQLite file with the state of ingestion. Use it as a context manager."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._connection = sqlite3.connect(path)
        try:
            self._connection.execute("PRAGMA synchronous = EXTRA")  # what is committed survives a power cut
            if self._state("content") is None:
                self._begin()
        except sqlite3.Error:
            self._connection.close()
            raise

    def _begin(self) -> None:
        """Make the tables, or bring those of an earlier version up to date."""
        self._connection.executescript(_SCHEMA)
        with self._connection:
            known = self._connection.execute("SELECT id FROM known")
            self._set_state("content", f"{_hash(row[0] for row in known):064x}")

    def _state(self, name: str) -> str | None:
        if not self._connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'state'").fetchone():
            return None
        row = self._connection.execute("SELECT value FROM state WHERE name = ?", (name,)).fetchone()
        return None if row is None else str(row[0])

    def _set_state(self, name: str, value: str) -> None:
        self._connection.execute("INSERT OR REPLACE INTO state VALUES (?, ?)", (name, value))

    def __enter__(self) -> Ledger:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def check(self) -> None:
        """Read the whole ledger.

        Raises:
            sqlite3.DatabaseError: it is damaged.
        """
        found = self._connection.execute("PRAGMA quick_check(1)").fetchone()
        known = (row[0] for row in self._connection.execute("SELECT id FROM known"))
        if found != ("ok",) or f"{_hash(known):064x}" != self.content():
            error = sqlite3.DatabaseError("the ledger is damaged")
            error.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
            raise error

    def has_file(self, inbox: str, raw_uri: str, size: int, mtime_ns: int) -> bool:
        """Return whether this very file was read to its end before."""
        query = "SELECT 1 FROM files WHERE inbox = ? AND raw_uri = ? AND size = ? AND mtime_ns = ?"
        return self._connection.execute(query, (inbox, raw_uri, size, mtime_ns)).fetchone() is not None

    def knows(self, row_id: str) -> bool:
        """Return whether a document or a rejection is in a complete batch."""
        return self._connection.execute("SELECT 1 FROM known WHERE id = ?", (row_id,)).fetchone() is not None

    def ids(self) -> Iterator[str]:
        """Yield the ids of all documents and rejections that are known, sorted."""
        for row in self._connection.execute("SELECT id FROM known ORDER BY id"):
            yield row[0]

    def batches(self) -> dict[str, int]:
        """Return the complete batches by their ids, sorted, each with the number of its documents."""
        return dict(self._connection.execute("SELECT batch_id, documents FROM batches ORDER BY batch_id").fetchall())

    def content(self) -> str:
        """Return a hash of all ids that are known, which does not depend on the batches that they are in."""
        return self._state("content") or ""

    def add_batch(self, batch_id: str, ids: Iterable[str], documents: int) -> None:
        """Declare a batch complete, with the ids of its documents and rejections."""
        self.replace_batches((), [(batch_id, documents)], ids)

    def replace_batches(self, old: Iterable[str], new: Iterable[tuple[str, int]], ids: Iterable[str] = ()) -> None:
        """Put batches (with their numbers of documents) in the place of others; `ids` are those that come with them."""
        with self._connection:
            self._connection.executemany("DELETE FROM batches WHERE batch_id = ?", ((one,) for one in old))
            self._connection.executemany("INSERT OR REPLACE INTO batches VALUES (?, ?)", new)
            unknown = [one for one in ids if not self.knows(one)]
            self._connection.executemany("INSERT INTO known VALUES (?)", ((one,) for one in unknown))
            self._set_state("content", f"{(int(self.content(), 16) + _hash(unknown)) % _MODULUS:064x}")

    @property
    def rebuilt(self) -> bool:
        """Whether it was made anew from the batches, so that batches which were lost are not known of."""
        return self._state("rebuilt") is not None

    @rebuilt.setter
    def rebuilt(self, value: bool) -> None:
        with self._connection:
            self._connection.execute("DELETE FROM state WHERE name = 'rebuilt'")
            if value:
                self._set_state("rebuilt", "")

    def add_files(self, files: Iterable[tuple[str, str, int, int]]) -> None:
        """Remember files (inbox, raw_uri, size, mtime_ns) whose every document is in a complete batch."""
        with self._connection:
            self._connection.executemany("INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?)", files)
