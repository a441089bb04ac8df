"""Forgetting what the settings do not keep: raw bytes of long ago, Dagster's old runs, old rounds of feeds.

What is in the tables is never touched. Old releases are `publish`'s, old extractions `batches`' business.
"""

from __future__ import annotations

import time
from datetime import datetime, timedelta

import dagster as dg

from pipeline.settings import Settings
from pipeline.store.feed_state import FeedStates

_DAY = 24 * 3600
_RUNS_AT_ONCE = 200  # more would make the first refresh after a change of the setting a long one


def forget(settings: Settings, instance: dg.DagsterInstance, now: datetime) -> dict[str, int]:
    """Forget what is older than the settings keep; return how many of each were forgotten.

    Args:
        settings: `keep_raw_days` and `keep_runs_days`.
        instance: Dagster's records.
        now: the time, with its zone.
    """
    before = now - timedelta(days=settings.keep_runs_days)
    ended = dg.RunsFilter(
        statuses=[dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.CANCELED],
        created_before=before,
    )
    runs = instance.get_runs(ended, limit=_RUNS_AT_ONCE, ascending=True)
    for run in runs:
        instance.delete_run(run.run_id)
    if settings.feed_states.is_file():
        with FeedStates(settings.feed_states) as states:
            states.forget_rounds(before.replace(tzinfo=None))
    return {"runs forgotten": len(runs), "raw inputs forgotten": _forget_raw(settings)}


def _forget_raw(settings: Settings) -> int:
    folder = settings.warehouse / "raw"
    if not settings.keep_raw_days or not folder.is_dir():
        return 0
    since = time.time() - settings.keep_raw_days * _DAY
    old = [path for path in folder.glob("*/*") if path.is_file() and path.stat().st_mtime < since]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)
