"""Faults: refreshes that are killed, starved of space or damaged, and whether anything is lost, doubled or wrong then.

    ./run bench faults [--seeds 50] [--all]

First the faults of `tests/faults`, with other draws: processes that die or find the disk full at a step (with `--all`,
at every step), and files that are damaged. Then whole refreshes through Dagster with the model, as many as there are
seeds, killed at a moment drawn at random. After each fault a refresh is left alone, and all rows are compared with
those of one that nothing happened to. How the faults are made is in `tests.faults.scenes`.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from itertools import product
from pathlib import Path

from pipeline.settings import ROOT
from tests.faults import test_crashes as crashes
from tests.faults import test_damage as damages
from tests.faults.conftest import Clean, clean_refresh
from tests.faults.scenes import published
from tests.warehouses import write_articles

DRAWN = 40
"""Steps at which a scene is hurt, where it is not at all of them."""


class Count:
    """Faults by their kind, and what went wrong after them."""

    def __init__(self) -> None:
        self.faults, self.wrong = 0, list[str]()

    def add(self, kind: str, faults: int, wrong: Sequence[str]) -> None:
        """Count faults, and print them."""
        self.faults += faults
        self.wrong += wrong
        print(f"    {kind}: {faults} faults, {len(wrong)} wrong", flush=True)


def at_steps(clean: Clean, folder: Path, count: Count, steps: int) -> None:
    """Hurt each scene of the tests at its steps."""
    scenes: list[crashes.Prepare] = list(crashes.STORES)
    for scene, kind in product(scenes, ("kill", "full")):
        place = folder / f"{scene.__name__}-{kind}"
        place.mkdir()
        faults = crashes.drawn(scene, clean, place, (kind, steps, 1))
        told = f"{scene.__name__.replace('_', ' ')}, {'killed' if kind == 'kill' else 'disk full'} at a step"
        count.add(told, len(faults), crashes.all_hurt(scene, clean, place, faults, {"stored": clean.stored}))
    grown, expected = crashes.grown_warehouse(clean, folder)
    for kind in ("kill", "full"):
        place = folder / f"publish-{kind}"
        place.mkdir()
        ready = crashes.copies_of(grown)
        faults = crashes.drawn(ready, clean, place, (kind, steps, 1))
        told = f"publish, {'killed' if kind == 'kill' else 'disk full'} at a step"
        count.add(told, len(faults), crashes.all_hurt(ready, clean, place, faults, {"published": expected}))


def in_files(clean: Clean, folder: Path, count: Count) -> None:
    """Damage each file of the warehouse at several places."""
    folder.mkdir()
    cases = [[(file, how, place)] for file, how, place in product(damages.FILES, damages.HOW, (3, 1009, 5003))]
    count.add("files damaged", len(cases), damages.all_after(clean, folder, cases))


def whole_refreshes(folder: Path, count: Count, seeds: int) -> None:
    """Kill refreshes through Dagster, with the model, once a seed; leave each fourth one alone, and compare it."""
    write_articles(folder / "inbox")
    expected = published(_refreshed(folder, folder / "untouched"))
    length = _timed(lambda: _refreshed(folder, folder / "timed"))
    wrong, warehouse = [], folder / "killed-0"
    for seed in range(seeds):
        _killed(folder, warehouse, random.Random(seed).uniform(0.05, 1.0) * length)
        if seed % 4 == 3 or seed == seeds - 1:
            if published(_refreshed(folder, warehouse)) != expected:
                wrong.append(f"whole refresh, seeds up to {seed}")
            shutil.rmtree(warehouse)
            warehouse = folder / f"killed-{seed + 1}"
    count.add(f"whole refreshes of {length:.1f} s, killed at random", seeds, wrong)


def _timed(work: Callable[[], object]) -> float:
    start = time.monotonic()
    work()
    return time.monotonic() - start


def _command(folder: Path, warehouse: Path) -> list[str]:
    command = [sys.executable, "-m", "pipeline.cli", "refresh", "--quiet"]
    return [*command, "--inbox", str(folder / "inbox"), "--warehouse", str(warehouse)]


_ENVIRONMENT = {**os.environ, "COMMUNIQUE_BATCH_SIZE": "1"}


def _refreshed(folder: Path, warehouse: Path) -> Path:
    """Refresh a warehouse; return it.

    Raises:
        SystemExit: the refresh failed.
    """
    command = _command(folder, warehouse)
    done = subprocess.run(command, cwd=ROOT, env=_ENVIRONMENT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"error: a refresh that was left alone failed: {done.stderr}")
    return warehouse


def _killed(folder: Path, warehouse: Path, seconds: float) -> None:
    process = subprocess.Popen(
        _command(folder, warehouse), cwd=ROOT, env=_ENVIRONMENT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        start_new_session=True,
    )  # fmt: skip
    time.sleep(seconds)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark; return 1 if anything was lost, doubled or wrong."""
    parser = argparse.ArgumentParser(prog="./run bench faults", description=__doc__.split("\n")[0])
    parser.add_argument("--seeds", type=int, default=50, help="whole refreshes that are killed")
    parser.add_argument("--all", action="store_true", help="every step of a scene, not some that are drawn")
    options = parser.parse_args(arguments)
    count = Count()
    with tempfile.TemporaryDirectory(prefix="communique-bench-") as name:
        folder = Path(name)
        print("faults, each followed by a refresh whose rows are compared:")
        clean = clean_refresh(folder / "clean")
        at_steps(clean, folder, count, 10**6 if options.all else DRAWN)
        in_files(clean, folder / "files", count)
        whole_refreshes(folder, count, options.seeds)
    print(f"faults: {count.faults}; lost, doubled or wrong after: {len(count.wrong)}  (bar 0 of 200)")
    for wrong in count.wrong:
        print(wrong)
    return 1 if count.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
