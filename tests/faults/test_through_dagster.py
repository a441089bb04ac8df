"""Damage as a user meets it: a whole refresh through Dagster mends it, or ends in words."""

from __future__ import annotations

import shutil
from pathlib import Path

from pipeline.store.sums import SUMS
from tests.faults.scenes import published, spoil
from tests.warehouses import ARTICLES, run, write_articles


def test_damage_is_mended_or_told(tmp_path: Path) -> None:
    """What is damaged is made anew before a build; a document that can be had no more ends in words."""
    inbox, warehouse = tmp_path / "inbox", tmp_path / "warehouse"
    write_articles(inbox, ARTICLES[:1])
    assert run(inbox, warehouse).succeeded
    [statements] = warehouse.glob("extract/*/*/extracted_statements.parquet")
    [source] = warehouse.glob("ingest/*/source_documents.parquet")
    spoil(statements, "flip", 11)
    spoil(source, "short", 11)
    write_articles(inbox, ARTICLES[:2])
    assert run(inbox, warehouse).succeeded
    assert [len(list(warehouse.glob(f"{part}/{SUMS}"))) for part in ("ingest/*", "extract/*/*")] == [2, 2]
    assert run(inbox, tmp_path / "clean").succeeded
    assert published(warehouse) == published(tmp_path / "clean")

    for source in warehouse.glob("ingest/*/source_documents.parquet"):
        spoil(source, "flip", 3)
    shutil.rmtree(inbox)
    write_articles(inbox, ARTICLES[2:3])
    (warehouse / "communique.duckdb").unlink()
    shutil.rmtree(warehouse / "releases")
    outcome = run(inbox, warehouse)
    assert not outcome.succeeded
    [message] = outcome.errors
    assert "source_documents.parquet is damaged" in message and "Give the inbox that they came from" in message
