"""Who extracts: this process, several processes of this machine, or a Dask cluster; the rows are the same.

A worker takes a part, a stretch of a batch's documents, and gives its rows back; it reads and writes no file, so it
need not see the warehouse. The parts of a batch are joined in the order of the documents and written here, when all
are in.
How a part reaches a process is in `pool`, how it reaches a cluster in `cluster`; what a batch is, in `batches`.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pyarrow as pa

from pipeline import tables
from pipeline.extract.records import Document
from pipeline.settings import Extraction, Settings
from pipeline.store import batches, cluster, pool
from pipeline.store.batches import Progress
from pipeline.store.pool import Died

SMALLEST, LARGEST = 12_000, 100_000
"""Characters of a part: less is not worth the way to another process, more would show no progress for long."""

MOST_DOCUMENTS = 16
SHARE = 4
"""A part is a worker's share of what is left, divided by this: large ones first, small ones last, so that all workers
end at the same time (guided self-scheduling: Polychronopoulos and Kuck, IEEE Transactions on Computers, 1987)."""

CLUSTER = 64
"""The workers that a cluster of unknown size is taken to have."""

Found = dict[str, pa.Table]
"""Rows by the name of one of `tables.EXTRACTED`."""

Results = Generator[tuple["Part", Found | Died], None, None]
"""Parts as they are done, in any order."""


class WorkersDied(RuntimeError):
    """Documents whose worker died again and again; the message names them and tells what is kept."""


class OtherVersion(RuntimeError):
    """A worker holds another version of the project; the message names both."""


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of the documents of a batch; `of` tells into how many parts the batch was cut."""

    batch: str
    number: int
    of: int
    documents: tuple[Document, ...]


def cut(batch: str, documents: Sequence[Document], wanted: int = 1) -> list[Part]:
    """Cut a batch into parts, at least one, each of `wanted` documents where its characters are within the bounds."""
    stretches: list[list[Document]] = [[]]
    characters = 0
    for document in documents:
        if characters >= LARGEST or (characters >= SMALLEST and len(stretches[-1]) >= wanted):
            stretches.append([])
            characters = 0
        stretches[-1].append(document)
        characters += len(document.text)
    return [Part(batch, number, len(stretches), tuple(found)) for number, found in enumerate(stretches)]


def extract_part(part: Part, chosen: Extraction, version: str) -> Found:
    """Extract a part. This is what a worker runs.

    Raises:
        ModelNotInstalled: the model that the settings name is not there.
        OtherVersion: the extractor here is not the one that asks, so that its rows would differ.
    """
    mine = batches.extractor_version(chosen)
    if mine != version:
        raise OtherVersion(
            f"a worker has version {mine} of the extractor, and this machine {version}: "
            "install the same version of the project, of its models and libraries on both"
        )
    return batches.extract_documents(part.documents, chosen)


def extract_pending(settings: Settings, progress: Progress) -> int:
    """Extract every batch that is not extracted yet, where the settings say. Return the number of documents.

    Whatever it raises, the batches that were finished before stay, and the next refresh goes on from there.

    Raises:
        ModelNotInstalled: the model that the settings name is not there.
        WorkersDied: a worker died three times over the same documents; all others are extracted.
        ClusterError: the Dask cluster cannot be reached, went away, or has no workers.
        OtherVersion: a worker of the cluster holds another version of the project.
    """
    todo = batches.pending(settings)
    if not todo:
        return 0
    if settings.engine == "dask":
        jobs = CLUSTER if settings.dask_scheduler else settings.jobs
        return _join(settings, cluster.run(call(settings), _parts(todo, jobs), settings), progress)
    if settings.jobs > 1 and _several(todo):
        return _join(settings, pool.run(call(settings), _parts(todo, settings.jobs), settings.jobs), progress)
    return sum(_extract_here(settings, batch, progress) for batch in todo)


def call(settings: Settings) -> Callable[[Part], Found]:
    """Return what workers are to run, with what they need to know of the settings."""
    version = batches.extractor_version(settings.extraction)
    return partial(extract_part, chosen=settings.extraction, version=version)


def _parts(todo: Sequence[Path], jobs: int) -> Iterator[Part]:
    """Yield the parts of batch after batch, each batch read when its turn comes."""
    left = sum(map(batches.count_documents, todo))
    for batch in todo:
        documents = batches.read_documents(batch)
        yield from cut(batch.name, documents, min(left // (SHARE * jobs), MOST_DOCUMENTS))
        left -= len(documents)


def _several(todo: Sequence[Path]) -> bool:
    """Return whether there is more than one part to share."""
    return len(todo) > 1 or len(cut(todo[0].name, batches.read_documents(todo[0]))) > 1


def _extract_here(settings: Settings, batch: Path, progress: Progress) -> int:
    documents = batches.read_documents(batch)
    found = batches.extract_documents(documents, settings.extraction, progress)
    batches.write_extracted(settings, batch.name, found)
    return len(documents)


def _join(settings: Settings, results: Results, progress: Progress) -> int:
    """Write each batch when all its parts are in, whatever their order. Return the number of documents.

    A batch with a part whose worker died is left out; the others are written before that is told.
    """
    waiting: dict[str, dict[int, Found]] = {}
    dead: list[tuple[Part, Died]] = []
    total = 0
    with closing(results):  # and so the workers end, whatever happens here
        for part, found in results:
            if isinstance(found, Died):
                dead.append((part, found))
                continue
            progress(len(part.documents))
            total += len(part.documents)
            done = waiting.setdefault(part.batch, {})
            done[part.number] = found
            if len(done) == part.of:
                batches.write_extracted(settings, part.batch, _joined([done[number] for number in range(part.of)]))
                del waiting[part.batch]
    if dead:
        raise WorkersDied(_obituary(dead))
    return total


def _joined(parts: Sequence[Found]) -> Found:
    """Return the rows of the parts one after the other, in one piece: how they were cut must not be seen in a file."""
    names = [table.name for table in tables.EXTRACTED]
    return {name: pa.concat_tables([part[name] for part in parts]).combine_chunks() for name in names}


def _obituary(dead: Sequence[tuple[Part, Died]]) -> str:
    part, cause = dead[0]
    names = [document.doc_id for document in part.documents]
    more = f" (and {len(dead) - 1} more of the kind)" if len(dead) > 1 else ""
    shown = ", ".join(names[:3]) + (", …" if len(names) > 3 else "")
    return (
        f"the process that read {len(names)} documents of batch {part.batch} ({shown}) died {cause.times} times, "
        f"the last time {cause.how}{more}; all other batches are extracted and kept. If memory ran out, give fewer "
        "jobs; then refresh again: it goes on where it stopped"
    )
