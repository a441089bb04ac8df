"""Batches: fixed sets of documents, each a folder of Parquet files named after it and the extractor's version.

The unit of recovery. What the ledger names is complete, for a folder is moved into place when it is whole, and named
after that; what is missing is made. Reading inboxes is `pipeline.ingest`'s, understanding documents
`pipeline.extract`'s business; which process does the latter is decided in `workers`, small batches are merged by
`compaction`, damaged ones made anew by `mending`.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import cache
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline import tables
from pipeline.extract.records import Document
from pipeline.ingest.records import IngestedDocument, Parsed, RejectedInput, SourceFile
from pipeline.ingest.scan import scan
from pipeline.settings import Extraction, Settings
from pipeline.store.files import RawFiles, as_arrow, discard, make_folder, remove_partial, write_arrow, write_rows
from pipeline.store.ledger import Ledger
from pipeline.store.recovery import asked, rebuild
from pipeline.store.sums import whole_folder

Progress = Callable[[int], None]
"""Called with the number of documents just finished."""

BATCH_CHARACTERS = 2_000_000
"""A batch is closed early at this size, so that memory is bounded by characters and not only by documents."""

LANGUAGES = ("en",)
"""What extraction understands; documents in other languages are kept and left out of it (`documents.skipped`)."""

_CODE = ("extract", "resolve", "ingest/duplicates.py", "reference.py")
_LIBRARIES = ("spacy", "thinc", "numpy", "onnxruntime", "tokenizers")


@dataclass(frozen=True)
class Ingested:
    """What a run of ingestion found."""

    files: int = 0
    documents: int = 0
    rejected: int = 0


def ingest_folder(settings: Settings) -> Path:
    """Return the folder of ingested batches."""
    return settings.warehouse / "ingest"


def extract_folder(settings: Settings) -> Path:
    """Return the folder of extracted batches of the present extractor."""
    return settings.warehouse / "extract" / extractor_version(settings.extraction)


def _model_version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:  # a folder, or not installed: loading it will tell
        return ""


@cache
def extractor_version(chosen: Extraction) -> str:
    """Return a hash of everything that decides what extraction yields: code, vocabularies, models, libraries."""

    libraries = " ".join(f"{name} {version(name)}" for name in _LIBRARIES)
    digest = sha256(f"{libraries} {chosen.model} {_model_version(chosen.model)} {chosen.confidence}".encode())
    package = Path(__file__).resolve().parent.parent
    code = [package / part for part in _CODE]
    files = [path for part in code for path in ([part] if part.is_file() else part.rglob("*.py"))]
    files += (package.parent / "seeds" / "reference").glob("*.csv")
    files += (path for path in (package.parent / "models").rglob("*") if path.suffix in (".onnx", ".json"))
    for path in sorted(files, key=lambda path: path.relative_to(package.parent).as_posix()):
        digest.update(path.relative_to(package.parent).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:12]


def remove_remains(settings: Settings) -> None:
    """Remove what a killed refresh left: half-written files, and batches that the ledger does not name."""
    remove_partial(settings.warehouse, spare=("raw", "dagster"))
    named = asked(settings.warehouse, Ledger.batches)
    there = {folder.name for folder in _inside(ingest_folder(settings))}
    if there - named.keys() and (not named or named.keys() - there):  # a ledger of another time: it is not believed
        rebuild(settings.warehouse)
        named = asked(settings.warehouse, Ledger.batches)
    for folder in (ingest_folder(settings), *_inside(settings.warehouse / "extract")):
        for batch in _inside(folder):
            if batch.name not in named:
                discard(batch)


def _inside(folder: Path) -> list[Path]:
    return list(folder.iterdir()) if folder.is_dir() else []


def write_batch(
    settings: Settings, documents: Sequence[Mapping[str, Any]], rejected: Sequence[Mapping[str, Any]], instead: str = ""
) -> str:
    """Write rows of the ingested tables as a batch; the ledger is not told, for several may be declared at once.

    Return the batch's id: a hash of those of its rows, and of what it is put `instead` of.
    """
    batch_id = sha256("\n".join(sorted(row_ids(documents, rejected))).encode() + instead.encode()).hexdigest()[:20]
    with whole_folder(ingest_folder(settings) / batch_id) as folder:
        for table, rows in zip(tables.INGESTED, (documents, rejected), strict=True):
            write_rows(folder / f"{table.name}.parquet", table, rows)
    return batch_id


def as_row(outcome: IngestedDocument | RejectedInput, now: datetime) -> dict[str, Any]:
    """Return what was read as a row of its ingested table."""
    return {**asdict(outcome), "ingested_at": now}


def row_ids(documents: Iterable[Mapping[str, Any]], rejected: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return the ids of rows of the ingested tables."""
    return [*(row["doc_id"] for row in documents), *(row["rejection_id"] for row in rejected)]


class _Collector:
    """Gathers new documents and rejections until a batch is full, then writes it and tells the ledger."""

    def __init__(self, settings: Settings, ledger: Ledger, now: datetime) -> None:
        self.settings, self.ledger, self.now = settings, ledger, now
        self.documents: dict[str, IngestedDocument] = {}
        self.rejected: dict[str, RejectedInput] = {}
        self.files: list[tuple[str, str, int, int]] = []
        self.raw = RawFiles(settings.warehouse / "raw")
        self.characters = self.new_documents = self.new_rejected = 0

    def take(self, found: Iterable[Parsed]) -> None:
        """Keep the raw bytes of what was read, and take up what is new of it."""
        for parsed in found:
            if parsed.raw:
                self.raw.keep(parsed.raw)
            new = self.add(parsed.outcome)
            self.new_documents += new and isinstance(parsed.outcome, IngestedDocument)
            self.new_rejected += new and isinstance(parsed.outcome, RejectedInput)

    def add(self, outcome: IngestedDocument | RejectedInput) -> bool:
        """Take an outcome up; return whether it was new."""
        if isinstance(outcome, IngestedDocument):
            if outcome.doc_id in self.documents or self.ledger.knows(outcome.doc_id):
                return False
            self.documents[outcome.doc_id] = outcome
            self.characters += len(outcome.text)
        else:
            if outcome.rejection_id in self.rejected or self.ledger.knows(outcome.rejection_id):
                return False
            self.rejected[outcome.rejection_id] = outcome
        gathered = len(self.documents) + len(self.rejected)
        if gathered >= self.settings.batch_size or self.characters >= BATCH_CHARACTERS:
            self.flush()
        return True

    def flush(self) -> None:
        """Write the batch, if there is anything in it, then remember the files that were read to their end."""
        self.raw.settle()
        if self.documents or self.rejected:
            batch_id = write_batch(
                self.settings, self._rows(self.documents.values()), self._rows(self.rejected.values())
            )
            self.ledger.add_batch(batch_id, [*self.documents, *self.rejected], len(self.documents))
        self.ledger.add_files(self.files)
        self.documents, self.rejected, self.files, self.characters = {}, {}, [], 0

    def _rows(self, records: Iterable[IngestedDocument | RejectedInput]) -> list[dict[str, Any]]:
        return [as_row(record, self.now) for record in records]


def _files(settings: Settings) -> Iterator[tuple[str, SourceFile]]:
    for inbox in settings.inboxes:
        for file in scan(inbox):
            yield str(inbox), file


def _state(file: SourceFile) -> tuple[str, int, int]:
    """Return what tells a file from what it was before."""
    return file.raw_uri, file.size, file.mtime_ns


def _spooled(settings: Settings) -> list[Path]:
    return sorted(settings.spool.glob("*.jsonl"))


def _new_files(settings: Settings, ledger: Ledger) -> Iterator[tuple[str, SourceFile]]:
    return ((inbox, file) for inbox, file in _files(settings) if not ledger.has_file(inbox, *_state(file)))


def has_news(settings: Settings) -> bool:
    """Tell whether the inboxes, or what came from the feeds, hold anything that `ingest` would read.

    Raises:
        InboxError: an inbox is missing or no folder.
    """
    return bool(_spooled(settings)) or asked(
        settings.warehouse, lambda ledger: next(_new_files(settings, ledger), None) is not None
    )


def ingest(settings: Settings, now: datetime | None = None) -> Ingested:
    """Read what is new in the inboxes and what came from the feeds into batches, and keep its raw bytes.

    Raises:
        InboxError: an inbox is missing or no folder.
    """
    moment = (now or datetime.now(UTC)).replace(tzinfo=None)
    remove_remains(settings)
    make_folder(ingest_folder(settings))
    return asked(settings.warehouse, lambda ledger: _ingest(settings, ledger, moment))


def _ingest(settings: Settings, ledger: Ledger, now: datetime) -> Ingested:
    spooled, new = _spooled(settings), list(_new_files(settings, ledger))
    if not new and not spooled:
        return Ingested()
    from pipeline.ingest import read  # noqa: PLC0415 - its parsers take a while to import, a quiet day needs none

    ledger.check()
    limits = read.Limits(max_bytes=settings.max_bytes)
    collector = _Collector(settings, ledger, now)
    for inbox, file in new:
        collector.take(read.read(file, now.date(), limits))
        collector.files.append((inbox, *_state(file)))
    for path in spooled:
        collector.take(read.read_spool(path, limits))
    collector.flush()
    for path in spooled:  # every article of theirs is in a batch now
        path.unlink()
    return Ingested(len(new) + len(spooled), collector.new_documents, collector.new_rejected)


def batches(settings: Settings) -> list[Path]:
    """Return the folders of the complete ingested batches, sorted."""
    folder = ingest_folder(settings)
    return [folder / name for name in asked(settings.warehouse, Ledger.batches)] if folder.is_dir() else []


def document_count(settings: Settings) -> int:
    """Return the number of documents of all complete batches."""
    return sum(asked(settings.warehouse, Ledger.batches).values())


def content_hash(settings: Settings) -> str:
    """Return a hash of which documents and rejections there are, whatever batches they are in."""
    return asked(settings.warehouse, Ledger.content) if ingest_folder(settings).is_dir() else ""


def pending(settings: Settings) -> list[Path]:
    """Return the batches that the present extractor has not extracted yet."""
    done = extract_folder(settings)
    return [batch for batch in batches(settings) if not (done / batch.name).is_dir()]


def count_documents(batch: Path) -> int:
    """Return the number of documents of an ingested batch, from the file's footer."""
    return int(pq.read_metadata(batch / "source_documents.parquet").num_rows)


def read_documents(batch: Path) -> list[Document]:
    """Read the documents of a batch whose language is extracted, in the order of their ids."""
    columns = ["doc_id", "text", "source", "title", "published_on", "language"]
    rows = pq.read_table(batch / "source_documents.parquet", columns=columns).to_pylist()
    read = [Document(**row) for row in rows if row.pop("language") in (None, *LANGUAGES)]
    return sorted(read, key=lambda document: document.doc_id)


def extract_documents(
    documents: Sequence[Document], chosen: Extraction, progress: Progress | None = None
) -> dict[str, pa.Table]:
    """Extract documents; return a table for each of `tables.EXTRACTED` by its name, rows in the documents' order.

    Raises:
        ModelNotInstalled: the model that the settings name is not there.
    """
    from pipeline.extract import model  # noqa: PLC0415 - spaCy takes seconds to import, and a quiet day needs none
    from pipeline.extract.document import extract_all  # noqa: PLC0415 - it imports spaCy
    from pipeline.ingest.duplicates import fingerprint  # noqa: PLC0415 - nor does a quiet day need this

    nlp = model.load(chosen.model)
    rows: dict[str, list[dict[str, Any]]] = {table.name: [] for table in tables.EXTRACTED}
    for document, extracted in zip(documents, extract_all(documents, nlp, chosen.confidence), strict=True):
        for name, found in extracted.items():
            rows[name] += found
        known_by = {"doc_id": document.doc_id, **asdict(fingerprint(document.text))}
        rows[tables.EXTRACTED_FINGERPRINTS.name].append(known_by)
        if progress is not None:
            progress(1)
    return {table.name: as_arrow(table, rows[table.name]) for table in tables.EXTRACTED}


def write_extracted(settings: Settings, batch_id: str, found: Mapping[str, pa.Table]) -> None:
    """Write what was extracted from a batch, as a folder that is moved into place when it is whole."""
    with whole_folder(extract_folder(settings) / batch_id) as folder:
        for table in tables.EXTRACTED:
            write_arrow(folder / f"{table.name}.parquet", found[table.name])


def extracted_files(settings: Settings, table: str) -> list[Path]:
    """Return the Parquet files of one extracted table, for the batches that are ingested, sorted."""
    done = extract_folder(settings)
    return [done / batch.name / f"{table}.parquet" for batch in batches(settings)]


def ingested_files(settings: Settings, table: str) -> list[Path]:
    """Return the Parquet files of one ingested table, sorted."""
    return [batch / f"{table}.parquet" for batch in batches(settings)]


def remove_old_versions(settings: Settings) -> None:
    """Remove what earlier versions of the extractor wrote."""
    current = extract_folder(settings)
    if current.parent.is_dir():
        for folder in current.parent.iterdir():
            if folder != current:
                shutil.rmtree(folder, ignore_errors=True)
