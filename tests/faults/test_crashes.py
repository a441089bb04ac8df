"""Killed at any step that changes the disk, or finding it full there: the next refresh ends as if nothing had been."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.store import batches
from tests.faults.conftest import Clean, write_spool
from tests.faults.scenes import Fault, Scene, finish, fresh, hurt, outcome, spoil, steps

Prepare = Callable[[Clean, Path], Scene]


def from_nothing(clean: Clean, warehouse: Path) -> Scene:
    """Ingest, extract and merge everything."""
    write_spool(warehouse)
    return replace(clean.scene, act="store", warehouse=warehouse)


def another_extractor(clean: Clean, warehouse: Path) -> Scene:
    """Divide the merged batch, extract its parts with another extractor, and merge them again."""
    return replace(fresh(clean.scene, clean.scene.warehouse, warehouse), act="store", version="two")


def damaged_batch(clean: Clean, warehouse: Path) -> Scene:
    """Take the documents of a damaged batch from the published database, and extract them again."""
    scene = replace(fresh(clean.scene, clean.scene.warehouse, warehouse), act="store")
    spoil(batches.batches(scene.settings)[0] / "source_documents.parquet", "flip", 5)
    return scene


def damaged_batch_alone(clean: Clean, warehouse: Path) -> Scene:
    """Read the documents of a damaged batch again, from the inbox and from the raw bytes of feeds."""
    scene = damaged_batch(clean, warehouse)
    shutil.rmtree(warehouse / "releases")
    for path in (scene.settings.database, warehouse / "release.json"):
        path.unlink()
    return scene


def lost_ledger(clean: Clean, warehouse: Path) -> Scene:
    """Make the ledger anew from the batches."""
    scene = replace(fresh(clean.scene, clean.scene.warehouse, warehouse), act="store")
    (warehouse / "ledger.sqlite").unlink()
    return scene


STORES = (from_nothing, another_extractor, damaged_batch, damaged_batch_alone, lost_ledger)
FAULTS: dict[Prepare, int] = {
    from_nothing: 30,
    another_extractor: 15,
    damaged_batch: 15,
    damaged_batch_alone: 10,
    lost_ledger: 12,
}


def all_hurt(
    prepare: Prepare, clean: Clean, folder: Path, faults: list[Fault], expected: dict[str, dict[str, str]]
) -> list[str]:
    """Hurt a warehouse of its own with each fault, two at a time; return what went wrong."""

    def one(number: int) -> str | None:
        scene = prepare(clean, folder / f"warehouse-{number}")
        try:
            return hurt(scene, faults[number], folder / f"{number}.json", expected)
        finally:
            shutil.rmtree(scene.warehouse)

    with ThreadPoolExecutor(2) as pool:
        return [wrong for wrong in pool.map(one, range(len(faults))) if wrong is not None]


def drawn(prepare: Prepare, clean: Clean, folder: Path, wanted: tuple[str, int, int]) -> list[Fault]:
    """Return faults at steps drawn from those that a scene takes, the first and the last among them.

    Wanted are a kind, a number at most, and a seed.
    """
    kind, count, seed = wanted
    last = steps(prepare(clean, folder / "counted"), folder / "counted.json")
    places = random.Random(seed).sample(range(2, last), min(count, last) - 2)
    return [Fault(place, kind) for place in sorted([1, *places, last])]


@pytest.mark.parametrize("prepare", STORES)
def test_killed_at_a_step(clean: Clean, tmp_path: Path, prepare: Prepare) -> None:
    """A process that dies at a step loses, doubles and changes nothing, and leaves no rubbish."""
    faults = drawn(prepare, clean, tmp_path, ("kill", FAULTS[prepare], 0))
    assert all_hurt(prepare, clean, tmp_path, faults, {"stored": clean.stored}) == []


@pytest.mark.parametrize("prepare", [from_nothing, damaged_batch])
def test_disk_full_at_a_step(clean: Clean, tmp_path: Path, prepare: Prepare) -> None:
    """A write for which there is no space ends in words that say so; with space, all is as it should be."""
    faults = drawn(prepare, clean, tmp_path, ("full", 10, 0))
    assert all_hurt(prepare, clean, tmp_path, faults, {"stored": clean.stored}) == []


def grown_warehouse(clean: Clean, folder: Path) -> tuple[Scene, dict[str, str]]:
    """Return a published warehouse with more documents built and not yet published, and what it publishes."""
    scene = replace(fresh(clean.scene, clean.scene.warehouse, folder / "grown"), inbox=folder / "grown-inbox")
    shutil.copytree(clean.scene.inbox, scene.inbox)
    (scene.inbox / "new.txt").write_text("Finland said it would buy drones for 40 million euros.\n", encoding="utf-8")
    for act in ("store", "build"):
        assert finish(replace(scene, act=act), None) == 0
    once = replace(fresh(scene, scene.warehouse, folder / "once"), act="publish")
    return replace(scene, act="publish"), outcome(once, folder / "once.json")["published"]


def copies_of(scene: Scene) -> Prepare:
    """Return what prepares a copy of a scene."""
    return lambda _, warehouse: fresh(scene, scene.warehouse, warehouse)


@pytest.fixture(scope="module")
def grown(clean: Clean, tmp_path_factory: pytest.TempPathFactory) -> tuple[Scene, dict[str, str]]:
    """Return a warehouse that is to be published, and what is published then."""
    return grown_warehouse(clean, tmp_path_factory.mktemp("grown"))


@pytest.mark.parametrize(("kind", "count"), [("kill", 18), ("full", 6)])
def test_publish_hurt_at_a_step(
    clean: Clean, grown: tuple[Scene, dict[str, str]], tmp_path: Path, kind: str, count: int
) -> None:
    """A publish that is killed, or that has no space, is finished or done again by the next refresh."""
    scene, expected = grown
    faults = drawn(copies_of(scene), clean, tmp_path, (kind, count, 0))
    assert all_hurt(copies_of(scene), clean, tmp_path, faults, {"published": expected}) == []
