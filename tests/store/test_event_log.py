"""Dagster's records, kept open while a run writes them, are those that Dagster itself would have written."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import dagster as dg

from pipeline.refresh import home, instance


@dg.asset(check_specs=[dg.AssetCheckSpec("sound", asset="grain")])
def grain() -> dg.MaterializeResult:
    return dg.MaterializeResult(check_results=[dg.AssetCheckResult(passed=True, metadata={"rows": 3})])


@dg.asset(deps=[grain])
def flour() -> None:
    raise dg.Failure("the mill is broken")


_JOB = dg.Definitions(
    assets=[grain, flour], jobs=[dg.define_asset_job("mill")], executor=dg.in_process_executor
).resolve_job_def("mill")


def _run(opened: dg.DagsterInstance) -> str:
    quiet = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
    return _JOB.execute_in_process(instance=opened, run_config=quiet, raise_on_error=False).run_id


def _told(opened: dg.DagsterInstance, run_id: str) -> list[tuple[str | None, str | None]]:
    events = [(entry.step_key, entry.dagster_event_type) for entry in opened.all_logs(run_id)]
    return [(step, kind and kind.value) for step, kind in events]


def test_dagster_reads_what_was_written_as_if_it_had_written_it(tmp_path: Path) -> None:
    with instance(tmp_path / "ours") as opened:
        ours = _run(opened)
        second = _run(opened)
        during = _told(opened, ours)
    with dg.DagsterInstance.from_config(str(home(tmp_path / "plain"))) as opened:
        plain = _told(opened, _run(opened))
    with dg.DagsterInstance.from_config(str(home(tmp_path / "ours"))) as opened:
        assert _told(opened, ours) == during == plain
        assert _told(opened, second) == plain
        assert opened.get_run_by_id(second).status is dg.DagsterRunStatus.FAILURE
        last = opened.get_latest_materialization_event(dg.AssetKey("grain"))
        assert last is not None and last.run_id == second
        assert len(opened.fetch_materializations(dg.AssetKey("grain"), limit=9).records) == 2
        checks = opened.event_log_storage.get_asset_check_execution_history(
            dg.AssetCheckKey(dg.AssetKey("grain"), "sound"), limit=9
        )
        assert [check.status.value for check in checks] == ["SUCCEEDED", "SUCCEEDED"]


def test_a_page_that_shows_the_run_sees_its_file_change(tmp_path: Path) -> None:
    with instance(tmp_path) as opened:
        run_id = _run(opened)
        file = tmp_path / "dagster" / "history" / "runs" / f"{run_id}.db"
        before = file.stat().st_mtime_ns
        opened.report_engine_event("more", run_id=run_id, job_name="mill")
        assert file.stat().st_mtime_ns > before


def test_nothing_stays_open_or_unwritten(tmp_path: Path) -> None:
    with instance(tmp_path) as opened:
        run_id = _run(opened)
    folder = tmp_path / "dagster" / "history" / "runs"
    assert not list(folder.glob("*-wal"))
    with sqlite3.connect(folder / f"{run_id}.db") as connection:
        assert connection.execute("SELECT count(*) FROM event_logs").fetchone()[0] > 10
    with sqlite3.connect(folder / "index.db") as connection:
        assert connection.execute("SELECT count(*) FROM asset_keys").fetchone()[0] == 2
