"""Asking the ledger, and making it anew from the batches where it is lost or damaged.

Batches hold every document, so nothing is lost with the ledger but the list of files that were read: they are read once
more, and what is known of them is passed over. What is in a batch is `batches`', damaged batches are `mending`'s
business.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import pyarrow.parquet as pq

from pipeline.store.files import PARTIAL, beside, make_folder
from pipeline.store.ledger import Ledger, is_damage
from pipeline.store.sums import damage
from pipeline.tables import INGESTED

T = TypeVar("T")


class LedgerUnusable(RuntimeError):
    """The ledger cannot be read or written as things are; the message names it and the reason."""


def _ledger(warehouse: Path) -> Path:
    return warehouse / "ledger.sqlite"


def asked(warehouse: Path, question: Callable[[Ledger], T]) -> T:
    """Return what a warehouse's ledger answers. Where it is missing or damaged it is made anew, and asked once more.

    Raises:
        LedgerUnusable: the disk is full, the file is locked, or it may not be written.
    """
    if not _ledger(warehouse).is_file() and any(_folders(warehouse)):
        rebuild(warehouse)
    try:
        with Ledger(_ledger(warehouse)) as ledger:
            return question(ledger)
    except sqlite3.Error as error:
        if not is_damage(error):
            raise LedgerUnusable(f"{_ledger(warehouse)} cannot be used: {error}") from error
    rebuild(warehouse)
    with Ledger(_ledger(warehouse)) as ledger:
        return question(ledger)


def rebuild(warehouse: Path) -> None:
    """Make the ledger anew from the batches that are whole, and set the others aside in the folder `damaged`."""
    ledger = _ledger(warehouse)
    if ledger.is_file():
        ledger.replace(ledger.with_name("ledger.sqlite.damaged"))
    for journal in warehouse.glob("ledger.sqlite-*"):
        journal.unlink()
    for folder in _folders(warehouse):
        if damage(folder, (table.name for table in INGESTED)) is not None:
            _set_aside(warehouse, folder)
    with beside(ledger) as partial, Ledger(partial) as made:
        for folder in sorted(_folders(warehouse), key=lambda folder: (-_documents(folder), folder.name)):
            ids = list(row_ids(folder))
            known = sum(map(made.knows, ids))
            if not known:
                made.add_batch(folder.name, ids, _documents(folder))
            elif known < len(ids):
                _set_aside(warehouse, folder)
            # Else it is one of those that a larger batch was merged from, and a remainder.
        made.rebuilt = True


def _folders(warehouse: Path) -> Iterator[Path]:
    folder = warehouse / "ingest"
    for batch in sorted(folder.iterdir()) if folder.is_dir() else ():
        if batch.is_dir() and PARTIAL not in batch.name:
            yield batch


def _set_aside(warehouse: Path, folder: Path) -> None:
    aside = warehouse / "damaged"
    make_folder(aside)
    number = sum(1 for _ in aside.glob(f"{folder.name}*"))
    folder.replace(aside / (f"{folder.name}-{number}" if number else folder.name))


def _documents(folder: Path) -> int:
    return int(pq.read_metadata(folder / f"{INGESTED[0].name}.parquet").num_rows)


def row_ids(folder: Path) -> Iterator[str]:
    """Yield the ids of the documents and rejections of an ingested batch."""
    for table in INGESTED:
        with pq.ParquetFile(folder / f"{table.name}.parquet") as file:
            for batch in file.iter_batches(columns=[table.key[0]]):
                yield from batch.column(0).to_pylist()
