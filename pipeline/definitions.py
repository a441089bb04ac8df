"""What Dagster loads: the assets with their checks, the job, the schedule, the sensor.

Read this after the README, then `tables.py`, and you know the whole system.
"""

from __future__ import annotations

import dagster as dg

from pipeline.assets.automation import inbox_sensor, refresh_schedule
from pipeline.assets.expenditure import official_expenditure
from pipeline.assets.extraction import extraction
from pipeline.assets.gathering import gathering
from pipeline.assets.ingestion import source_documents
from pipeline.assets.mirroring import mirrored
from pipeline.assets.reporting import report
from pipeline.assets.warehouse import build_tables, published
from pipeline.assets.workspace import Workspace, held
from pipeline.settings import Settings

REFRESH = dg.define_asset_job(
    "refresh",
    selection=dg.AssetSelection.all(),
    description="From feeds and inboxes to the tables: gather, ingest, extract, build, audit, publish, report.",
)


def last_steps(settings: Settings) -> list[dg.AssetsDefinition]:
    """Return the steps that a refresh takes even where nothing is new."""
    return [published, report, *([mirrored] if settings.remote else [])]


def build_definitions(workspace: Workspace) -> dg.Definitions:
    """Return everything, for one workspace; tests and the command line bring their own."""
    return dg.Definitions(
        assets=[
            gathering(workspace.settings),
            source_documents,
            extraction,
            official_expenditure,
            build_tables(workspace.settings),
            *last_steps(workspace.settings),
        ],
        jobs=[REFRESH],
        schedules=[refresh_schedule(REFRESH, workspace.settings)],
        sensors=[inbox_sensor(REFRESH, workspace.settings)],
        resources={"workspace": held(workspace)},
        executor=dg.in_process_executor,
    )


defs = build_definitions(Workspace(Settings.from_environment()))
