"""Whoever extracts, the files are the same to the byte; who is killed takes nothing with it."""

from __future__ import annotations

import os
import signal
from datetime import datetime
from multiprocessing import active_children
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.extract.records import Document
from pipeline.settings import Settings
from pipeline.store import batches, pool, workers
from pipeline.store.pool import Died
from tests.warehouses import ARTICLES, write_articles


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Cut batches after every document or two."""
    monkeypatch.setattr(workers, "SMALLEST", 150)


def ingested(folder: Path, **chosen: object) -> Settings:
    """Return the settings of a warehouse with one ingested batch of six articles, and one of none."""
    write_articles(folder / "inbox")
    settings = Settings(inboxes=(folder / "inbox",), warehouse=folder / "warehouse", **chosen)  # type: ignore[arg-type]
    batches.ingest(settings, datetime(2025, 1, 1))
    (folder / "inbox" / "empty.txt").touch()
    batches.ingest(settings, datetime(2025, 1, 1))
    return settings


def files(settings: Settings) -> dict[str, bytes]:
    """Return all that was extracted."""
    folder = batches.extract_folder(settings)
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*.parquet")}


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """Return what one process makes of the articles."""
    settings = ingested(tmp_path_factory.mktemp("alone"))
    assert workers.extract_pending(settings, lambda _: None) == len(ARTICLES)
    return files(settings)


@pytest.mark.parametrize(("engine", "jobs"), [("local", 2), ("local", 3), ("dask", 2)])
@pytest.mark.usefixtures("small_parts")
def test_whoever_extracts(tmp_path: Path, alone: dict[str, bytes], engine: str, jobs: int) -> None:
    """One batch shared among processes or a cluster gives the same files to the byte, each document told once."""
    settings = ingested(tmp_path, engine=engine, jobs=jobs)
    told: list[int] = []
    assert workers.extract_pending(settings, told.append) == sum(told) == len(ARTICLES)
    assert files(settings) == alone
    assert workers.extract_pending(settings, told.append) == 0


@pytest.mark.usefixtures("small_parts")
def test_killed_workers(tmp_path: Path, alone: dict[str, bytes]) -> None:
    """Processes killed after the first part that came back cost time and nothing else."""
    settings = ingested(tmp_path, jobs=2)
    killed: list[int] = []

    def kill(_: int) -> None:
        if not killed:
            for process in active_children():
                assert process.pid is not None
                killed.append(process.pid)
                os.kill(process.pid, signal.SIGKILL)

    assert workers.extract_pending(settings, kill) == len(ARTICLES)
    assert len(killed) >= 2
    assert files(settings) == alone


@pytest.mark.usefixtures("small_parts")
def test_deadly_documents_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A batch over which workers die is left out and named; the others are kept, and later it is tried again."""
    settings = ingested(tmp_path, jobs=2, batch_size=2)
    deadly = next(batch for batch in batches.pending(settings) if batches.count_documents(batch))

    def run(call, work, jobs):  # type: ignore[no-untyped-def]
        for part in work:
            yield part, Died(3, "killed by SIGKILL") if part.batch == deadly.name else call(part)

    with monkeypatch.context() as patched:
        patched.setattr(pool, "run", run)
        with pytest.raises(workers.WorkersDied, match=rf"batch {deadly.name} .* died 3 times, .* killed by SIGKILL"):
            workers.extract_pending(settings, lambda _: None)
    assert batches.pending(settings) == [deadly]
    workers.extract_pending(settings, lambda _: None)
    assert batches.pending(settings) == []


@given(st.lists(st.text(max_size=400), max_size=30), st.integers(1, 500), st.integers(0, 900), st.integers(0, 9))
def test_parts_are_the_batch(texts: list[str], smallest: int, more: int, wanted: int) -> None:
    """Parts one after the other are the batch; none is empty but where the batch is, none out of bounds."""
    documents = [Document(str(number), text) for number, text in enumerate(texts)]
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(workers, "SMALLEST", smallest)
        patched.setattr(workers, "LARGEST", smallest + more)
        parts = workers.cut("b", documents, wanted)
    assert [document for part in parts for document in part.documents] == documents
    assert [(part.number, part.of) for part in parts] == [(number, len(parts)) for number in range(len(parts))]
    assert all(part.documents for part in parts) or not documents
    for part in parts:
        assert sum(len(document.text) for document in part.documents[:-1]) < smallest + more
    for part in parts[:-1]:
        size = sum(len(document.text) for document in part.documents)
        assert size >= smallest and (len(part.documents) >= wanted or size >= smallest + more)


def test_last_parts_are_small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where much is left parts are large, in the end they are small, so that no worker waits long for another."""
    monkeypatch.setattr(workers, "SMALLEST", 1)
    inbox = tmp_path / "inbox"
    write_articles(inbox, tuple(f"Finland said on day {number} that it would buy drones." for number in range(120)))
    settings = Settings(inboxes=(inbox,), warehouse=tmp_path / "warehouse", batch_size=8)
    batches.ingest(settings, datetime(2025, 1, 1))
    sizes = [len(part.documents) for part in workers._parts(batches.pending(settings), jobs=2)]
    assert sum(sizes) == 120
    assert sizes[0] == 8 and sizes[-1] == 1
