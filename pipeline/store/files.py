"""Writing files so that a reader sees the old one or the new one, never half of one.

What is in the files is the caller's business.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.tables import Table

PARTIAL = ".partial-"
"""Infix of files that are being written; what carries it is rubbish once its writer is gone."""


@contextmanager
def beside(path: Path) -> Iterator[Path]:
    """Yield a path beside `path` to write to; move it into place at the end, or remove it after an error."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f"{path.name}{PARTIAL}{uuid4().hex[:8]}")
    try:
        yield partial
        partial.replace(path)
    finally:
        with suppress(FileNotFoundError):
            partial.unlink()


def write_bytes(path: Path, data: bytes) -> None:
    """Write a file atomically."""
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
    """Write a table as one Parquet file."""
    with beside(path) as partial:
        pq.write_table(arrow, partial, compression="zstd")


def write_rows(path: Path, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write rows as one Parquet file.

    Raises:
        ValueError: a row does not fit the table's declaration (`as_arrow`).
    """
    write_arrow(path, as_arrow(table, rows))


def keep_raw(folder: Path, data: bytes) -> str:
    """Keep bytes under their own hash, once: `folder/ab/abcd…`. Return the SHA-256 in hex."""
    digest = hashlib.sha256(data).hexdigest()
    path = folder / digest[:2] / digest
    if not path.exists():
        write_bytes(path, data)
    return digest


def remove_partial(folder: Path) -> None:
    """Remove what a killed process left half-written below `folder`."""
    for path in folder.rglob(f"*{PARTIAL}*"):
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)


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
