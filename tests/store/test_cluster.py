"""Dask's workers and its scheduler may die, lack the project, or not be there: nothing is lost, and it is said."""

from __future__ import annotations

import os
import random
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from pipeline.extract.records import Document
from pipeline.settings import ROOT, Settings
from pipeline.store import batches, cluster, workers
from pipeline.store.cluster import ClusterError
from pipeline.store.pool import Died
from tests.store.tasks import Task, answer

DASK = Settings(engine="dask", jobs=2)


@contextmanager
def process(*arguments: str, root: Path = ROOT) -> Iterator[subprocess.Popen[bytes]]:
    """Run a program of Dask's with the project in `root`, and end it."""
    started = subprocess.Popen(
        [sys.executable, "-m", *arguments, "--no-dashboard"],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield started
    finally:
        started.terminate()
        started.wait()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def scheduler() -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """Run a scheduler; yield its process and its address."""
    port = free_port()
    with process("distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", str(port)) as started:
        end = time.monotonic() + 30
        while time.monotonic() < end:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        yield started, f"tcp://127.0.0.1:{port}"


def worker(address: str, root: Path = ROOT) -> AbstractContextManager[subprocess.Popen[bytes]]:
    """Run a worker with one thread."""
    return process("distributed.cli.dask_worker", address, "--nthreads", "1", "--host", "127.0.0.1", root=root)


def test_killed_workers_lose_nothing(tmp_path: Path) -> None:
    """On a cluster of our own, workers killed at random moments are started again, and each task is done once."""
    draw = random.Random(7)
    deaths = dict.fromkeys(draw.sample(range(24), 6), 0.0)
    tasks = [Task(number, (draw.uniform(0, 0.008),) if number in deaths else (), str(tmp_path)) for number in range(24)]
    found = dict(cluster.run(answer, tasks, DASK))
    assert len(list(tmp_path.iterdir())) == 6
    assert [found[task][0] for task in tasks] == [number**2 for number in range(24)]  # type: ignore[index]


def test_what_kills_every_worker_is_given_up(tmp_path: Path) -> None:
    """A task over which three workers died is told; the others are done."""
    tasks = [Task(0, (0.0,) * 9, str(tmp_path)), *map(Task, range(1, 4))]
    found = dict(cluster.run(answer, tasks, DASK))
    dead = found[tasks[0]]
    assert isinstance(dead, Died) and dead.times == 3


@pytest.mark.parametrize("listening", [False, True], ids=["no one", "one who never answers"])
def test_scheduler_that_cannot_be_reached(monkeypatch: pytest.MonkeyPatch, listening: bool) -> None:
    """An address at which no scheduler answers is told within a time limit, with the way out."""
    monkeypatch.setattr(cluster, "CONNECT_SECONDS", 1)
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        if listening:
            holder.listen()
        address = f"tcp://127.0.0.1:{holder.getsockname()[1]}"
        began = time.monotonic()
        with pytest.raises(ClusterError, match=f"no Dask scheduler answers at {address} .*--scheduler"):
            next(cluster.run(answer, [Task(0)], Settings(engine="dask", dask_scheduler=address)))
        assert time.monotonic() - began < 20


def test_scheduler_without_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    """A scheduler to which no worker comes is told, and how to start one."""
    monkeypatch.setattr(cluster, "WORKERLESS_SECONDS", 1)
    with scheduler() as (_, address), pytest.raises(ClusterError, match=f"no workers .*dask worker {address}"):
        next(cluster.run(answer, [Task(0)], Settings(engine="dask", dask_scheduler=address)))


def test_scheduler_goes_away(tmp_path: Path) -> None:
    """A scheduler that is killed mid-way ends the work with a word; with a new one the rest is done."""
    tasks = [Task(number) for number in range(300)]
    found: dict[Task, object] = {}
    with scheduler() as (started, address), worker(address):
        results = cluster.run(answer, tasks, Settings(engine="dask", dask_scheduler=address))
        with pytest.raises(ClusterError, match="went away; what is finished is kept"):
            for task, result in results:
                found[task] = result
                if len(found) == 5:
                    started.kill()
    assert 5 <= len(found) < 300


def test_another_version_is_refused(tmp_path: Path) -> None:
    """A worker whose extractor differs gives no rows, but an error that names both versions."""
    other = copy_of_project(tmp_path)
    with (other / "pipeline" / "extract" / "plain.py").open("a", encoding="utf-8") as file:
        file.write("\n# one line more\n")
    settings = Settings(engine="dask")
    ours = batches.extractor_version(settings.extraction)
    told = f"version [0-9a-f]+ .* {ours}: install the same version"
    with scheduler() as (_, address), worker(address, other), pytest.raises(workers.OtherVersion, match=told):
        run_one_part(address)


def test_worker_without_the_project(tmp_path: Path) -> None:
    """A worker that cannot load the project is told, with its words."""
    (tmp_path / "pipeline").mkdir()
    refusing = "raise ModuleNotFoundError(\"No module named 'pipeline'\")\n"
    (tmp_path / "pipeline" / "__init__.py").write_text(refusing, encoding="utf-8")
    told = "cannot load this project .*No module"
    with scheduler() as (_, address), worker(address, tmp_path), pytest.raises(ClusterError, match=told):
        run_one_part(address)


def copy_of_project(folder: Path) -> Path:
    """Return a copy of what decides the extractor's version."""
    for part in ("pipeline", "seeds/reference"):
        shutil.copytree(ROOT / part, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "models").symlink_to(ROOT / "models")
    return folder


def run_one_part(address: str) -> None:
    settings = Settings(engine="dask", dask_scheduler=address)
    part = workers.Part("batch", 0, 1, (Document("d", "Finland said it would buy drones."),))
    next(cluster.run(workers.call(settings), [part], settings))
