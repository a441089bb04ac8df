"""Batches: fixed sets of documents, each a folder of Parquet files named after it and the extractor's version.

The unit of work and of recovery. What exists is complete, for a folder is moved into place when it is whole; what is
missing is made. Reading inboxes is `pipeline.ingest`'s, understanding documents is `pipeline.extract`'s business.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import cache
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from pipeline import tables
from pipeline.extract.records import Document
from pipeline.ingest.records import IngestedDocument, Parsed, RejectedInput, SourceFile
from pipeline.ingest.scan import scan
from pipeline.settings import Extraction, Settings
from pipeline.store.files import beside, keep_raw, remove_partial, write_rows
from pipeline.store.ledger import Ledger

Progress = Callable[[int], None]
"""Called with the number of documents just finished."""

_Job = tuple[Path, Path, Extraction]
"""A batch, the folder to extract it to, and how."""

BATCH_CHARACTERS = 2_000_000
"""A batch is closed early at this size, so that memory is bounded by characters and not only by documents."""

LANGUAGES = ("en",)
"""What extraction understands; documents in other languages are kept and left out of it (`documents.skipped`)."""

_CODE = ("extract", "resolve", "ingest/duplicates.py", "reference.py")
_LIBRARIES = ("spacy", "onnxruntime", "tokenizers")


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
    """Remove what a killed refresh left: half-written files, and batches that the ledger does not know."""
    remove_partial(settings.warehouse)
    folder = ingest_folder(settings)
    if folder.is_dir():
        with Ledger(settings.warehouse / "ledger.sqlite") as ledger:
            known = set(ledger.batches())
        for batch in folder.iterdir():
            if batch.name not in known:
                shutil.rmtree(batch)


class _Collector:
    """Gathers new documents and rejections until a batch is full, then writes it and tells the ledger."""

    def __init__(self, settings: Settings, ledger: Ledger, now: datetime) -> None:
        self.settings, self.ledger, self.now = settings, ledger, now
        self.documents: dict[str, IngestedDocument] = {}
        self.rejected: dict[str, RejectedInput] = {}
        self.files: list[tuple[str, str, int, int]] = []
        self.characters = self.new_documents = self.new_rejected = 0

    def take(self, found: Iterable[Parsed]) -> None:
        """Keep the raw bytes of what was read, and take up what is new of it."""
        for parsed in found:
            if parsed.raw:
                keep_raw(self.settings.warehouse / "raw", parsed.raw)
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
        if len(self.documents) >= self.settings.batch_size or self.characters >= BATCH_CHARACTERS:
            self.flush()
        return True

    def flush(self) -> None:
        """Write the batch, if there is anything in it, then remember the files that were read to their end."""
        ids = sorted([*self.documents, *self.rejected])
        if ids:
            batch_id = sha256("\n".join(ids).encode()).hexdigest()[:20]
            with beside(ingest_folder(self.settings) / batch_id) as folder:
                folder.mkdir()
                write_rows(
                    folder / "source_documents.parquet", tables.SOURCE_DOCUMENTS, self._rows(self.documents.values())
                )
                write_rows(
                    folder / "rejected_documents.parquet", tables.REJECTED_DOCUMENTS, self._rows(self.rejected.values())
                )
            self.ledger.add_batch(batch_id, ids, len(self.documents))
        self.ledger.add_files(self.files)
        self.documents, self.rejected, self.files, self.characters = {}, {}, [], 0

    def _rows(self, records: Iterable[IngestedDocument | RejectedInput]) -> list[dict[str, Any]]:
        return [{**asdict(record), "ingested_at": self.now} for record in records]


def _files(settings: Settings) -> Iterator[tuple[str, SourceFile]]:
    for inbox in settings.inboxes:
        for file in scan(inbox):
            yield str(inbox), file


def _state(file: SourceFile) -> tuple[str, int, int]:
    """Return what tells a file from what it was before."""
    return file.raw_uri, file.size, file.mtime_ns


def ingest(settings: Settings, now: datetime | None = None) -> Ingested:
    """Read what is new in the inboxes and what came from the feeds into batches, and keep its raw bytes.

    Raises:
        InboxError: an inbox is missing or no folder.
    """
    now = (now or datetime.now(UTC)).replace(tzinfo=None)
    remove_remains(settings)
    ingest_folder(settings).mkdir(parents=True, exist_ok=True)
    spooled = sorted(settings.spool.glob("*.jsonl"))
    with Ledger(settings.warehouse / "ledger.sqlite") as ledger:
        new = [(i, file) for i, file in _files(settings) if not ledger.has_file(i, *_state(file))]
        if not new and not spooled:
            return Ingested()
        from pipeline.ingest import read  # noqa: PLC0415 - its parsers take a while to import, a quiet day needs none

        limits = read.Limits(max_bytes=settings.max_megabytes * 1_000_000)
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
    return sorted(path for path in folder.iterdir() if path.is_dir()) if folder.is_dir() else []


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


def extract_batch(batch: Path, target: Path, chosen: Extraction, progress: Progress | None = None) -> int:
    """Extract one batch into the folder `target`, moved into place when it is whole. Return the documents read."""
    from pipeline.extract import model  # noqa: PLC0415 - spaCy takes seconds to import, and a quiet day needs none
    from pipeline.extract.document import extract_all  # noqa: PLC0415 - it imports spaCy
    from pipeline.ingest.duplicates import fingerprint  # noqa: PLC0415 - nor does a quiet day need this

    nlp = model.load(chosen.model)
    rows: dict[str, list[dict[str, Any]]] = {table.name: [] for table in tables.EXTRACTED}
    documents = read_documents(batch)
    for document, extracted in zip(documents, extract_all(documents, nlp, chosen.confidence), strict=True):
        for name, found in extracted.items():
            rows[name] += found
        known_by = {"doc_id": document.doc_id, **asdict(fingerprint(document.text))}
        rows[tables.EXTRACTED_FINGERPRINTS.name].append(known_by)
        if progress is not None:
            progress(1)
    with beside(target) as folder:
        folder.mkdir()
        for table in tables.EXTRACTED:
            write_rows(folder / f"{table.name}.parquet", table, rows[table.name])
    return len(documents)


def extract_pending(settings: Settings, progress: Progress) -> int:
    """Extract every batch that is not extracted yet, in `settings.jobs` processes or on Dask. Return how many.

    Raises:
        ModelNotInstalled: the model that the settings name is not there.
        BrokenProcessPool: a worker was killed; what is finished stays, and the next refresh goes on from there.
    """
    todo, done = pending(settings), extract_folder(settings)
    done.mkdir(parents=True, exist_ok=True)
    work = [(batch, done / batch.name, settings.extraction) for batch in todo]
    if not work:
        return 0
    if settings.engine == "dask":
        counts = _on_dask(settings, work)
    elif settings.jobs > 1 and len(work) > 1:
        counts = _in_processes(settings, work)
    else:
        return sum(extract_batch(*job, progress) for job in work)
    total = 0
    for count in counts:
        progress(count)
        total += count
    return total


def _in_processes(settings: Settings, work: list[_Job]) -> Iterator[int]:
    # Spawned, not forked: Dagster's process has threads, and a fork copies their locks without them.
    with ProcessPoolExecutor(min(settings.jobs, len(work)), mp_context=get_context("spawn")) as pool:
        yield from pool.map(_extract_for_pool, work)


def _on_dask(settings: Settings, work: list[_Job]) -> Iterator[int]:
    """Map the batches over a Dask cluster, which restarts a worker that dies. All its workers see the warehouse."""
    from distributed import Client, LocalCluster, as_completed  # noqa: PLC0415 - only this engine needs it

    with ExitStack() as stack:
        if settings.dask_scheduler:
            client = stack.enter_context(Client(settings.dask_scheduler))
        else:
            cluster = LocalCluster(n_workers=settings.jobs, threads_per_worker=1, dashboard_address=None)
            client = stack.enter_context(Client(stack.enter_context(cluster)))
        futures = client.map(_extract_for_pool, work, pure=False)
        for _, count in as_completed(futures, with_results=True):
            yield int(count)


def _extract_for_pool(job: _Job) -> int:
    return extract_batch(*job)


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
