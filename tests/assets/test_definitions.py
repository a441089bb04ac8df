"""What Dagster loads: every asset told fully, every table checked, and the automation as the settings say."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import dagster as dg
import pytest
import yaml
from dagster._core.definitions.assets.graph.asset_graph import AssetGraph

from pipeline.assets.workspace import Workspace
from pipeline.definitions import build_definitions
from pipeline.definitions import defs as loaded
from pipeline.refresh import INSTANCE_CONFIG, home
from pipeline.settings import Settings
from pipeline.store.staging import BUILT
from pipeline.tables import EXTRACTED, PUBLISHED, SOURCE_DOCUMENTS, Table


@pytest.fixture(scope="module")
def defs() -> dg.Definitions:
    """Return the definitions of a warehouse with default settings."""
    return build_definitions(Workspace(Settings()))


@pytest.fixture(scope="module")
def graph(defs: dg.Definitions) -> AssetGraph:
    """Return the graph of all assets."""
    return defs.resolve_asset_graph()


def names(keys: Iterable[dg.AssetKey]) -> set[str]:
    """Return the names behind asset keys."""
    return {key.to_user_string() for key in keys}


def checks(graph: AssetGraph) -> dict[tuple[str, str], dg.AssetCheckSpec]:
    """Return every check by table and name."""
    specs = [graph.get_check_spec(key) for key in graph.asset_check_keys]
    return {(spec.asset_key.to_user_string(), spec.name): spec for spec in specs}


def ancestors(graph: AssetGraph, key: dg.AssetKey) -> set[dg.AssetKey]:
    """Return every asset that an asset is made from, near and far."""
    found: set[dg.AssetKey] = set()
    waiting = [key]
    while waiting:
        parents = graph.get(waiting.pop()).parent_keys - found
        found |= parents
        waiting += parents
    return found


def test_definitions_load(defs: dg.Definitions) -> None:
    """Dagster accepts the definitions, those of the module as well as those built for a test."""
    dg.Definitions.validate_loadable(loaded)
    dg.Definitions.validate_loadable(defs)


def test_one_asset_a_table(graph: AssetGraph) -> None:
    """The assets are the tables, what comes before them, and the publish."""
    expected = {table.name for table in (SOURCE_DOCUMENTS, *EXTRACTED, *PUBLISHED)}
    expected |= {"published", "report", "official_expenditure", "gathered_articles"}
    assert names(graph.get_all_asset_keys()) == expected


def test_every_asset_is_told(graph: AssetGraph) -> None:
    """Each asset says what it is, whose it is, where it belongs and what it is made with."""
    for key in graph.get_all_asset_keys():
        node = graph.get(key)
        assert node.description and node.owners and node.kinds, key
        assert node.group_name in {"ingest", "extract", "core", "marts", "publish"}


@pytest.mark.parametrize("table", [SOURCE_DOCUMENTS, *EXTRACTED, *PUBLISHED], ids=lambda table: table.name)
def test_every_table_shows_its_columns(graph: AssetGraph, table: Table) -> None:
    """The column schema in Dagster is the declaration: names, types, descriptions, nulls."""
    schema = graph.get(dg.AssetKey(table.name)).metadata["dagster/column_schema"]
    schema = schema.value if isinstance(schema, dg.MetadataValue) else schema
    shown = [(c.name, c.type, c.description, c.constraints.nullable) for c in schema.columns]
    assert shown == [(c.name, c.type, c.description, c.nullable) for c in table.columns]
    assert all(column.description for column in table.columns)


@pytest.mark.parametrize("table", BUILT, ids=lambda table: table.name)
def test_every_table_has_a_blocking_schema_check(graph: AssetGraph, table: Table) -> None:
    """No table of `sql/` is without the check that guards its declaration, and it stops the publish."""
    spec = checks(graph)[table.name, "schema"]
    assert spec.blocking
    assert spec.description


@pytest.mark.parametrize("table", [t for t in PUBLISHED if t.spans], ids=lambda table: table.name)
def test_every_table_with_spans_has_a_blocking_span_check(graph: AssetGraph, table: Table) -> None:
    """What points into a text is compared with the text before it is published."""
    assert checks(graph)[table.name, "spans"].blocking


def test_published_comes_last(graph: AssetGraph) -> None:
    """Only the report is made from the publish, everything else goes into it, and nothing is made from itself."""
    published, report = dg.AssetKey("published"), dg.AssetKey("report")
    assert graph.get(published).child_keys == {report}
    assert ancestors(graph, published) == graph.get_all_asset_keys() - {published, report}
    for key in graph.get_all_asset_keys():
        assert key not in ancestors(graph, key)


def test_lineage_follows_the_queries(graph: AssetGraph) -> None:
    """An asset's parents are the tables that its query reads, helper queries looked through."""
    assert names(graph.get(dg.AssetKey("rejected_documents")).parent_keys) == {"source_documents"}
    assert names(graph.get(dg.AssetKey("actors")).parent_keys) == {"appearances"}
    parents = names(graph.get(dg.AssetKey("appearances")).parent_keys)
    assert {"documents", "extracted_actors", "extracted_mentions"} <= parents
    assert not parents & {"actor_links", "actor_records"}
    assert names(graph.get(dg.AssetKey("data_quality")).parent_keys) == {table.name for table in BUILT}


@pytest.mark.parametrize("automation", [True, False])
def test_automation(automation: bool) -> None:
    """Schedule and sensor run by default, and are stopped where the settings turn them off."""
    defs = build_definitions(Workspace(Settings(automation=automation)))
    schedule = defs.resolve_schedule_def("scheduled_refresh")
    sensor = defs.resolve_sensor_def("inbox_sensor")
    assert schedule.job_name == sensor.job_name == "refresh"
    assert schedule.cron_schedule == "0 * * * *" and schedule.execution_timezone == "UTC"
    assert (schedule.default_status is dg.DefaultScheduleStatus.RUNNING) is automation
    assert (sensor.default_status is dg.DefaultSensorStatus.RUNNING) is automation


def test_automation_is_switched_by_the_environment() -> None:
    """COMMUNIQUE_AUTOMATION=off is what turns it off, and unset leaves it on."""
    assert Settings.from_environment({}).automation is True
    assert Settings.from_environment({"COMMUNIQUE_AUTOMATION": "off"}).automation is False


def test_job_covers_every_asset(defs: dg.Definitions, graph: AssetGraph) -> None:
    """The job `refresh` is the whole way, in one process."""
    job = defs.resolve_job_def("refresh")
    assert job.asset_layer.executable_asset_keys == graph.get_all_asset_keys()
    assert job.executor_def is dg.in_process_executor


def sense(defs: dg.Definitions, cursor: str | None) -> tuple[list[str], str | None]:
    """Let the sensor look once; return the keys of the runs it asks for, and its cursor."""
    context = dg.build_sensor_context(cursor=cursor, definitions=defs)
    data = defs.resolve_sensor_def("inbox_sensor").evaluate_tick(context)
    return [request.run_key or "" for request in data.run_requests or []], data.cursor


def test_sensor_waits_until_the_inbox_is_still(tmp_path: Path) -> None:
    """A change is read once nothing has moved between two looks, and only once."""
    inbox = tmp_path / "inbox"
    defs = build_definitions(Workspace(Settings(inboxes=(inbox,), warehouse=tmp_path / "w")))
    assert sense(defs, None)[0] == []  # there is no inbox yet
    inbox.mkdir()
    (inbox / "a.txt").write_text("one", encoding="utf-8")
    runs, cursor = sense(defs, None)
    assert runs == []
    (inbox / "a.txt").write_text("one, and still growing", encoding="utf-8")
    runs, cursor = sense(defs, cursor)
    assert runs == []
    first, cursor = sense(defs, cursor)
    assert len(first) == 1
    assert sense(defs, cursor)[0] == []
    (inbox / "b.txt").write_text("two", encoding="utf-8")
    runs, cursor = sense(defs, cursor)
    second, cursor = sense(defs, cursor)
    assert runs == [] and len(second) == 1 and second != first


def test_instance_sends_nothing_home(tmp_path: Path) -> None:
    """Dagster's telemetry and its advertisement are off in every warehouse, and one refresh runs at a time."""
    config = yaml.safe_load((home(tmp_path) / "dagster.yaml").read_text(encoding="utf-8"))
    assert config == yaml.safe_load(INSTANCE_CONFIG.read_text(encoding="utf-8"))
    assert config["telemetry"]["enabled"] is False
    assert config["nux"]["enabled"] is False
    assert config["concurrency"]["runs"]["max_concurrent_runs"] == 1
