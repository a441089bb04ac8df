"""Killed from outside at any moment, two at once, clocks that go back, disks that are too small or only to be read."""

from __future__ import annotations

import errno
import os
import random
import shutil
import subprocess
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from pipeline.store import batches
from tests.faults.conftest import Clean, write_spool
from tests.faults.scenes import TOLD, UNTOLD, Fault, Scene, child, ending, finish, outcome
from tests.warehouses import mounted


def from_nothing(clean: Clean, folder: Path, act: str = "whole") -> Scene:
    """Return a scene on a new warehouse."""
    write_spool(folder / "warehouse")
    return replace(clean.scene, act=act, warehouse=folder / "warehouse")


def test_killed_at_any_moment(clean: Clean, tmp_path: Path) -> None:
    """Whole refreshes that are killed at moments drawn at random, several in a row, end in the same tables."""
    started = time.monotonic()
    assert finish(from_nothing(clean, tmp_path / "timed"), None) == 0
    length = time.monotonic() - started
    draw = random.Random(20251124)
    for warehouse in range(6):
        scene = from_nothing(clean, tmp_path / str(warehouse))
        for _ in range(4):
            process = child(scene)
            time.sleep(draw.uniform(0.02, length))
            process.kill()
            ending(process)
        found = outcome(scene, tmp_path / f"{warehouse}.json")
        assert (found["stored"], found["published"], found["remains"]) == (clean.stored, clean.published, [])


@pytest.mark.parametrize("lock_wait", [0, 60])
def test_two_at_once(clean: Clean, tmp_path: Path, lock_wait: int) -> None:
    """The second refresh waits for the first, or ends with a word; they never interleave."""
    scene = replace(from_nothing(clean, tmp_path), lock_wait=lock_wait)
    processes = [child(scene, None, tmp_path / f"{number}.json") for number in range(3)]
    ends = sorted(map(ending, processes))
    assert ends[0] == 0 and set(ends) <= ({0} if lock_wait else {0, UNTOLD})
    assert all("is at work on" in path.read_text(encoding="utf-8") for path in tmp_path.glob("*.error"))
    found = outcome(scene, tmp_path / "after.json")
    assert (found["stored"], found["published"], found["remains"]) == (clean.stored, clean.published, [])


@pytest.mark.parametrize("days", [-100, 0])
def test_clock_that_goes_back(clean: Clean, tmp_path: Path, days: int) -> None:
    """A clock that was put back, or stands still, changes no row and stops no publish."""
    scene = from_nothing(clean, tmp_path)
    kept = tmp_path / "kept"
    shutil.copytree(scene.inbox, tmp_path / "inbox")
    (tmp_path / "inbox" / "more.jsonl").rename(kept)
    scene = replace(scene, inbox=tmp_path / "inbox")
    assert finish(scene, None) == 0
    kept.rename(tmp_path / "inbox" / "more.jsonl")
    found = outcome(replace(scene, now=scene.now + timedelta(days=days)), tmp_path / "found.json")
    assert found["stored"] == clean.stored
    assert {**found["published"], "data_quality": ""} == {**clean.published, "data_quality": ""}


def test_clock_that_makes_documents_of_the_future(clean: Clean, tmp_path: Path) -> None:
    """By a clock before the day of a document nothing is published; by the right one, everything is."""
    scene = from_nothing(clean, tmp_path)
    assert finish(replace(scene, act="store"), None) == 0
    assert finish(replace(scene, now=scene.now - timedelta(days=400)), None, tmp_path / "early.json") == UNTOLD
    assert "documents.published_on" in (tmp_path / "early.error").read_text(encoding="utf-8")
    found = outcome(scene, tmp_path / "found.json")
    assert (found["stored"], found["published"], found["remains"]) == (clean.stored, clean.published, [])


def test_release_that_is_there_already(clean: Clean, tmp_path: Path) -> None:
    """A publish at the very time of one that was killed is put beside it, not into it."""
    scene = from_nothing(clean, tmp_path)
    assert finish(scene, None) == 0
    (scene.warehouse / "release.json").unlink()
    assert outcome(scene, tmp_path / "found.json")["published"] == clean.published
    assert len(list((scene.warehouse / "releases").iterdir())) == 1


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Return a folder on a small disk of its own."""
    with mounted(tmp_path / "disk", 100) as disk:
        yield disk


def resize(disk: Path, kilobytes: int, *options: str) -> None:
    """Change the size of a small disk."""
    wanted = ",".join(["remount", f"size={kilobytes}k", *options])
    subprocess.run(["mount", "-o", wanted, str(disk)], capture_output=True, check=True)


def test_disk_that_is_too_small(clean: Clean, small_disk: Path, tmp_path: Path) -> None:
    """On a real disk that fills up and is enlarged again and again, each refresh goes on where it stopped."""
    write_spool(small_disk / "warehouse")
    scene = replace(clean.scene, warehouse=small_disk / "warehouse")
    ends = []
    for size in (120, 160, 240, 360, 500, 800, 1300, 2000, 3000, 5000):
        resize(small_disk, size)
        ends.append(finish(scene, Fault(0, "full"), tmp_path / f"{size}.json"))
    assert TOLD in ends and set(ends) <= {TOLD, 0}, ends
    resize(small_disk, 50_000)
    found = outcome(scene, tmp_path / "found.json")
    assert (found["stored"], found["published"], found["remains"]) == (clean.stored, clean.published, [])


def test_disk_that_is_only_read(clean: Clean, small_disk: Path, tmp_path: Path) -> None:
    """A warehouse that cannot be written is named, and nothing is changed; once it can be, all goes on."""
    resize(small_disk, 50_000)
    write_spool(small_disk / "warehouse")
    scene = replace(clean.scene, warehouse=small_disk / "warehouse")
    for _ in range(2):  # a new warehouse, and one that is full of batches
        resize(small_disk, 50_000, "ro")
        (tmp_path / "inbox").mkdir(exist_ok=True)
        grown = replace(scene, inbox=tmp_path / "inbox")
        (tmp_path / "inbox" / "new.txt").write_text("Finland said it would buy drones.\n", encoding="utf-8")
        assert finish(grown, None, tmp_path / "found.json") == UNTOLD
        assert os.strerror(errno.EROFS) in (tmp_path / "found.error").read_text(encoding="utf-8")
        resize(small_disk, 50_000, "rw")
        assert outcome(scene, tmp_path / "found.json")["stored"] == clean.stored
    assert batches.document_count(scene.settings) == batches.document_count(clean.scene.settings)


@pytest.mark.parametrize("size", [1000, 5000, 20_000, 100_000, 300_000])
def test_files_that_may_not_grow(clean: Clean, tmp_path: Path, size: int) -> None:
    """Where the system lets no file grow beyond a size, the refresh fails, and the next one is as if it had not."""
    scene = from_nothing(clean, tmp_path)
    assert finish(scene, Fault(size, "limit"), tmp_path / "limited.json") in (TOLD, UNTOLD)
    found = outcome(scene, tmp_path / "found.json")
    assert (found["stored"], found["published"], found["remains"]) == (clean.stored, clean.published, [])
