"""Writing files so that a reader sees the old one or the new one, never half of one, whatever ends the writer.

A file is on the disk before it gets its name, and the name before the writer goes on: a kill or a power cut at any
moment leaves the old or the new. What is in the files is the caller's business.
"""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import sys
import time
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.tables import Table

PARTIAL = ".partial-"
"""Infix of files that are being written; what carries it is rubbish once its writer is gone."""

_SYNCS = 8  # files that are waited for side by side


def _partial(path: Path) -> Path:
    return path.with_name(f"{path.name}{PARTIAL}{uuid4().hex[:8]}")


@contextmanager
def beside(path: Path) -> Iterator[Path]:
    """Yield a path beside `path` to write a file or a folder to; move it into place at the end, or remove it.

    A file replaces the one that is there; a folder needs the place to be free.
    """
    make_folder(path.parent)
    partial = _partial(path)
    try:
        yield partial
        _sync_all(_below(partial))
        partial.replace(path)
        _sync(path.parent)
    finally:
        with suppress(OSError):  # what cannot be removed now is rubbish by its name
            _remove(partial)


def make_folder(path: Path) -> None:
    """Make a folder, and those above it, so that a power cut does not lose them again."""
    if not path.is_dir():
        make_folder(path.parent)
        path.mkdir(exist_ok=True)
        _sync(path.parent)


def discard(folder: Path) -> None:
    """Remove a folder that may be there: none at once, so that half of it is never taken for the whole."""
    with suppress(FileNotFoundError):
        _remove(folder.replace(_partial(folder)))


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def _below(path: Path) -> Iterator[Path]:
    """Yield a file, or a folder after everything in it."""
    if path.is_dir():
        for inner in sorted(path.iterdir()):
            yield from _below(inner)
    yield path


def _sync_all(paths: Iterable[Path]) -> None:
    """Wait until files and folders are on the disk; side by side, for a disk takes many in one go."""
    todo = list(paths)
    if len(todo) < 2:
        for path in todo:
            _sync(path)
        return
    with ThreadPoolExecutor(_SYNCS) as pool:
        for _ in pool.map(_sync, todo):
            pass


def _sync(path: Path) -> None:
    """Wait until the content of a file, or the names in a folder, are on the disk."""
    if sys.platform == "win32" and path.is_dir():  # it has no such call for folders
        return
    descriptor = os.open(path, os.O_RDWR if sys.platform == "win32" else os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno != errno.EINVAL:  # some network file systems know no such call for folders either
            raise
    finally:
        os.close(descriptor)


def write_bytes(path: Path, data: bytes) -> None:
    """Write a small file whole or not at all."""
    with beside(path) as partial:
        partial.write_bytes(data)


def as_arrow(table: Table, rows: Sequence[Mapping[str, Any]]) -> pa.Table:
    """Return rows in Arrow's form, validated against the table's declaration.

    Raises:
        ValueError: a row lacks a column, has one too many, or a value that does not fit; the message names it.
    """
    names = [column.name for column in table.columns]
    for row in rows:
        if row.keys() != set(names):
            odd = sorted(row.keys() ^ set(names))
            raise ValueError(f"a row for {table.name} lacks or has too many columns: {', '.join(odd)}")
    try:
        arrow = pa.Table.from_pylist([dict(row) for row in rows], schema=table.arrow_schema())
    except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
        raise ValueError(f"a value does not fit the table {table.name}: {error}") from error
    for column in table.columns:
        if not column.nullable and arrow[column.name].null_count:
            raise ValueError(f"{table.name}.{column.name} must not be null")
    return arrow


def write_arrow(path: Path, arrow: pa.Table) -> None:
    """Write a table as one Parquet file; in place, so mind who may read it."""
    pq.write_table(arrow, path, compression="zstd")


def write_rows(path: Path, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write rows as one Parquet file; in place, so mind who may read it.

    Raises:
        ValueError: a row does not fit the table's declaration (`as_arrow`).
    """
    write_arrow(path, as_arrow(table, rows))


class RawFiles:
    """Raw bytes kept under their own hash, once: `folder/ab/abcd…`. Many are waited for in one go, by `settle`."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._beside = folder, _partial(folder)
        self._waiting: set[str] = set()

    def keep(self, data: bytes) -> str:
        """Keep bytes, to be in their place after `settle`. Return their SHA-256 in hex."""
        digest = hashlib.sha256(data).hexdigest()
        if digest not in self._waiting and not self._has(digest, len(data)):
            self._beside.mkdir(parents=True, exist_ok=True)
            (self._beside / digest).write_bytes(data)
            self._waiting.add(digest)
        return digest

    def _has(self, digest: str, size: int) -> bool:
        try:
            return self._place(digest).stat().st_size == size  # else it was cut short by an earlier version
        except FileNotFoundError:
            return False

    def _place(self, digest: str) -> Path:
        return self._folder / digest[:2] / digest

    def settle(self) -> None:
        """Put what was kept in its place. What a killed process did not settle is removed with other remains."""
        _sync_all(self._beside / digest for digest in self._waiting)
        for digest in self._waiting:
            make_folder(self._place(digest).parent)
            (self._beside / digest).replace(self._place(digest))
        _sync_all({self._place(digest).parent for digest in self._waiting})
        _remove(self._beside)
        self._waiting.clear()


def remove_partial(folder: Path, spare: Collection[str] = ()) -> None:
    """Remove what a killed process left half-written below `folder`, but for the folders in it named in `spare`."""
    for inner in folder.iterdir() if folder.is_dir() else ():
        if PARTIAL in inner.name:
            _remove(inner)
        elif inner.name not in spare and inner.is_dir() and not inner.is_symlink():
            remove_partial(inner)


def link(source: Path, target: Path) -> None:
    """Put `source` at `target` atomically, sharing its blocks where the file system can."""
    with beside(target) as partial:
        try:
            os.link(source, partial)
        except OSError:
            shutil.copyfile(source, partial)


class Busy(RuntimeError):
    """Another refresh holds the warehouse; the message names its process."""


@contextmanager
def lock(path: Path, wait: float = 0) -> Iterator[None]:
    """Hold the lock file `path`; the system releases it when the process ends, however it ends.

    Raises:
        Busy: another process still holds it after `wait` seconds.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    deadline = time.monotonic() + wait
    with path.open("a+", encoding="utf-8") as handle:
        while not _try_lock(handle.fileno()):
            if time.monotonic() >= deadline:
                handle.seek(0)
                holder = handle.read().strip() or "unknown"
                raise Busy(
                    f"another refresh (process {holder}) is at work on {path.parent}; "
                    "wait for it, or set COMMUNIQUE_LOCK_WAIT to the seconds to wait"
                )
            time.sleep(0.1)
        handle.truncate(0)
        handle.write(str(os.getpid()))
        handle.flush()
        yield


if sys.platform == "win32":
    import msvcrt

    def _try_lock(descriptor: int) -> bool:
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def _try_lock(descriptor: int) -> bool:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True
