"""Running the job `refresh` in this process, for the command line: an instance of Dagster, and what came of the run.

What the job does is in `assets`; how it is shown is in `cli`.
"""

from __future__ import annotations

import gc
import os
import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, redirect_stderr
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TextIO, cast

import dagster as dg
from dagster._core.events import EngineEventData, JobFailureData
from dagster._core.execution.plan.objects import StepFailureData
from dagster._core.instance.ref import InstanceRef
from dagster_shared.error import SerializableErrorInfo

from pipeline.assets.warehouse import up_to_date
from pipeline.assets.workspace import Workspace
from pipeline.definitions import build_definitions, last_steps
from pipeline.ingest import feeds
from pipeline.ingest.records import InboxError
from pipeline.settings import ROOT, Settings
from pipeline.store import batches

_OWN_ERROR = re.compile(r"^(?:pipeline|dagster)[\w.]*: ")
"""What Dagster puts before the words of an error that we raised: they say all by themselves."""

_OWN_TROUBLE = "Exception while writing logger call to event log"
"""How Dagster begins what it prints where its own records cannot be written: that is an outcome like any other."""

INSTANCE_CONFIG = ROOT / "pipeline" / "dagster.yaml"


@dataclass(frozen=True)
class Outcome:
    """Whether a refresh published, and if not, why."""

    succeeded: bool
    errors: list[str]


class _StandardError:
    """Standard error, but for what Dagster prints there of its own troubles."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        return len(text) if text.startswith(_OWN_TROUBLE) else self._stream.write(text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def home(warehouse: Path) -> Path:
    """Return the folder of Dagster's own records for a warehouse, made and configured where it is missing."""
    folder = warehouse / "dagster"
    folder.mkdir(parents=True, exist_ok=True)
    config = folder / "dagster.yaml"
    wanted = INSTANCE_CONFIG.read_text(encoding="utf-8")
    if not config.exists() or config.read_text(encoding="utf-8") != wanted:
        config.write_text(wanted, encoding="utf-8")
    return folder


@contextmanager
def instance(warehouse: Path) -> Iterator[dg.DagsterInstance]:
    """Open Dagster's instance of a warehouse."""
    folder = str(home(warehouse))
    os.environ["DAGSTER_HOME"] = folder
    records = {"module": "pipeline.store.event_log", "class": "Records", "config": {"base_dir": folder}}
    ref = InstanceRef.from_dir(folder, overrides={"storage": {"custom": records}})
    with dg.DagsterInstance.from_ref(ref) as opened:
        yield opened


@dataclass(frozen=True)
class Run:
    """A run of Dagster: `status` in small letters, its start in UTC, and what it took, once it has ended."""

    status: str
    started: str | None
    seconds: float | None


def last_run(warehouse: Path) -> Run | None:
    """Return the run of a warehouse that was started last, None if there is none."""
    with instance(warehouse) as opened:
        records = opened.get_run_records(limit=1)
    if not records:
        return None
    start, end = records[0].start_time, records[0].end_time
    started = None if start is None else f"{datetime.fromtimestamp(start, UTC):%Y-%m-%d %H:%M:%S}"
    seconds = None if start is None or end is None else end - start
    return Run(records[0].dagster_run.status.value.lower(), started, seconds)


@contextmanager
def _without_the_old_in_collections() -> Iterator[None]:
    """Spare the garbage collector what was loaded before a run; looking through it costs a third of a small one."""
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


def refresh(workspace: Workspace) -> Outcome:
    """Run the refresh, its last steps alone where nothing is new; a failure is an outcome, not an exception."""
    settings, shown = workspace.settings, cast(TextIO, _StandardError(sys.stderr))
    with _without_the_old_in_collections(), redirect_stderr(shown), instance(settings.warehouse) as opened:
        job = build_definitions(workspace).resolve_job_def("refresh")

        def run(steps: Sequence[dg.AssetsDefinition] | None = None) -> dg.ExecuteInProcessResult:
            selected = None if steps is None else [step.key for step in steps]
            quiet = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
            return job.execute_in_process(
                instance=opened, raise_on_error=False, run_config=quiet, asset_selection=selected
            )

        if _nothing_is_new(settings) and run(last_steps(settings)).success:
            return Outcome(True, [])
        result = run()
        return Outcome(result.success, _errors(result))


def _nothing_is_new(settings: Settings) -> bool:
    """Tell whether all steps but the last would find nothing to do; those that ask the network may find something."""
    try:
        if settings.world_bank or feeds.read(settings.feeds) or up_to_date(settings) is None:
            return False
        return not batches.pending(settings) and not batches.has_news(settings)
    except (InboxError, feeds.FeedsError):  # the step that is concerned tells of it
        return False


def _errors(result: dg.ExecuteInProcessResult) -> list[str]:
    """Return what went wrong in words a user understands: failures that say so themselves, and failed checks."""
    found = []
    for check in result.get_asset_check_evaluations():
        if not check.passed and check.blocking:
            counts = ", ".join(
                f"{name}: {value.value:g}"
                for name, value in check.metadata.items()
                if isinstance(value, dg.FloatMetadataValue) and value.value
            )
            found.append(f"blocking check {check.check_name} failed on {check.asset_key.to_user_string()} ({counts})")
    if found:
        return found
    for event in result.all_events:
        data = event.event_specific_data
        if isinstance(data, StepFailureData):
            found.append(_reason(data.user_failure_data and data.user_failure_data.description, data.error))
        elif not found and isinstance(data, EngineEventData | JobFailureData) and data.error is not None:
            found.append(_reason(None, data.error))
    return found


def _reason(description: str | None, error: SerializableErrorInfo | None) -> str:
    """Return the innermost cause in one line; Dagster wraps it in errors that tell of steps and resources."""
    while error is not None and error.cause is not None:
        error = error.cause
    message = description or (error.message.strip() if error is not None else "the refresh failed")
    return _OWN_ERROR.sub("", message).split("\n")[0]
