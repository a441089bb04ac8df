"""A refresh that can be hurt: its steps one after the other without Dagster and without the model, in a child process.

Extraction is played back from a clean refresh, so that a process costs a tenth of a second and not eight. A child dies
at a step that it is told (a rename, a wait for the disk, a commit, …), meets a full disk there, or is killed from
outside; what it left is then refreshed by another, and every row is compared. Which faults there are is in the tests.
"""

from __future__ import annotations

import errno
import functools
import hashlib
import json
import multiprocessing
import os
import pickle
import resource
import shutil
import signal
import sqlite3
import sys
import traceback
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from multiprocessing.connection import wait
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from threading import Lock
from types import ModuleType
from typing import Any

import pyarrow.parquet as pq

from pipeline import tables
from pipeline.checks import runner
from pipeline.settings import Settings
from pipeline.store import batches, compaction, mending, publish, staging, workers
from pipeline.store.files import PARTIAL, lock
from tests.warehouses import rows

NOW = datetime(2025, 11, 23, 9, tzinfo=UTC)
KILLED, TOLD, UNTOLD = 77, 78, 79
"""How a child ends: it died at its step; it met a full disk and said so; it failed in another way."""


@dataclass(frozen=True)
class Scene:
    """What a child is to do: `act` on a warehouse, reading an inbox, with what extraction found in a clean refresh."""

    act: str
    inbox: Path
    warehouse: Path
    memory: Path  # pickled: doc_id → the rows that extraction found
    version: str = "one"  # of the extractor
    now: datetime = NOW
    lock_wait: int = 0

    @property
    def settings(self) -> Settings:
        """Return the settings: batches of two documents, so that there is something to merge and to divide.

        Tables are built from what is new.
        """
        return Settings(
            inboxes=(self.inbox,), warehouse=self.warehouse, batch_size=2, feeds=Path(os.devnull),
            lock_wait=self.lock_wait, whole_below=0,
        )  # fmt: skip


@dataclass(frozen=True)
class Fault:
    """What happens to a child at its step number `at`, counted from 1: it dies (`kill`) or finds the disk `full`.

    With `limit`, `at` is the number of bytes beyond which the system lets no file grow.
    """

    at: int
    kind: str = "kill"


def store(scene: Scene) -> None:
    """Do what a refresh does before the build, in the order of the steps in `pipeline.assets`."""
    settings = scene.settings
    batches.ingest(settings, scene.now)
    mending.mend(settings, scene.now)
    compaction.divide(settings)
    workers.extract_pending(settings, lambda _: None)
    compaction.compact(settings)


def build(scene: Scene) -> None:
    """Build and check the staging tables."""
    settings = scene.settings
    last, base = publish.current(settings), publish.base(settings)
    with staging.open_staging(settings, fresh=True, base=base) as connection:
        taken = staging.build(connection, settings, base)
        results = runner.run(connection, last.rows if last else {}, scene.now.date(), taken)
        runner.keep(connection, results)
        counts = {table.name: runner.count(connection, table.name) for table in tables.PUBLISHED}
    staging.write_manifest(settings, counts, list(map(vars, results)), taken)


def put_out(scene: Scene) -> None:
    """Publish the staging tables that are there."""
    publish.finish_publish(scene.settings)
    publish.publish(scene.settings, scene.now.isoformat(), 1.0)


def whole(scene: Scene) -> None:
    """Do all that a refresh does, under the lock."""
    settings = scene.settings
    with lock(settings.warehouse / "refresh.lock", settings.lock_wait):
        publish.finish_publish(settings)
        store(scene)
        last = publish.current(settings)
        fresh = last is not None and last.fingerprint == staging.fingerprint(settings)
        if not fresh or not publish.opens(settings.database):
            build(scene)
            put_out(scene)


ACTS: dict[str, Callable[[Scene], None]] = {"store": store, "build": build, "publish": put_out, "whole": whole}


# ---- what was stored


def stored(settings: Settings) -> dict[str, str]:
    """Return a hash of all rows of each ingested and extracted table, but for the time of ingestion."""
    found = {}
    for table in (*tables.INGESTED, *tables.EXTRACTED):
        of = batches.ingested_files if table in tables.INGESTED else batches.extracted_files
        found[table.name] = _hash(
            {key: value for key, value in row.items() if key != "ingested_at"}
            for file in of(settings, table.name)
            for row in pq.read_table(file).to_pylist()
        )
    return found


def published(warehouse: Path) -> dict[str, str]:
    """Return a hash of all rows of each published table, but for what tells of the way and not of the end."""
    found = rows(warehouse)
    found["data_quality"] = [row for row in found["data_quality"] if row[1] != "volume"]
    return {name: _hash(of_table) for name, of_table in found.items()}


def _hash(found: Iterable[Any]) -> str:
    return hashlib.sha256("\n".join(sorted(map(repr, found))).encode()).hexdigest()


def remains(settings: Settings) -> list[str]:
    """Return what should not be in a warehouse after a refresh: half-written files, batches that nobody names."""
    left = [str(path) for path in settings.warehouse.rglob(f"*{PARTIAL}*")]
    named = {batch.name for batch in batches.batches(settings)}
    folders = [batches.ingest_folder(settings), *(settings.warehouse / "extract").glob("*")]
    return left + [str(path) for folder in folders for path in folder.iterdir() if path.name not in named]


def remember(settings: Settings, memory: Path) -> None:
    """Keep what extraction found in a clean refresh, by document."""
    known: dict[str, dict[str, list[dict[str, Any]]]] = {}
    for table in tables.EXTRACTED:
        for file in batches.extracted_files(settings, table.name):
            for row in pq.read_table(file).to_pylist():
                known.setdefault(row["doc_id"], {}).setdefault(table.name, []).append(row)
    memory.write_bytes(pickle.dumps(known))


# ---- the child


_TURN = Lock()  # starting a process looks after the others too, and takes the ending of one from who waits for it
_CONTEXT = multiprocessing.get_context("forkserver") if sys.platform != "win32" else None


def child(scene: Scene, fault: Fault | None = None, result: Path | None = None) -> ForkServerProcess:
    """Start a child on a scene; `result`, if given, gets what was stored, published, and how many steps it took."""
    assert _CONTEXT is not None
    _CONTEXT.set_forkserver_preload(["tests.faults.warm"])
    process = _CONTEXT.Process(target=_play, args=(scene, fault, result))
    with _TURN:
        process.start()
    return process


def finish(scene: Scene, fault: Fault | None, result: Path | None = None) -> int:
    """Run a child to its end; return how it ended."""
    return ending(child(scene, fault, result))


def ending(process: ForkServerProcess) -> int:
    """Wait for a child; return how it ended."""
    wait([process.sentinel])
    with _TURN:
        process.join()
    assert process.exitcode is not None
    return process.exitcode


def outcome(scene: Scene, result: Path) -> dict[str, Any]:
    """Refresh without a fault; return what the child wrote down.

    Raises:
        AssertionError: it did not end well.
    """
    assert finish(scene, None, result) == 0, (result.with_suffix(".error").read_text(), scene)
    found: dict[str, Any] = json.loads(result.read_text(encoding="utf-8"))
    return found


def _play(scene: Scene, fault: Fault | None, result: Path | None) -> None:
    _play_back(scene)
    steps = _Steps(fault)
    if fault is not None and fault.kind == "limit":
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (fault.at, resource.RLIM_INFINITY))
    try:
        with steps:
            ACTS[scene.act](scene)
    except Exception as error:
        if fault is not None and fault.kind == "full" and _tells_of_full_disk(error):
            os._exit(TOLD)
        if result is not None:
            if fault is not None and fault.kind == "limit":
                resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
            result.with_suffix(".error").write_text("".join(traceback.format_exception(error)), encoding="utf-8")
        os._exit(UNTOLD)
    if result is not None:
        found = {
            "steps": steps.taken,
            "stored": stored(scene.settings),
            "published": published(scene.warehouse) if scene.settings.database.is_file() else {},
            "remains": remains(scene.settings),
            "batches": len(batches.batches(scene.settings)),
        }
        result.write_text(json.dumps(found), encoding="utf-8")
    os._exit(0)


def _tells_of_full_disk(error: BaseException | None) -> bool:
    """Return whether the words that a user would see tell of a full disk, as `pipeline.cli` finds it out."""
    while error is not None:
        if os.strerror(errno.ENOSPC) in str(error) or "disk is full" in str(error):
            return True
        error = error.__cause__
    return False


def _play_back(scene: Scene) -> None:
    """Put what was remembered in the place of the model."""
    known = pickle.loads(scene.memory.read_bytes()) if scene.memory.is_file() else {}

    def extract(document: Any, *_: Any) -> dict[str, list[dict[str, Any]]]:
        found = known.get(document.doc_id, {})
        return {name: rows for name, rows in found.items() if name != tables.EXTRACTED_FINGERPRINTS.name}

    def extract_all(documents: Iterable[Any], *_: Any) -> Iterator[dict[str, list[dict[str, Any]]]]:
        return map(extract, documents)

    fakes: dict[str, dict[str, Any]] = {
        "model": {"load": lambda _: None},
        "document": {"extract": extract, "extract_all": extract_all},
    }
    for name, said in fakes.items():
        module = ModuleType(f"pipeline.extract.{name}")
        vars(module).update(said)
        sys.modules[module.__name__] = module
        sys.modules["pipeline.extract"].__dict__[name] = module
    batches.extractor_version = lambda _: scene.version  # type: ignore[assignment]


# ---- steps


class _Steps:
    """Counts what a process does to its disk, and lets a fault happen at one of these steps.

    A wrapped call dies before it does anything, so that each state between two calls is seen; a write that is whole in
    one call dies in the midst of it.
    """

    def __init__(self, fault: Fault | None) -> None:
        self.fault, self.taken = fault, 0
        self._undo: list[Callable[[], None]] = []

    def __enter__(self) -> _Steps:
        for owner, name, grows in (
            (os, "replace", False), (os, "rename", False), (os, "unlink", False), (os, "rmdir", False),
            (os, "fsync", True), (os, "link", True), (os, "mkdir", True), (Path, "write_bytes", True),
            (Path, "write_text", True), (pq, "write_table", True), (pq.ParquetWriter, "write_table", True),
            (sqlite3, "connect", False),
        ):  # fmt: skip
            self._wrap(owner, name, grows)
        self._connect()
        return self

    def __exit__(self, *_: object) -> None:
        for undo in reversed(self._undo):
            undo()

    def _wrap(self, owner: Any, name: str, grows: bool) -> None:
        plain = getattr(owner, name)

        @functools.wraps(plain)
        def counted(*arguments: Any, **named: Any) -> Any:
            self.step(grows)
            return plain(*arguments, **named)

        setattr(owner, name, counted)
        self._undo.append(lambda: setattr(owner, name, plain))

    def _connect(self) -> None:
        step, plain = self.step, sqlite3.connect

        class Counted(sqlite3.Connection):
            def __exit__(self, *arguments: Any) -> Any:
                step(True, sqlite3.OperationalError("database or disk is full"))
                return super().__exit__(*arguments)

            def executemany(self, *arguments: Any) -> Any:
                step(True, sqlite3.OperationalError("database or disk is full"))
                return super().executemany(*arguments)

        sqlite3.connect = functools.partial(plain, factory=Counted)  # type: ignore[assignment]
        self._undo.append(lambda: setattr(sqlite3, "connect", plain))

    def step(self, grows: bool, full: Exception | None = None) -> None:
        """Count a step; `grows` tells that it needs space."""
        self.taken += 1
        if self.fault is None:
            return
        if self.fault.kind == "kill" and self.taken == self.fault.at:
            os._exit(KILLED)
        if self.fault.kind == "full" and grows and self.taken >= self.fault.at > 0:
            raise full or OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def fresh(scene: Scene, model: Path | None, warehouse: Path) -> Scene:
    """Return the scene on a warehouse of its own: a copy of `model`, or none yet."""
    if model is not None:
        shutil.copytree(model, warehouse)
    return replace(scene, warehouse=warehouse)


def spoil(path: Path, how: str, number: int) -> None:
    """Damage a file: cut it `short` at a place that `number` chooses, or `flip` a bit there, or leave it `empty`."""
    data = bytearray(path.read_bytes())
    place = number * 7919 % len(data)
    if how == "flip":
        data[place] ^= 1 << number % 8
    path.write_bytes(data if how == "flip" else data[:place] if how == "short" else b"")


# ---- hurting, and looking at what came of it


def hurt(scene: Scene, fault: Fault, result: Path, expected: dict[str, dict[str, str]]) -> str | None:
    """Let a fault happen, refresh again, and return what is wrong then, or None.

    Args:
        scene: what is hurt; its warehouse is the fault's own.
        fault: what happens.
        result: a file for what the second child writes down.
        expected: what must be `stored` and `published` in the end, as far as it is given.
    """
    ended = finish(scene, fault)
    wanted = {"kill": (KILLED, 0), "full": (TOLD, 0)}[fault.kind]  # 0: it took fewer steps this time
    if ended not in wanted:
        return f"{fault} ended with {ended}"
    again = replace(scene, act="whole" if "published" in expected else scene.act)
    if finish(again, None, result):
        return f"after {fault}: {result.with_suffix('.error').read_text(encoding='utf-8')}"
    found = json.loads(result.read_text(encoding="utf-8"))
    pairs = [(kind, table) for kind in expected for table in expected[kind]]
    wrong = [f"{kind} {table}" for kind, table in pairs if found[kind].get(table) != expected[kind][table]]
    return f"after {fault}: {', '.join(wrong + found['remains'])}" if wrong or found["remains"] else None


def steps(scene: Scene, result: Path) -> int:
    """Return how many steps a scene takes where nothing happens to it."""
    return int(outcome(scene, result)["steps"])
