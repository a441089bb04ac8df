"""The steps that build the staging tables from `sql/`, check them, and publish what passed."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any

import dagster as dg
import duckdb

from pipeline.assets.presentation import (
    OWNERS,
    column_lineage,
    path_metadata,
    plot,
    preview,
    schema_metadata,
    source_tables,
)
from pipeline.assets.workspace import Workspace
from pipeline.checks import rules, runner
from pipeline.checks.runner import Result
from pipeline.corrections import CorrectionError
from pipeline.ingest.feeds import FeedsError
from pipeline.official import OfficialError
from pipeline.settings import Settings
from pipeline.store import batches, publish, retention, staging
from pipeline.store.increment import Base
from pipeline.tables import DATA_QUALITY, PUBLISHED, Table

_SCHEMA = ("columns", "nulls", "key", "vocabulary", "references")

Event = dg.MaterializeResult[None] | dg.AssetCheckResult


def asset_check(check_name: str) -> str:
    """Return the asset check under which Dagster shows a rule: the rules of one kind are shown as one."""
    if check_name in _SCHEMA:
        return "schema"
    return "spans" if check_name.startswith("span_") else check_name


def _check_specs() -> list[dg.AssetCheckSpec]:
    grouped: dict[tuple[str, str], list[tuple[str, bool]]] = {}
    for table, name, description, blocking in rules.declared(datetime.now(UTC).date()):
        grouped.setdefault((table, asset_check(name)), []).append((description, blocking))
    return [
        dg.AssetCheckSpec(check, asset=table, description="; ".join(d for d, _ in rules_), blocking=rules_[0][1])
        for (table, check), rules_ in grouped.items()
    ]


def _specs(queries: Mapping[str, str]) -> list[dg.AssetSpec]:
    specs = []
    for table in PUBLISHED:
        sql = queries.get(table.name, "")
        specs.append(
            dg.AssetSpec(
                table.name,
                deps=sorted(source_tables(sql, queries))
                if table is not DATA_QUALITY
                else [t.name for t in staging.BUILT],
                group_name="marts" if table.layer == "mart" else "core",
                kinds={"duckdb", "sql"},
                owners=OWNERS,
                description=table.description + (f"\n\n```sql\n{sql}\n```" if sql else ""),
                metadata=schema_metadata(table) | {"dagster/column_lineage": column_lineage(table, sql)},
            )
        )
    return specs


def _outcomes(results: Sequence[Result]) -> Iterator[dg.AssetCheckResult]:
    grouped: dict[tuple[str, str], list[Result]] = {}
    for result in results:
        grouped.setdefault((result.table_name, asset_check(result.check_name)), []).append(result)
    for (table, check), group in grouped.items():
        yield dg.AssetCheckResult(
            passed=all(result.passed for result in group),
            asset_key=table,
            check_name=check,
            severity=dg.AssetCheckSeverity.ERROR if group[0].blocking else dg.AssetCheckSeverity.WARN,
            metadata=_numbers(group),
        )


def _numbers(group: Sequence[Result]) -> dict[str, float]:
    """Return the values of checks and of what is behind them, which Dagster plots over time."""
    found = {result.check_name: result.value for result in group}
    for result in group:
        found |= {label: float(value) for label, _, value in (told.rpartition(": ") for told in result.details)}
    return found


def _materialized(connection: duckdb.DuckDBPyConnection, table: Table) -> dg.MaterializeResult[None]:
    metadata: dict[str, dg.MetadataValue[Any]] = {
        "dagster/row_count": dg.MetadataValue.int(runner.count(connection, table.name)),
        "preview": preview(connection, table),
        **plot(connection, table),
    }
    return dg.MaterializeResult(asset_key=table.name, metadata=metadata)


def _in_order(settings: Settings) -> list[Table]:
    """Return the published tables, each after those it is made from, as Dagster wants them reported."""
    place = {name: number for number, name in enumerate(staging.queries(settings.sql_folder))}
    return sorted(PUBLISHED, key=lambda table: place.get(table.name, len(place)))


def _build(workspace: Workspace, base: Base | None) -> Iterator[Event]:
    settings = workspace.settings
    last = publish.current(settings)
    with staging.open_staging(settings, fresh=True, base=base) as connection:
        taken = staging.build(connection, settings, base)
        results = runner.run(connection, last.rows if last else {}, workspace.now().date(), taken)
        runner.keep(connection, results)
        rows = {table.name: runner.count(connection, table.name) for table in PUBLISHED}
        shown = [_materialized(connection, table) for table in _in_order(settings)]
    staging.write_manifest(settings, rows, [asdict(result) for result in results], taken)
    yield from shown
    yield from _outcomes(results)


def _unchanged(settings: Settings, release: publish.Release) -> Iterator[Event]:
    """Report the published tables as they are: nothing that decides their rows has changed."""
    connection = duckdb.connect(str(settings.database), read_only=True)
    try:
        results = [Result(*row) for row in connection.sql("SELECT * FROM data_quality").fetchall()]
    finally:
        connection.close()
    for table in _in_order(settings):
        yield dg.MaterializeResult(asset_key=table.name, metadata={"dagster/row_count": release.rows[table.name]})
    yield from _outcomes(results)


def up_to_date(settings: Settings) -> publish.Release | None:
    """Return what is published if it is what a build would make now, else None."""
    release = publish.current(settings)
    if release is None or not publish.opens(settings.database) or release.fingerprint != staging.fingerprint(settings):
        return None
    return release


def build_tables(settings: Settings) -> dg.AssetsDefinition:
    """Return the step that builds and checks every table of `sql/`."""

    @dg.multi_asset(name="tables", specs=_specs(staging.queries(settings.sql_folder)), check_specs=_check_specs())
    def tables(workspace: dg.ResourceParam[Workspace]) -> Iterator[Event]:
        """Build every table in a staging database, from what is new where the last release allows it, and check it."""
        settings = workspace.settings
        release = up_to_date(settings)
        if release is not None:
            yield from _unchanged(settings, release)
            return
        try:
            yield from _build(workspace, publish.base(settings))
        except (staging.SqlError, CorrectionError, FeedsError, OfficialError) as error:
            raise dg.Failure(str(error), allow_retries=False) from error

    return tables


@dg.asset(
    key="published",
    deps=[table.name for table in PUBLISHED],
    group_name="publish",
    kinds={"duckdb", "parquet"},
    owners=OWNERS,
    description="The database and the Parquet files that analysts open, replaced once every check has passed.",
    freshness_policy=dg.FreshnessPolicy.time_window(fail_window=timedelta(hours=50), warn_window=timedelta(hours=26)),
)
def published(workspace: dg.ResourceParam[Workspace]) -> dg.MaterializeResult[None]:
    """Publish the staging tables, unless what is published is the same; forget what the settings do not keep."""
    settings = workspace.settings
    release = up_to_date(settings)
    changed = release is None
    if release is None:
        now = workspace.now().isoformat(timespec="microseconds")
        try:
            release = publish.publish(settings, now, round(time.monotonic() - workspace.started, 2))
        except publish.PublishError as error:
            raise dg.Failure(str(error), allow_retries=False) from error
        batches.remove_old_versions(settings)
    forgotten = retention.forget(settings, dg.AssetExecutionContext.get().instance, workspace.now())
    return dg.MaterializeResult(
        metadata={
            "changed": changed,
            "release": release.release_id,
            "database": path_metadata(settings.database),
            "rows": sum(release.rows.values()),
            "warnings": len(release.failed_checks),
            **forgotten,
        }
    )
