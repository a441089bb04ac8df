"""Files are whole or absent; the lock is held by one; the ledger remembers."""

from __future__ import annotations

import os
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from pipeline.store.files import Busy, RawFiles, beside, lock, remove_partial, write_rows
from pipeline.store.ledger import Ledger
from pipeline.tables import EXTRACTED_FIGURES

FIGURE = {
    "figure_id": "f",
    "doc_id": "d",
    "start_char": 0,
    "end_char": 2,
    "text": "2%",
    "kind": "percent",
    "low": 2.0,
    "high": 2.0,
    "qualifier": None,
    "unit": "percent",
    "sentence": "2%",
}


def test_file_appears_only_when_whole(tmp_path: Path) -> None:
    """After an error the target is not there, nor what was written beside it."""
    with pytest.raises(RuntimeError), beside(tmp_path / "x") as partial:
        partial.write_text("half")
        raise RuntimeError
    assert list(tmp_path.iterdir()) == []


def test_folder_appears_only_when_whole(tmp_path: Path) -> None:
    """After an error a folder is not there either, and the error is the writer's own."""
    with pytest.raises(OSError, match="full"), beside(tmp_path / "x") as partial:
        partial.mkdir()
        (partial / "a").write_text("whole")
        raise OSError("full")
    assert list(tmp_path.iterdir()) == []


def test_content_is_on_the_disk_before_the_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a power cut must not undo is waited for: every file, then the folder, then the name."""
    done: list[tuple[str, str]] = []
    known: dict[int, Path] = {}
    opened, synced, replaced = os.open, os.fsync, os.replace

    def note_open(path: Path, *arguments: int) -> int:
        descriptor = opened(path, *arguments)
        known[descriptor] = Path(path)
        return descriptor

    def note_sync(descriptor: int) -> None:
        done.append(("sync", known[descriptor].name.split(".partial")[0]))
        synced(descriptor)

    def note_replace(source: Path, target: Path) -> None:
        done.append(("name", Path(target).name))
        replaced(source, target)

    monkeypatch.setattr(os, "open", note_open)
    monkeypatch.setattr(os, "fsync", note_sync)
    monkeypatch.setattr(os, "replace", note_replace)
    with beside(tmp_path / "b") as partial:
        partial.mkdir()
        (partial / "one").write_text("1")
        (partial / "two").write_text("2")
    assert set(done[:3]) == {("sync", "one"), ("sync", "two"), ("sync", "b")}
    assert done[3:] == [("name", "b"), ("sync", tmp_path.name)]
    done.clear()
    raw = RawFiles(tmp_path / "raw")
    digests = [raw.keep(b"one"), raw.keep(b"two")]
    assert done == []
    raw.settle()
    assert set(done[:2]) == {("sync", digest) for digest in digests}
    assert {("name", digest) for digest in digests} <= set(done[2:])
    assert set(done[-2:]) == {("sync", digest[:2]) for digest in digests}


def test_remains_are_removed(tmp_path: Path) -> None:
    """What a killed process left half-written goes; whole files stay."""
    (tmp_path / "a.parquet").write_text("whole")
    (tmp_path / "b.parquet.partial-1234").write_text("half")
    (tmp_path / "c.partial-1234").mkdir()
    remove_partial(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["a.parquet"]


def test_raw_bytes_are_kept_once(tmp_path: Path) -> None:
    """The same bytes have one file, named by their hash, which is there once they are settled."""
    raw = RawFiles(tmp_path / "raw")
    digest = raw.keep(b"news")
    assert raw.keep(b"news") == digest and not (tmp_path / "raw").exists()
    raw.settle()
    again = RawFiles(tmp_path / "raw")
    assert again.keep(b"news") == digest
    again.settle()
    assert [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()] == [b"news"]
    assert (tmp_path / "raw" / digest[:2] / digest).is_file()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"text": None}, "text must not be null"),
        ({"low": "two"}, "does not fit"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_bad_row_is_refused(tmp_path: Path, change: dict[str, object], message: str) -> None:
    """A row that breaks the declaration is an error that names the column, and no file is written."""
    with pytest.raises(ValueError, match=message):
        write_rows(tmp_path / "figures.parquet", EXTRACTED_FIGURES, [{**FIGURE, **change}])
    assert list(tmp_path.iterdir()) == []


def test_rows_come_back(tmp_path: Path) -> None:
    """What is written is read again, with the declared types."""
    write_rows(tmp_path / "figures.parquet", EXTRACTED_FIGURES, [FIGURE])
    assert pq.read_table(tmp_path / "figures.parquet").to_pylist() == [FIGURE]


def test_lock_is_held_by_one(tmp_path: Path) -> None:
    """While it is held nobody else gets it; afterwards anybody does."""
    with lock(tmp_path / "l"), pytest.raises(Busy, match="another refresh"), lock(tmp_path / "l", wait=0.2):
        pass
    with lock(tmp_path / "l"):
        pass


def test_ledger_remembers(tmp_path: Path) -> None:
    """Batches, their ids and files are known after the ledger is opened again."""
    with Ledger(tmp_path / "ledger.sqlite") as ledger:
        ledger.add_batch("b1", ["d1", "r1"], 1)
        ledger.add_files([("in", "a.txt", 10, 99)])
    with Ledger(tmp_path / "ledger.sqlite") as ledger:
        assert ledger.batches() == {"b1": 1}
        assert ledger.knows("d1") and ledger.knows("r1") and not ledger.knows("d2")
        assert ledger.has_file("in", "a.txt", 10, 99)
        assert not ledger.has_file("in", "a.txt", 11, 99)
