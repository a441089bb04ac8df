"""Extraction in several processes against one: how much faster, and what the processor pays for it.

    ./run bench scaling [--documents 200] [--jobs 2] [--engine local]

Reads `data/news/whitehouse.jsonl.gz` of COMMUNIQUE_SHARED (default ../shared). Each run is a process of its own. To
start processes and to load models costs seconds whatever the number of documents: each engine extracts a few documents
and many, and what the many cost more is compared. Run it on a machine that does nothing else.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from benchmarks.refresh import ROOT, news, write
from pipeline.settings import Settings
from pipeline.store import batches, workers

FEW = 30


class Cost(NamedTuple):
    """Seconds by the clock, and seconds of processor time: of the process that asks, and of all together."""

    wall: float
    asking: float
    all: float

    def minus(self, other: Cost) -> Cost:
        """Return what this cost more than another."""
        return Cost(self.wall - other.wall, self.asking - other.asking, self.all - other.all)


def extract(inbox: Path, warehouse: Path, jobs: int, engine: str) -> Cost:
    """Ingest, then extract in this process's charge; return what extraction cost."""
    settings = Settings(inboxes=(inbox,), warehouse=warehouse, jobs=jobs, engine=engine)
    batches.ingest(settings, datetime(2025, 1, 1))
    wall, own, others = time.perf_counter(), _processor(resource.RUSAGE_SELF), _processor(resource.RUSAGE_CHILDREN)
    workers.extract_pending(settings, lambda _: None)
    own, others = _processor(resource.RUSAGE_SELF) - own, _processor(resource.RUSAGE_CHILDREN) - others
    return Cost(time.perf_counter() - wall, own, own + others)


def _processor(who: int) -> float:
    used = resource.getrusage(who)
    return used.ru_utime + used.ru_stime


def measured(inbox: Path, warehouse: Path, jobs: int, engine: str) -> Cost:
    """Extract in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.scaling", "--one", str(inbox), str(warehouse), str(jobs), engine]
    answer = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return Cost(*json.loads(answer))


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(prog="./run bench scaling", description=__doc__.split("\n")[0])
    parser.add_argument("--documents", type=int, default=200)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--engine", choices=("local", "dask"), default="local")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--one", nargs=4, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.one:
        inbox, warehouse, jobs, engine = options.one
        print(json.dumps(extract(Path(inbox), Path(warehouse), int(jobs), engine)))
        return
    with tempfile.TemporaryDirectory(prefix="communique-bench-") as name:
        _compare(Path(name), options.documents, options.jobs, options.engine, options.rounds)


def _compare(folder: Path, documents: int, jobs: int, engine: str, rounds: int) -> None:
    lines = news(documents)
    few, many = (write(folder / f"in-{size}", lines[:size]).parent for size in (FEW, documents))
    ratios, wholes = [], []
    print(f"{len(lines)} documents, {jobs} processes ({engine}) against one; without what {FEW} documents cost:")
    for number in range(rounds):
        cost = {}
        for count, kind in ((1, "local"), (jobs, engine)):
            place = folder / f"w-{number}-{kind}-{count}"
            start = measured(few, place / "few", count, kind)
            whole = measured(many, place / "many", count, kind)
            cost[count] = whole, whole.minus(start)
        (whole_one, one), (whole_all, several) = cost[1], cost[jobs]
        ratios.append(one.wall / several.wall)
        wholes.append(whole_one.wall / whole_all.wall)
        print(
            f"    {one.wall:.1f} s against {several.wall:.1f} s: {ratios[-1]:.2f}   (whole, start and models included: "
            f"{wholes[-1]:.2f})   processor: {one.all:.1f} s against {several.all:.1f} s, "
            f"{several.asking:.1f} s of them in the process that asks",
            flush=True,
        )
    bar = "  (bar 1.8)" if jobs == 2 else ""
    print(f"median: {statistics.median(ratios):.2f}{bar}; whole: {statistics.median(wholes):.2f}")


if __name__ == "__main__":
    main()
