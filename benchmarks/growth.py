"""What a refresh costs as a warehouse grows: seconds with ten new documents, and peak memory.

    ./run bench growth [--documents 100 5000 10000 100000]

A few hundred invented articles are extracted; their batches are then copied under other ids and days, so that a
warehouse of any size is there without reading it for hours. Refreshes that are timed are whole ones, each in a process
of its own: gather, ingest, extract, build, check, publish, report.
"""

from __future__ import annotations

import argparse
import json
import random
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import median

import duckdb

from benchmarks.refresh import refresh as timed_refresh
from benchmarks.year import article
from pipeline import tables
from pipeline.assets.workspace import Workspace
from pipeline.refresh import home, refresh
from pipeline.settings import Settings
from pipeline.store import batches
from pipeline.store.ledger import Ledger
from pipeline.store.sums import whole_folder

SEED = 20261124
SEEDS = 100  # articles that are extracted
BATCH = 41  # copies of these in a batch: more than compaction merges again
APART = 14  # days between two copies: they are no copies of each other's text
NEW = 10
REPEATS = 3
_IDS = {"doc_id", "mention_id", "statement_id", "figure_id", "spending_id", "text_sha256", "raw_sha256", "external_id"}


def write(inbox: Path, name: str, draw: random.Random, count: int) -> None:
    """Write so many invented articles of today into an inbox."""
    inbox.mkdir(parents=True, exist_ok=True)
    lines = [
        {"text": article(draw.randrange(10**9), draw), "published_on": "2025-06-01", "source": "News"}
        for _ in range(count)
    ]
    (inbox / f"{name}.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")


def _copied(table: tables.Table) -> Iterator[str]:
    """Yield the columns of a copy: other ids, another day."""
    for column in table.columns:
        if column.name in _IDS:
            yield f"md5({column.name} || ':' || copy)[:16] AS {column.name}"
        elif column.name == "published_on":
            yield f"CAST(published_on - {APART} * CAST(copy AS INTEGER) AS DATE) AS published_on"
        elif column.name == "url":
            yield "NULL::VARCHAR AS url"
        else:
            yield f'"{column.name}"'


def _copy(source: Sequence[Path], target: Path, table: tables.Table, copies: range) -> None:
    with duckdb.connect() as connection:
        connection.execute(
            f"COPY (SELECT {', '.join(_copied(table))} FROM read_parquet($files), range($start, $stop) AS copies(copy))"
            f" TO '{target}' (FORMAT parquet, COMPRESSION zstd)",
            {"files": [str(file) for file in source], "start": copies.start, "stop": copies.stop},
        )


def grow(settings: Settings, seeds: Settings, documents: int) -> None:
    """Put copies of the batches of `seeds` into a warehouse, so many documents in all."""
    there = batches.batches(seeds)
    done = batches.extract_folder(seeds)
    whole = documents // SEEDS
    for start in range(0, whole, BATCH):
        copies = range(start, min(start + BATCH, whole))
        name = f"{start:020}"
        for parent, given, of_folder in (
            (batches.ingest_folder(settings), there, tables.INGESTED),
            (batches.extract_folder(settings), [done / batch.name for batch in there], tables.EXTRACTED),
        ):
            parent.mkdir(parents=True, exist_ok=True)
            with whole_folder(parent / name) as folder:
                for table in of_folder:
                    file = f"{table.name}.parquet"
                    _copy([batch / file for batch in given], folder / file, table, copies)
        with duckdb.connect() as connection:
            ids = connection.execute(
                "SELECT doc_id FROM read_parquet(?)",
                [str(batches.ingest_folder(settings) / name / "source_documents.parquet")],
            ).fetchall()
        with Ledger(settings.warehouse / "ledger.sqlite") as ledger:
            ledger.add_batch(name, [doc_id for (doc_id,) in ids], len(ids))


class Grown:
    """A warehouse of some size, with what its refreshes took."""

    def __init__(self, folder: Path, seeds: Settings, documents: int) -> None:
        """Build it."""
        self.folder, self.documents, self.draw = folder, documents, random.Random(SEED + documents)
        settings = Settings(inboxes=(folder / "in",), warehouse=folder / "w")
        home(settings.warehouse)
        grow(settings, seeds, documents)
        self.seconds: list[float] = []
        self.peaks: list[int] = []
        self.refresh()

    def refresh(self) -> None:
        """Refresh it with new documents."""
        write(self.folder / "in", str(len(self.seconds)), self.draw, NEW)
        seconds, peak = timed_refresh(self.folder / "in", self.folder / "w")
        self.seconds.append(seconds)
        self.peaks.append(peak)

    @property
    def later(self) -> float:
        """The seconds of a refresh after the first, the median of those that were timed."""
        return median(self.seconds[1:])


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(prog="./run bench growth", description=__doc__.split("\n")[0])
    parser.add_argument("--documents", type=int, nargs="+", default=[100, 5_000, 10_000, 100_000])
    sizes = parser.parse_args(arguments).documents
    with tempfile.TemporaryDirectory(prefix="communique-bench-") as name:
        seeds = Settings(inboxes=(Path(name) / "in",), warehouse=Path(name) / "seeds")
        write(seeds.inboxes[0], "seeds", random.Random(SEED), SEEDS)
        assert refresh(Workspace(seeds)).succeeded
        grown = [Grown(Path(name) / str(documents), seeds, documents) for documents in sizes]
        for _ in range(REPEATS):  # in turns, for the machine's speed changes in a quarter of an hour
            for one in grown:
                one.refresh()
        for one in grown:
            size = sum(file.stat().st_size for file in one.folder.rglob("*") if file.is_file())
            print(f"{one.documents:,} documents ({size / 1e6:,.0f} MB on disk), first built in {one.seconds[0]:.1f} s:")
            print(f"    with {NEW} new: {one.later:.2f} s, {one.later / grown[0].later:.2f} times the smallest")
            print(f"    peak memory {max(one.peaks) / 1e6:,.0f} MB")


if __name__ == "__main__":
    main()
