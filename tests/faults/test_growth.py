"""Documents that come one by one are merged on the way, and end in the same rows and tables as all at once."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from pipeline.store.compaction import FACTOR
from tests.faults.conftest import Clean, write_spool
from tests.faults.scenes import finish, outcome


def test_one_at_a_time(clean: Clean, tmp_path: Path) -> None:
    """Each refresh brings one document; there are never more batches than two tiers hold, and nothing changes."""
    files = sorted(clean.scene.inbox.iterdir())
    (tmp_path / "inbox").mkdir()
    scene = replace(clean.scene, act="store", inbox=tmp_path / "inbox", warehouse=tmp_path / "warehouse")
    write_spool(scene.warehouse)
    most = 0
    for file in files:
        (scene.inbox / file.name).hardlink_to(file)
        found = outcome(scene, tmp_path / "found.json")
        most = max(most, found["batches"])
        assert found["remains"] == []
    assert FACTOR - 1 <= most <= 2 * FACTOR
    assert found["stored"] == clean.stored
    assert finish(scene, None) == 0
    again = outcome(replace(scene, act="whole"), tmp_path / "again.json")
    assert (again["batches"], again["published"]) == (found["batches"], clean.published)


def test_nothing_new_writes_nothing(clean: Clean, tmp_path: Path) -> None:
    """A refresh with nothing new leaves every file of the batches and the ledger as it was."""
    scene = replace(clean.scene, act="whole")
    folders = [scene.warehouse / name for name in ("ingest", "extract", "raw", "ledger.sqlite", "release.json")]
    files = [path for folder in folders for path in (folder, *folder.rglob("*"))]
    before = {path: path.stat().st_mtime_ns for path in files}
    assert outcome(scene, tmp_path / "found.json")["published"] == clean.published
    assert {path: path.stat().st_mtime_ns for path in files} == before
