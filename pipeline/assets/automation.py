"""When a refresh starts by itself: every hour, and when a file lands in an inbox."""

from __future__ import annotations

from hashlib import sha256

import dagster as dg
from dagster._core.definitions.unresolved_asset_job_definition import UnresolvedAssetJobDefinition

from pipeline.ingest.records import InboxError
from pipeline.ingest.scan import scan
from pipeline.settings import Settings

_SECONDS = 20


def refresh_schedule(job: UnresolvedAssetJobDefinition, settings: Settings) -> dg.ScheduleDefinition:
    """Return the schedule that refreshes every hour; COMMUNIQUE_AUTOMATION=off leaves it stopped."""
    return dg.ScheduleDefinition(
        name="scheduled_refresh",
        job=job,
        cron_schedule=settings.schedule,
        execution_timezone="UTC",
        default_status=dg.DefaultScheduleStatus.RUNNING if settings.automation else dg.DefaultScheduleStatus.STOPPED,
        description="Asks the feeds and refreshes the tables, every hour unless COMMUNIQUE_SCHEDULE says otherwise.",
    )


def inbox_state(settings: Settings) -> str:
    """Return a hash over names, sizes and times of all files in the inboxes.

    Raises:
        InboxError: an inbox is missing or no folder.
    """
    digest = sha256()
    for inbox in settings.inboxes:
        for file in scan(inbox):
            digest.update(f"{inbox}\0{file.raw_uri}\0{file.size}\0{file.mtime_ns}\n".encode())
    return digest.hexdigest()[:16]


def inbox_sensor(job: UnresolvedAssetJobDefinition, settings: Settings) -> dg.SensorDefinition:
    """Return the sensor that refreshes when the inboxes have changed and been still since the last look."""

    @dg.sensor(
        name="inbox_sensor",
        job=job,
        minimum_interval_seconds=_SECONDS,
        default_status=dg.DefaultSensorStatus.RUNNING if settings.automation else dg.DefaultSensorStatus.STOPPED,
        description="Refreshes the tables when a file in an inbox is new or has changed.",
    )
    def sensor(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
        try:
            state = inbox_state(settings)
        except InboxError as error:
            return dg.SkipReason(str(error))
        seen, _, done = (context.cursor or "").partition(" ")
        if state == done:
            return dg.SkipReason("nothing new in the inboxes")
        if state != seen:  # a file may still be growing: look once more before reading it
            context.update_cursor(f"{state} {done}")
            return dg.SkipReason("the inboxes are changing")
        context.update_cursor(f"{state} {state}")
        return dg.SensorResult(run_requests=[dg.RunRequest(run_key=state)])

    return sensor
