"""Batches are few however the documents came, merging is bounded, and the ledger's hash does not know of batches."""

from __future__ import annotations

import random
import sqlite3
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.store.compaction import FACTOR, FULL, MOST, concatenate, plan
from pipeline.store.ledger import Ledger
from pipeline.tables import EXTRACTED_FIGURES


def grown(arrivals: Iterable[int]) -> tuple[dict[str, int], int]:
    """Let batches of so many documents arrive one by one; return those in the end, and the documents rewritten."""
    weights: dict[str, int] = {}
    rewritten = 0
    for number, documents in enumerate(arrivals):
        weights[f"b{number:06}"] = documents
        for names in plan(weights):
            weights[names[0]] = sum(weights.pop(name) for name in names)
            rewritten += weights[names[0]]
    return weights, rewritten


@pytest.mark.parametrize("documents", [1, 3, 10, 64])
def test_batches_stay_few(documents: int) -> None:
    """Thousands of refreshes leave a handful of batches a tier, and write a document at most four times again."""
    count = 40_000 // documents
    weights, rewritten = grown([documents] * count)
    assert sum(weights.values()) == documents * count
    assert len(weights) <= (FACTOR - 1) * 4 + documents * count // FULL
    assert rewritten <= 4 * documents * count


def test_batches_stay_few_whatever_comes() -> None:
    """Batches of all sizes end within the bounds: no tier is crowded, none that is merged is too large."""
    draw = random.Random(5)
    weights, _ = grown([draw.choice((1, 2, 7, 64, 64, 500, 9000)) for _ in range(2000)])
    tiers = Counter((weight.bit_length() - 1) // 3 for weight in weights.values() if weight < FULL)
    assert max(tiers.values()) < FACTOR
    assert all(weight <= MOST or weight == 9000 for weight in weights.values())


def test_archive_is_merged_once() -> None:
    """What a first load of an archive leaves is merged in one go: each document is written once again."""
    groups = plan({f"b{number:05}": 64 for number in range(1000)})
    assert sum(map(len, groups)) == 1000
    assert all(len(names) * 64 <= MOST for names in groups)


def test_full_batches_are_left(tmp_path: Path) -> None:
    """A full batch is not merged again, nor are fewer small ones than a tier holds."""
    assert plan({f"full-{number}": FULL for number in range(50)}) == []
    assert plan({f"b{number}": 1 for number in range(FACTOR - 1)}) == []


def test_rows_are_concatenated(tmp_path: Path) -> None:
    """Rows keep their order; a column that a file lacks is null, one that is not declared is kept."""
    schema = EXTRACTED_FIGURES.arrow_schema()
    for number in range(3):
        row = dict.fromkeys(schema.names) | {"figure_id": f"f{number}", "start_char": number}
        nullable = pa.schema([field.with_nullable(True) for field in schema])
        table = pa.Table.from_pylist([row], schema=nullable)
        table = table.drop(["sentence"]) if number == 0 else table.append_column("later", pa.array([number]))
        pq.write_table(table, tmp_path / f"{number}.parquet")
    concatenate([tmp_path / f"{n}.parquet" for n in range(3)], tmp_path / "all.parquet", EXTRACTED_FIGURES)
    found = pq.read_table(tmp_path / "all.parquet")
    assert found.column_names == [*schema.names, "later"]
    assert found["figure_id"].to_pylist() == ["f0", "f1", "f2"]
    assert found["later"].to_pylist() == [None, 1, 2]
    assert found["start_char"].type == pa.int32()


def test_content_does_not_know_of_batches(tmp_path: Path) -> None:
    """The hash depends on which ids there are, not on their order, their batches, or how often they were told."""
    with Ledger(tmp_path / "one") as one, Ledger(tmp_path / "two") as two:
        assert one.content() == two.content()
        one.add_batch("b", ["a", "b", "c"], 3)
        two.add_batch("b1", ["c"], 1)
        two.add_batch("b2", ["b", "a"], 2)
        assert one.content() == two.content()
        two.replace_batches(["b1", "b2"], [("b3", 3)])
        two.add_batch("b3", ["a"], 3)
        assert one.content() == two.content() and two.batches() == {"b3": 3}
        two.add_batch("b4", ["d"], 1)
        assert one.content() != two.content()


def test_ledger_of_an_earlier_version(tmp_path: Path) -> None:
    """A ledger without a hash gets the one of the ids that it knows."""
    with sqlite3.connect(tmp_path / "old") as connection:
        connection.execute("CREATE TABLE batches (batch_id TEXT PRIMARY KEY, documents INTEGER NOT NULL) WITHOUT ROWID")
        connection.execute("CREATE TABLE known (id TEXT PRIMARY KEY) WITHOUT ROWID")
        connection.execute("INSERT INTO batches VALUES ('b', 2)")
        connection.executemany("INSERT INTO known VALUES (?)", [("x",), ("y",)])
    connection.close()
    with Ledger(tmp_path / "old") as old, Ledger(tmp_path / "new") as new:
        new.add_batch("b", ["y", "x"], 2)
        assert (old.content(), old.batches()) == (new.content(), new.batches())
        old.check()
