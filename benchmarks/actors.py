"""Actors: joining a million mentions across documents, on invented names.

    ./run bench actors [--mentions 1000000]

The names are drawn by Zipf's law from full names, surnames alone, names with initials and bodies, so that every rule of
`sql/actor_matches.sql` has work. The figure is the seconds and the peak memory of the tables on actors, beside the mere
copying of the mentions by DuckDB. What extraction costs is `refresh`'s business.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.refresh import peak
from pipeline import tables
from pipeline.checks.runner import count
from pipeline.settings import Settings
from pipeline.store import batches, staging
from pipeline.tables import Table

ACTOR_TABLES = ("mentions", "statements", "actors", "actor_roles", "actor_corrections", "actor_redirects")
MENTIONS_A_DOCUMENT = 50
NAMES = 60_000
BATCH = 5_000


def write(folder: Path, table: Table, columns: dict[str, object], size: int) -> None:
    """Write one batch file; what is not given is null."""
    schema = table.arrow_schema()
    arrays = [pa.array(columns[f.name], f.type) if f.name in columns else pa.nulls(size, f.type) for f in schema]
    fields = [f if f.name in columns else f.with_nullable(True) for f in schema]
    folder.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table(arrays, schema=pa.schema(fields)), folder / f"{table.name}.parquet", compression="zstd")


def warehouse(folder: Path, mentions: int, documents: int) -> Settings:
    """Write the batches of so many documents with so many mentions in all; return the settings of their warehouse."""
    settings = Settings(warehouse=folder, corrections=folder / "none.yaml")
    generator = np.random.default_rng(7)
    full = np.array([f"Anna{n % 700}a Berg{n}sen" for n in range(NAMES)])
    kinds = (full, np.array([f"Berg{n}sen" for n in range(NAMES)]),
             np.array([f"Anna{n % 700}a J. Berg{n}sen" for n in range(NAMES)]),
             np.array([f"Ministry of Works {n}" for n in range(NAMES)]))  # fmt: skip
    for first in range(0, documents, BATCH):
        count = min(BATCH, documents - first)
        doc_ids = np.array([f"{n:032x}" for n in range(first, first + count)])
        size = round(mentions / documents * count)
        which, kind = generator.zipf(1.3, size) % NAMES, generator.choice(4, size, p=[0.5, 0.3, 0.05, 0.15])
        names = np.choose(kind, [names[which] for names in kinds])
        ids = np.char.lower(np.char.replace(np.char.replace(names, ".", ""), " ", "-"))
        docs = doc_ids[np.arange(size) % count]
        batch = f"{first:020x}"
        write(settings.warehouse / "ingest" / batch, tables.SOURCE_DOCUMENTS, {
            "doc_id": doc_ids, "text": np.char.add(doc_ids, " x" * 500), "text_sha256": doc_ids, "raw_uri": doc_ids,
            "published_on": generator.integers(16_000, 20_000, count).astype("datetime64[D]"),
            "word_count": [500] * count, "date_basis": ["metadata"] * count, "raw_sha256": doc_ids,
            "ingested_at": np.zeros(count, "datetime64[us]"),
        }, count)  # fmt: skip
        write(settings.warehouse / "ingest" / batch, tables.REJECTED_DOCUMENTS, {}, 0)
        done = batches.extract_folder(settings) / batch
        order = np.arange(size)
        write(done, tables.EXTRACTED_MENTIONS, {
            "mention_id": np.char.add(docs, order.astype(str)), "doc_id": docs, "start_char": order % 900,
            "end_char": order % 900 + 10, "text": names, "mention_type": ["name"] * size,
            "entity_label": ["PERSON"] * size, "actor_id": ids,
        }, size)  # fmt: skip
        _, once = np.unique(np.char.add(docs, ids), return_index=True)
        body = kind[once] == 3
        write(done, tables.EXTRACTED_ACTORS, {
            "doc_id": docs[once], "actor_id": ids[once], "name": names[once],
            "actor_type": np.where(body, "government_body", "person"),
            "country": np.where(which[once] % 3 == 0, "EST", "POL"), "role": np.where(body, "", "Minister"),
            "named": [True] * len(once), "placed": which[once] % 5 == 0, "listed": [False] * len(once),
            "aliases": [[name] for name in names[once]],
        }, len(once))  # fmt: skip
        for table in tables.EXTRACTED:
            if table not in (tables.EXTRACTED_MENTIONS, tables.EXTRACTED_ACTORS):
                write(done, table, {}, 0)
    return settings


def needed(queries: dict[str, str]) -> dict[str, str]:
    """Return the queries of the tables on actors and of all that they are made from, in their order."""
    found = set(ACTOR_TABLES)
    for name, sql in reversed(queries.items()):  # each comes after those it needs
        if name in found:
            found.update(staging.needs(sql))
    return {name: sql for name, sql in queries.items() if name in found}


def build(settings: Settings) -> dict[str, float]:
    """Build the tables on actors in this process; return the seconds of the copy and of the tables, and the rows."""
    with staging.open_staging(settings, fresh=True) as connection:
        staging.attach_inputs(connection, settings)
        start = time.perf_counter()
        connection.execute("CREATE TABLE copied AS SELECT * FROM extracted_mentions ORDER BY mention_id")
        copied = time.perf_counter() - start
        start = time.perf_counter()
        for name, sql in needed(staging.queries(settings.sql_folder)).items():
            staging.build_table(connection, name, sql)
        seconds = time.perf_counter() - start
        rows = {name: count(connection, name) for name in ("mentions", "actors")}
    return {"copied": copied, "seconds": seconds, "peak": peak(), **rows}


def measured(folder: Path) -> dict[str, float]:
    """Build in a process of its own, so that its memory is its own."""
    command = [sys.executable, "-m", "benchmarks.actors", "--build", str(folder)]
    found: dict[str, float] = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return found


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(prog="./run bench actors", description=__doc__.split("\n")[0])
    parser.add_argument("--mentions", type=int, default=1_000_000)
    parser.add_argument("--build", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.build is not None:
        print(json.dumps(build(Settings(warehouse=options.build, corrections=options.build / "none.yaml"))))
        return
    with tempfile.TemporaryDirectory(prefix="communique-bench-") as name:
        many = Path(name) / "many"
        warehouse(many, options.mentions, options.mentions // MENTIONS_A_DOCUMENT)
        found = measured(many)
        print(f"{found['mentions']:,} mentions of {found['actors']:,} actors resolved, beside copying the mentions:")
        ratio = found["seconds"] / found["copied"]
        print(f"    {found['seconds']:.1f} s against {found['copied']:.1f} s: {ratio:.1f} times  (bar 60 s)")
        print(f"    peak memory {found['peak'] / 1e6:,.0f} MB  (bar 2,000 MB)")


if __name__ == "__main__":
    main()
