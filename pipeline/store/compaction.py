"""Compaction: small batches are merged into larger ones, so that what a build opens does not grow with each refresh.

Batches are in tiers, each eight times as large as the one below; eight of a tier become one of a higher, and what is
full stays (a log-structured merge, O'Neil et al. 1996, size-tiered). So there are few batches, and a document is
written at most four times again. A full batch is larger than the unit of extraction: before another extractor reads it,
it is divided. Rows are neither made nor changed here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256
from itertools import groupby
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipeline import tables
from pipeline.settings import Settings
from pipeline.store import batches
from pipeline.store.files import discard
from pipeline.store.ledger import Ledger
from pipeline.store.recovery import asked
from pipeline.store.sums import whole_folder
from pipeline.tables import Table

FACTOR = 8
"""Batches of a tier that become one of a higher tier."""

FULL = FACTOR**4
"""A batch of this weight is not merged again."""

MOST = 2 * FULL
"""What is merged weighs no more than this, so that a damaged file costs an hour to make again, not a night."""

_BYTES = 4096  # of a packed file weigh as much as a document, so that long ones are merged less
_ROW_GROUP = 32_000_000  # bytes in memory: what merging takes, whatever the size of the batches
_Group = tuple[int, tuple[str, ...]]
"""A weight, and the batches that have it together."""


def compact(settings: Settings) -> int:
    """Merge small batches that are extracted, their extracted files too. Return the number of batches merged.

    Killed at any moment it loses nothing: the merged batch counts once the ledger names it, the others until then.
    """
    pending = {batch.name for batch in batches.pending(settings)}
    documents = asked(settings.warehouse, Ledger.batches)
    weights = {name: _weight(settings, name, count) for name, count in documents.items() if name not in pending}
    merged = 0
    for names in plan(weights):
        _merge(settings, names, sum(documents[name] for name in names))
        merged += len(names)
    return merged


def _weight(settings: Settings, name: str, documents: int) -> int:
    folder = batches.ingest_folder(settings) / name
    size = sum((folder / f"{table.name}.parquet").stat().st_size for table in tables.INGESTED)
    return max(1, documents, size // _BYTES)


def plan(weights: dict[str, int]) -> list[tuple[str, ...]]:
    """Return the groups of batches to merge, given their weights; what would be merged twice in a row is so once."""
    groups: list[_Group] = [(weight, (name,)) for name, weight in sorted(weights.items())]
    for tier in range(_tier(FULL)):
        of_tier = [group for group in groups if _tier(group[0]) == tier]
        if len(of_tier) >= FACTOR:
            groups = [group for group in groups if _tier(group[0]) != tier] + _joined(of_tier)
    return [names for _, names in groups if len(names) > 1]


def _tier(weight: int) -> int:
    """Return the whole part of the logarithm to the base 8."""
    return (weight.bit_length() - 1) // 3


def _joined(groups: list[_Group]) -> list[_Group]:
    """Join neighbours as long as they weigh no more than a batch may."""
    joined: list[_Group] = []
    for weight, names in groups:
        if joined and joined[-1][0] + weight <= MOST:
            joined[-1] = joined[-1][0] + weight, joined[-1][1] + names
        else:
            joined.append((weight, names))
    return joined


def _merge(settings: Settings, names: tuple[str, ...], documents: int) -> None:
    """Merge batches: the ingested files, then the extracted ones, then the ledger's word, then the old ones go."""
    merged = _name(names)
    for folder, of_folder in _folders(settings):
        discard(folder / merged)
        with whole_folder(folder / merged) as target:
            for table in of_folder:
                file = f"{table.name}.parquet"
                concatenate([folder / name / file for name in names], target / file, table)
    _put_instead(settings, names, [(merged, documents)])


def _name(parts: Iterable[str]) -> str:
    return sha256("\n".join(parts).encode()).hexdigest()[:20]


def _folders(settings: Settings) -> tuple[tuple[Path, tuple[Table, ...]], ...]:
    return (
        (batches.ingest_folder(settings), tables.INGESTED),
        (batches.extract_folder(settings), tables.EXTRACTED),
    )


def _put_instead(settings: Settings, old: Sequence[str], new: Sequence[tuple[str, int]]) -> None:
    """Let the ledger name batches, which are in place, instead of others, which then go."""
    asked(settings.warehouse, lambda ledger: ledger.replace_batches(old, new))
    for name in old:
        for folder in (batches.ingest_folder(settings), *batches.extract_folder(settings).parent.glob("*")):
            discard(folder / name)


def concatenate(files: Sequence[Path], target: Path, table: Table) -> None:
    """Write the rows of Parquet files of one table into one file, in their order, with bounded memory.

    Columns that an earlier version did not write are null; those that a later one wrote are kept.
    """
    schema = _schema(files, table)
    waiting: list[pa.RecordBatch] = []
    size = 0
    with pq.ParquetWriter(target, schema, compression="zstd") as writer:
        for batch in _record_batches(files):
            waiting.append(_as_declared(batch, schema))
            size += batch.nbytes
            if size >= _ROW_GROUP:
                writer.write_table(pa.Table.from_batches(waiting, schema))
                waiting, size = [], 0
        writer.write_table(pa.Table.from_batches(waiting, schema))


def _schema(files: Sequence[Path], table: Table) -> pa.Schema:
    schemas = [table.arrow_schema(), *map(pq.read_schema, files)]
    return pa.unify_schemas(
        [pa.schema([field.with_nullable(True).remove_metadata() for field in schema]) for schema in schemas]
    )


def _record_batches(files: Iterable[Path], rows: int = 65_536) -> Iterator[pa.RecordBatch]:
    for path in files:
        with pq.ParquetFile(path) as file:
            yield from file.iter_batches(batch_size=rows)


def _as_declared(batch: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
    there = set(batch.schema.names)
    columns = [
        batch.column(field.name) if field.name in there else pa.nulls(batch.num_rows, field.type) for field in schema
    ]
    return pa.RecordBatch.from_arrays(columns, schema=schema)


def divide(settings: Settings) -> int:
    """Divide batches that are to be extracted into units of extraction. Return the number of batches divided.

    Killed at any moment it loses nothing: the parts count once the ledger names them, the whole until then.
    """
    divided = 0
    documents = asked(settings.warehouse, Ledger.batches)
    for batch in batches.pending(settings):
        if documents[batch.name] > settings.batch_size or _characters(batch) > 2 * batches.BATCH_CHARACTERS:
            _put_instead(settings, [batch.name], list(_parts(settings, batch)))
            divided += 1
    return divided


def _characters(batch: Path) -> int:
    """Return about how many characters the texts of a batch have, from the file's footer."""
    metadata = pq.read_metadata(batch / f"{tables.SOURCE_DOCUMENTS.name}.parquet")
    text = metadata.schema.names.index("text")
    return sum(metadata.row_group(i).column(text).total_uncompressed_size for i in range(metadata.num_row_groups))


def _parts(settings: Settings, batch: Path) -> Iterator[tuple[str, int]]:
    """Write the units of a batch, its rejections with the first; yield their ids, and their numbers of documents."""
    documents, rejected = (batch / f"{table.name}.parquet" for table in tables.INGESTED)
    schema = _schema([documents], tables.SOURCE_DOCUMENTS)
    refused = [rejected]
    for number, rows in enumerate(_units(documents, settings.batch_size)):
        name = _name([batch.name, str(number)])
        target = batches.ingest_folder(settings) / name
        discard(target)
        with whole_folder(target) as folder:
            pq.write_table(
                pa.Table.from_batches([_as_declared(rows, schema)]), folder / documents.name, compression="zstd"
            )
            concatenate(refused, folder / rejected.name, tables.REJECTED_DOCUMENTS)
        yield name, rows.num_rows
        refused = []


def _units(file: Path, documents: int) -> Iterator[pa.RecordBatch]:
    """Yield so many documents of a file, or as few as have the characters of a batch."""
    for batch in _record_batches([file], documents):
        ends = pc.cumulative_sum(pc.utf8_length(batch.column("text"))).to_pylist()
        start = 0
        for _, group in groupby(ends, lambda end: (end - 1) // batches.BATCH_CHARACTERS):
            count = sum(1 for _ in group)
            yield batch.slice(start, count)
            start += count
