"""What a publish costs: seconds, peak memory and bytes for warehouses of invented statements.

    ./run bench publish [--statements 1000000 10000000]

The staging database is that of `benchmarks.sql`; it is built first, and a process of its own publishes it as a refresh
does: the database and every table as Parquet, put in place. Copying the database file once more is the baseline.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import duckdb

from benchmarks import sql
from pipeline.settings import Settings
from pipeline.store import staging
from pipeline.tables import PUBLISHED

_PUBLISH = """
import sys, time
from pathlib import Path
from benchmarks.refresh import peak
from pipeline.settings import Settings
from pipeline.store.publish import publish
start = time.perf_counter()
publish(Settings(warehouse=Path(sys.argv[1])), "2026-01-01T00:00:00.000000+00:00", 0.0)
print(time.perf_counter() - start, peak())
"""


def measure(folder: Path, statements: int) -> None:
    """Print what a publish of so many statements costs."""
    settings = Settings(warehouse=folder)
    start = time.perf_counter()
    database, _ = sql.build(folder, statements)
    built = time.perf_counter() - start
    with duckdb.connect(str(database), read_only=True) as connection:
        rows = {table.name: connection.sql(f"FROM {table.name}").count("*").fetchall()[0][0] for table in PUBLISHED}
    staging.write_manifest(settings, rows, checks=[], taken=None)
    copy = folder / "copy"
    start = time.perf_counter()
    shutil.copyfile(database, copy)
    with copy.open("rb") as written:
        os.fsync(written.fileno())
    copied = time.perf_counter() - start
    copy.unlink()
    command = [sys.executable, "-c", _PUBLISH, str(folder)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.split()
    seconds, peak = float(done[0]), float(done[1])
    size = settings.database.stat().st_size
    parquet = sum(file.stat().st_size for file in (folder / "tables").glob("*.parquet"))
    release = json.loads((folder / "release.json").read_text(encoding="utf-8"))
    print(f"{statements:,} statements, {sum(release['rows'].values()):,} rows in all, built in {built:.0f} s:")
    print(
        f"    published in {seconds:.1f} s, {seconds / copied:.1f} times a copy of the file  (bar 60 s for 10 million)"
    )
    print(f"    peak memory {peak / 1e6:,.0f} MB  (bar 4,000 MB)")
    print(f"    database {size / 1e9:.2f} GB, Parquet {parquet / 1e9:.2f} GB")


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(prog="./run bench publish", description=__doc__.split("\n")[0])
    parser.add_argument("--statements", type=int, nargs="+", default=[1_000_000, 10_000_000])
    for statements in parser.parse_args(arguments).statements:
        with tempfile.TemporaryDirectory(prefix="communique-bench-") as name:
            measure(Path(name), statements)


if __name__ == "__main__":
    main()
