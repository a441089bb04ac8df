"""Which steps a refresh takes: all of them, or where nothing is new its last ones alone."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import dagster as dg
import pytest

from pipeline.assets.workspace import Workspace
from pipeline.refresh import instance, refresh
from pipeline.settings import Settings
from pipeline.store import batches
from tests.warehouses import ARTICLES, write_articles

LAST = {"published", "report"}


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Return the settings of a warehouse that one refresh has made."""
    folder = tmp_path_factory.mktemp("refresh")
    write_articles(folder / "inbox")
    settings = Settings(inboxes=(folder / "inbox",), warehouse=folder / "warehouse", feeds=folder / "none")
    assert "tables" in steps(settings)
    return settings


@pytest.fixture
def settings(published: Settings, tmp_path: Path) -> Settings:
    """Return the settings of such a warehouse that a test may change."""
    shutil.copytree(published.warehouse, tmp_path / "warehouse")
    return replace(published, warehouse=tmp_path / "warehouse")


def steps(settings: Settings) -> set[str]:
    """Refresh; return the steps that were taken."""
    outcome = refresh(Workspace(settings))
    assert outcome.errors == []
    with instance(settings.warehouse) as opened:
        run = opened.get_run_records(limit=1)[0].dagster_run
        assert run.status is dg.DagsterRunStatus.SUCCESS
        return {entry.step_key for entry in opened.all_logs(run.run_id) if entry.step_key}


def test_nothing_new(settings: Settings) -> None:
    """Dagster is told that what is published was looked at, and of nothing that was not."""
    assert steps(settings) == LAST
    with instance(settings.warehouse) as opened:
        record = opened.get_latest_materialization_event(dg.AssetKey("published"))
    assert record is not None and record.asset_materialization is not None
    assert record.asset_materialization.metadata["changed"].value is False


def test_new_file(settings: Settings, tmp_path: Path) -> None:
    """A file that lands in an inbox is read, and the next refresh is a short one again."""
    (tmp_path / "other").mkdir()
    settings = replace(settings, inboxes=(*settings.inboxes, tmp_path / "other"))
    assert steps(settings) == LAST
    (tmp_path / "other" / "late.txt").write_text(ARTICLES[0] + "\nIt was late.", encoding="utf-8")
    assert "tables" in steps(settings)
    assert batches.document_count(settings) == len(ARTICLES) + 1
    assert steps(settings) == LAST


@pytest.mark.parametrize("lost", ["extract", "communique.duckdb", "ledger.sqlite"])
def test_something_is_lost(settings: Settings, lost: str) -> None:
    """What is missing is made anew, though no document is new."""
    path = settings.warehouse / lost
    (shutil.rmtree if path.is_dir() else Path.unlink)(path)
    assert "extraction" in steps(settings)
    assert path.exists()


def test_feeds(settings: Settings, tmp_path: Path) -> None:
    """Where the list of feeds cannot be read, the refresh fails and says so; it is not passed over."""
    feeds = tmp_path / "feeds.yaml"
    feeds.write_text("- name\n", encoding="utf-8")
    (error,) = refresh(Workspace(replace(settings, feeds=feeds))).errors
    assert feeds.name in error
