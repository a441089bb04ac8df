"""Files that are cut short, flipped in a bit, emptied or gone: found before they are read, and made anew."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import product
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from pipeline import tables
from pipeline.store import batches, mending
from pipeline.store.sums import SUMS
from tests.faults.conftest import Clean
from tests.faults.scenes import Scene, finish, fresh, outcome, spoil, stored

HOW = ("flip", "short", "empty")
FILES = [
    *(f"ingest/*/{table.name}.parquet" for table in tables.INGESTED), f"ingest/*/{SUMS}",
    *(f"extract/*/*/{table.name}.parquet" for table in tables.EXTRACTED), f"extract/*/*/{SUMS}", "ledger.sqlite",
]  # fmt: skip


def after(clean: Clean, folder: Path, name: str, spoiled: Sequence[tuple[str, str, int]]) -> str | None:
    """Spoil files of a copy of the clean warehouse, refresh it, and return what is wrong then, or None."""
    scene = replace(fresh(clean.scene, clean.scene.warehouse, folder / name), act="store")
    for pattern, how, number in spoiled:
        for path in sorted(scene.warehouse.glob(pattern)):
            spoil(path, how, number)
    if finish(scene, None, folder / f"{name}.json"):
        return f"{spoiled}: {(folder / f'{name}.error').read_text(encoding='utf-8')}"
    found = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
    wrong = [table for table, rows in clean.stored.items() if found["stored"][table] != rows]
    shutil.rmtree(scene.warehouse)
    return f"{spoiled}: {wrong + found['remains']}" if wrong or found["remains"] else None


def all_after(clean: Clean, folder: Path, cases: Sequence[Sequence[tuple[str, str, int]]]) -> list[str]:
    """Try each case on a warehouse of its own, two at a time; return what went wrong."""
    with ThreadPoolExecutor(2) as pool:
        found = pool.map(lambda case: after(clean, folder, f"case-{case[0]}", case[1]), enumerate(cases))
        return [wrong for wrong in found if wrong is not None]


def test_damaged_file_is_made_anew(clean: Clean, tmp_path: Path) -> None:
    """Whatever file of a batch is damaged, or the ledger, and however, the next refresh has the rows of a clean one."""
    cases = [[(file, how, number)] for number, (file, how) in enumerate(product(FILES, HOW))]
    assert all_after(clean, tmp_path, cases) == []


def test_flipped_bits_anywhere(clean: Clean, tmp_path: Path) -> None:
    """A bit that flips is found wherever it is: in the ledger's pages, in a Parquet file's data or in its footer."""
    files = ["ledger.sqlite", "ingest/*/source_documents.parquet", "extract/*/*/extracted_statements.parquet"]
    assert all_after(clean, tmp_path, [[(file, "flip", 1 + 101 * n)] for file in files for n in range(8)]) == []


def test_ledger_and_a_batch_at_once(clean: Clean, tmp_path: Path) -> None:
    """Where the ledger is lost and a batch is damaged too, the batch is set aside and its documents are found again."""
    case = [("ledger.sqlite", "empty", 0), ("ingest/*/source_documents.parquet", "flip", 77)]
    assert all_after(clean, tmp_path, [case]) == []


def test_everything_at_once_and_no_inbox(clean: Clean, tmp_path: Path) -> None:
    """With every batch damaged, the ledger gone and the inbox empty, the published database still has the documents."""
    scene = replace(fresh(clean.scene, clean.scene.warehouse, tmp_path / "warehouse"), inbox=tmp_path / "inbox")
    scene.inbox.mkdir()
    (scene.warehouse / "ledger.sqlite").unlink()
    for file in scene.warehouse.glob("ingest/*/*.parquet"):
        spoil(file, "short", 5)
    found = outcome(scene, tmp_path / "found.json")
    assert (found["stored"], found["published"], found["remains"]) == (clean.stored, clean.published, [])


def copied(clean: Clean, folder: Path) -> Scene:
    """Return a scene on a copy of the clean warehouse, whose inbox is a copy too."""
    shutil.copytree(clean.scene.inbox, folder / "inbox")
    return replace(fresh(clean.scene, clean.scene.warehouse, folder / "warehouse"), inbox=folder / "inbox", act="store")


def test_documents_that_are_nowhere(clean: Clean, tmp_path: Path) -> None:
    """Where a document can be had no more, the refresh ends with the file, the number and the way out; nothing changes.

    Either of the ways that it names leads on.
    """
    scene = copied(clean, tmp_path)
    gone = scene.inbox / "article-1-1.txt"
    gone.rename(tmp_path / gone.name)
    shutil.rmtree(scene.warehouse / "releases")
    scene.settings.database.unlink()
    [file] = (scene.warehouse / "ingest").glob("*/source_documents.parquet")
    spoil(file, "flip", 3)
    before = {path: path.read_bytes() for path in (scene.warehouse / "ingest").rglob("*") if path.is_file()}
    with pytest.raises(mending.Damaged, match=r"source_documents\.parquet is damaged.* 1 of the documents.*ledger"):
        mending.mend(scene.settings)
    assert {path: path.read_bytes() for path in (scene.warehouse / "ingest").rglob("*") if path.is_file()} == before

    without = fresh(scene, scene.warehouse, tmp_path / "without")
    (without.warehouse / "ledger.sqlite").unlink()
    found = outcome(without, tmp_path / "without.json")
    assert found["remains"] == [] and [path.name for path in (without.warehouse / "damaged").iterdir()]
    assert found["stored"]["rejected_documents"] == clean.stored["rejected_documents"]
    assert batches.document_count(without.settings) == batches.document_count(clean.scene.settings) - 1

    (tmp_path / gone.name).rename(gone)
    assert outcome(scene, tmp_path / "back.json")["stored"] == clean.stored


def without_sums(scene: Scene) -> None:
    """Take the checksums away, as an earlier version had none."""
    for sums in scene.warehouse.rglob(SUMS):
        sums.unlink()


def test_batches_without_checksums(clean: Clean, tmp_path: Path) -> None:
    """Batches of an earlier version are read once and get checksums; damage that shows in reading is found."""
    scene = copied(clean, tmp_path)
    without_sums(scene)
    assert outcome(scene, tmp_path / "first.json")["stored"] == clean.stored
    assert len(list(scene.warehouse.glob(f"*/**/{SUMS}"))) == 2
    without_sums(scene)
    for file in scene.warehouse.glob("extract/*/*/extracted_mentions.parquet"):
        spoil(file, "short", 12)
    assert outcome(scene, tmp_path / "second.json")["stored"] == clean.stored


def test_batches_with_fewer_columns(clean: Clean, tmp_path: Path) -> None:
    """Batches that lack columns which came later are divided and merged like others; the columns are null then."""
    scene = replace(copied(clean, tmp_path), version="two")
    for file in list(scene.warehouse.glob("ingest/*/source_documents.parquet")):
        pq.write_table(pq.read_table(file).drop(["feed", "retrieved_at"]), file)
    without_sums(scene)
    found = outcome(scene, tmp_path / "found.json")
    assert found["remains"] == [] and found["batches"] == 1
    assert {name for name in clean.stored if found["stored"][name] != clean.stored[name]} == {"source_documents"}
    [now] = batches.ingested_files(scene.settings, "source_documents")
    [before] = batches.ingested_files(clean.scene.settings, "source_documents")
    assert pq.read_table(now)["feed"].null_count == batches.document_count(scene.settings)
    same = ["doc_id", "text", "published_on", "raw_uri"]
    assert pq.read_table(now, columns=same).sort_by("doc_id") == pq.read_table(before, columns=same).sort_by("doc_id")


def test_clean_refresh_is_the_model(clean: Clean) -> None:
    """What is played back is what the model said: the rows of the refresh that was remembered."""
    model = replace(clean.scene, warehouse=clean.scene.warehouse.parent / "model")
    assert stored(model.settings) == clean.stored
