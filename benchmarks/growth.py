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


def measure(folder: Path, seeds: Settings, documents: int) -> tuple[float, float, float]:
    """Return the seconds of the first build, those of a refresh with new documents, and the peak memory in bytes."""
    settings = Settings(inboxes=(folder / "in",), warehouse=folder / "w")
    draw = random.Random(SEED + documents)
    home(settings.warehouse)
    grow(settings, seeds, documents)
    seconds, peaks = [], []
    for number in range(REPEATS + 1):
        write(folder / "in", str(number), draw, NEW)
        taken, peak = timed_refresh(folder / "in", folder / "w")
        seconds.append(taken)
        peaks.append(peak)
    return seconds[0], median(seconds[1:]), max(peaks)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(prog="./run bench growth", description=__doc__.split("\n")[0])
    parser.add_argument("--documents", type=int, nargs="+", default=[100, 5_000, 10_000, 100_000])
    sizes = parser.parse_args(arguments).documents
    with tempfile.TemporaryDirectory(prefix="communique-bench-") as name:
        seeds = Settings(inboxes=(Path(name) / "in",), warehouse=Path(name) / "seeds")
        write(seeds.inboxes[0], "seeds", random.Random(SEED), SEEDS)
        assert refresh(Workspace(seeds)).succeeded
        base = None
        for documents in sizes:
            folder = Path(name) / str(documents)
            first, later, peak = measure(folder, seeds, documents)
            base = base or later
            size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
            print(f"{documents:,} documents ({size / 1e6:,.0f} MB on disk), first built in {first:.1f} s:")
            print(f"    with {NEW} new: {later:.2f} s, {later / base:.2f} times the smallest", flush=True)
            print(f"    peak memory {peak / 1e6:,.0f} MB", flush=True)


if __name__ == "__main__":
    main()
