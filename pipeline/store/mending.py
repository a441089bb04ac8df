"""Mending: damaged batches are found by their checksums before a build reads them, and made anew.

An extracted batch is extracted again. The documents of an ingested one are taken from the published database, whose
blocks DuckDB verifies, or read once more from the inboxes and from the raw bytes of feeds. Nothing is given up
in silence.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from pipeline import tables
from pipeline.ingest.records import InboxError, IngestedDocument, Parsed, SourceFile
from pipeline.ingest.scan import scan
from pipeline.settings import Settings
from pipeline.store import batches
from pipeline.store.files import discard
from pipeline.store.ledger import Ledger
from pipeline.store.recovery import asked, row_ids
from pipeline.store.sums import damage
from pipeline.tables import Table

_Row = tuple[Table, dict[str, Any]]
"""A row, and the ingested table that it is of."""


class Damaged(RuntimeError):
    """Documents are lost that cannot be had again; the message names the file and the way out."""


def mend(settings: Settings, now: datetime | None = None) -> int:
    """Verify every byte of every batch, and make anew what is damaged; extracted batches become pending again.

    Documents that are read again from an inbox count as ingested `now`. Return the number of damaged batches.

    Raises:
        Damaged: an ingested batch is damaged, and not all of its documents can be had; everything is left as it is.
    """
    found, damaged = batches.batches(settings), 0
    for batch in found:
        target = batches.extract_folder(settings) / batch.name
        if target.is_dir() and damage(target, (table.name for table in tables.EXTRACTED)):
            discard(target)
            damaged += 1
    ingested = {batch: damage(batch, (table.name for table in tables.INGESTED)) for batch in found}
    broken = {batch: told for batch, told in ingested.items() if told is not None}
    if broken or (batches.ingest_folder(settings).is_dir() and asked(settings.warehouse, _is_rebuilt)):
        moment = (now or datetime.now(UTC)).replace(tzinfo=None)
        _restore(settings, broken, [batch for batch in found if batch not in broken], moment)
    return damaged + len(broken)


def _is_rebuilt(ledger: Ledger) -> bool:
    return ledger.rebuilt


def _restore(settings: Settings, broken: dict[Path, str], whole: list[Path], now: datetime) -> None:
    """Put batches of the lost documents in the place of the broken ones."""
    lost = set(asked(settings.warehouse, lambda ledger: list(ledger.ids()))) if broken else set()
    if asked(settings.warehouse, _is_rebuilt):  # it does not know of what was lost with it
        lost |= {*_published_ids(settings), *(row[table.key[0]] for table, row in _of_feeds(settings, now))}
    lost.difference_update(*map(row_ids, whole))
    ids, left = sorted(lost), set(lost)
    rows = chain(_published(settings, ids), _read_again(settings, left, now))
    made = list(_write(settings, rows, left, "".join(sorted(batch.name for batch in broken))))
    if left:
        for name, _ in made:
            discard(batches.ingest_folder(settings) / name)
        raise Damaged(_way_out(settings, broken, len(left)))
    old = [batch.name for batch in broken]

    def replace(ledger: Ledger) -> None:
        ledger.replace_batches(old, made, ids)
        ledger.rebuilt = False

    asked(settings.warehouse, replace)
    batches.remove_remains(settings)


def _way_out(settings: Settings, broken: dict[Path, str], left: int) -> str:
    what = "; ".join(broken.values()) or f"{settings.database} is damaged"
    return (
        f"{what}; {left:,} of the documents and rejections are neither in {settings.database.name} nor in the inboxes. "
        "Give the inbox that they came from, or put the file back from a backup, and refresh again; "
        f"to go on without them, remove {settings.warehouse / 'ledger.sqlite'}. Nothing was changed"
    )


def _write(settings: Settings, rows: Iterator[_Row], left: set[str], instead: str) -> Iterator[tuple[str, int]]:
    """Write rows whose ids are `left` into batches, and take them off; yield the batches' ids, with their documents."""
    gathered: dict[str, list[dict[str, Any]]] = {table.name: [] for table in tables.INGESTED}
    documents, rejected = gathered.values()

    def flush() -> tuple[str, int]:
        made = batches.write_batch(settings, documents, rejected, instead), len(documents)
        documents.clear()
        rejected.clear()
        return made

    for table, row in rows:
        if row[table.key[0]] in left:
            left.remove(row[table.key[0]])
            gathered[table.name].append(row)
            if len(documents) + len(rejected) >= settings.batch_size:
                yield flush()
    if documents or rejected:
        yield flush()


_PUBLISHED = ((tables.SOURCE_DOCUMENTS, "documents"), (tables.REJECTED_DOCUMENTS, "rejected_documents"))


def _published_ids(settings: Settings) -> Iterator[str]:
    for table, published in _PUBLISHED:
        for row in _answers(settings, f"SELECT {table.key[0]} AS id FROM {published}", []):
            yield row["id"]


def _published(settings: Settings, ids: list[str]) -> Iterator[_Row]:
    """Yield the published rows of documents and rejections."""
    for table, published in _PUBLISHED:
        columns = ", ".join(f'"{column.name}"' for column in table.columns)
        query = f"SELECT {columns} FROM {published} WHERE {table.key[0]} IN (SELECT id FROM wanted)"
        for row in _answers(settings, query, ids):
            yield table, row


def _answers(settings: Settings, query: str, ids: list[str]) -> Iterator[dict[str, Any]]:
    """Yield what the published database answers, as far as it is there, whole, and not of an earlier version."""
    if not settings.database.is_file():
        return
    try:
        with duckdb.connect(str(settings.database), read_only=True) as connection:
            connection.register("wanted", pa.table({"id": pa.array(ids, pa.string())}))
            for batch in connection.sql(query).to_arrow_reader(64):
                yield from batch.to_pylist()
    except duckdb.Error:
        return


def _read_again(settings: Settings, left: set[str], now: datetime) -> Iterator[_Row]:
    """Yield what is read from the inboxes and from the raw bytes of feeds, as long as anything is left to be found."""
    from pipeline.ingest import read  # noqa: PLC0415 - its parsers take a while to import, and this is seldom needed

    for file in _inbox_files(settings):
        if left:
            yield from _as_rows(read.read(file, now.date(), read.Limits(max_bytes=settings.max_bytes)), now)
    if left:
        yield from _of_feeds(settings, now)


def _of_feeds(settings: Settings, now: datetime) -> Iterator[_Row]:
    """Yield what is read from the raw bytes of feeds."""
    from pipeline.ingest import read  # noqa: PLC0415 - as above

    for path in sorted((settings.warehouse / "raw").glob("*/*")):
        if _is_of_a_feed(path):
            yield from _as_rows(read.read_spool(path, read.Limits(max_bytes=settings.max_bytes)), now)


def _inbox_files(settings: Settings) -> Iterator[SourceFile]:
    for inbox in settings.inboxes:
        try:
            yield from scan(inbox)
        except InboxError:  # what is not in the others is missed in the end
            continue


def _is_of_a_feed(path: Path) -> bool:
    """Return whether raw bytes are what `gather` writes down of an article."""
    with path.open("rb") as stream:
        if stream.read(1) != b"{":
            return False
    try:
        record = json.loads(path.read_bytes())
    except ValueError:
        return False
    return isinstance(record, dict) and {"url", "feed", "external_id", "retrieved_at"} <= record.keys()


def _as_rows(found: Iterator[Parsed], now: datetime) -> Iterator[_Row]:
    for parsed in found:
        is_document = isinstance(parsed.outcome, IngestedDocument)
        table = tables.SOURCE_DOCUMENTS if is_document else tables.REJECTED_DOCUMENTS
        yield table, batches.as_row(parsed.outcome, now)
