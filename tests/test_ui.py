"""The browser's side: one Dagster server, asked through the interface that its pages use, and looked at in Chromium."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from pipeline.settings import ROOT
from pipeline.tables import PUBLISHED
from tests.browser import CHROMIUM, free_port, wait
from tests.warehouses import ARTICLES, query, write_articles

START, RUN, SENSOR = 60.0, 60.0, 90.0
LOCATION = {"repositoryLocationName": "pipeline.definitions", "repositoryName": "__repository__"}


@dataclass(frozen=True)
class Server:
    """A running `communique ui`."""

    url: str
    inbox: Path
    warehouse: Path

    def ask(self, question: str, **variables: Any) -> dict[str, Any]:
        """Send a GraphQL query, as the pages in the browser do, and return its data."""
        body = json.dumps({"query": question, "variables": variables}).encode()
        request = urllib.request.Request(f"{self.url}/graphql", body, {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=30) as response:
            answer = json.load(response)
        assert "errors" not in answer, answer["errors"]
        data: dict[str, Any] = answer["data"]
        return data


def answers(url: str) -> bool:
    """Return whether the server is up."""
    try:
        with urllib.request.urlopen(f"{url}/server_info", timeout=5) as response:
            return bool(response.status == 200)
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return False


def end(process: subprocess.Popen[bytes]) -> None:
    """End the command kindly, as a process manager does, then whatever of its group is left."""
    process.terminate()
    with suppress(subprocess.TimeoutExpired):
        process.wait(10)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait(10)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Start the UI on a free port, with the sensor on and three articles in the inbox."""
    folder = tmp_path_factory.mktemp("ui")
    write_articles(folder / "inbox", ARTICLES[:3])
    port = free_port()
    log = (folder / "ui.log").open("wb")
    process = subprocess.Popen(
        [sys.executable, "-m", "pipeline.cli", "ui", "--port", str(port)],
        cwd=ROOT,
        env={
            **os.environ,
            "COMMUNIQUE_INBOX": str(folder / "inbox"),
            "COMMUNIQUE_WAREHOUSE": str(folder / "warehouse"),
            "COMMUNIQUE_AUTOMATION": "on",
        },
        stdout=log,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    running = Server(f"http://127.0.0.1:{port}", folder / "inbox", folder / "warehouse")
    try:
        wait("server", START, lambda: process.poll() is not None or answers(running.url))
        assert process.poll() is None, (folder / "ui.log").read_text(encoding="utf-8")
        yield running
    finally:
        end(process)
        log.close()


@pytest.fixture(scope="module")
def refreshed(server: Server) -> Server:
    """Launch the job `refresh` as the button in the browser does, and wait for its end."""
    launched = server.ask(
        """mutation ($selector: JobOrPipelineSelector!) {
             launchPipelineExecution(executionParams: {selector: $selector, mode: "default", runConfigData: {}}) {
               __typename ... on LaunchRunSuccess { run { runId } } ... on PythonError { message }
             }
           }""",
        selector={**LOCATION, "pipelineName": "refresh"},
    )["launchPipelineExecution"]
    assert launched["__typename"] == "LaunchRunSuccess", launched
    run = launched["run"]["runId"]

    def status() -> str:
        question = "query ($run: ID!) { runOrError(runId: $run) { ... on Run { status } } }"
        return str(server.ask(question, run=run)["runOrError"]["status"])

    wait("end of the run", RUN, lambda: status() in {"SUCCESS", "FAILURE", "CANCELED"})
    assert status() == "SUCCESS"
    return server


def page(server: Server, path: str, profile: Path) -> str:
    """Return the DOM of a page once its scripts have run, as headless Chromium shows it."""
    if CHROMIUM is None:
        pytest.skip("needs Chromium or Chrome on the path")
    command = [
        CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
        "--disable-component-update", "--disable-sync", f"--user-data-dir={profile}", "--window-size=1700,3000",
        "--virtual-time-budget=30000", "--dump-dom", f"{server.url}{path}",
    ]  # fmt: skip
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout


def test_server_is_local(server: Server) -> None:
    """The server answers on localhost only, and knows its own version."""
    with urllib.request.urlopen(f"{server.url}/server_info", timeout=5) as response:
        assert "dagster_version" in json.load(response)
    port = int(server.url.rsplit(":", 1)[1])
    addresses = {info[4][0] for info in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)}
    for address in addresses - {"127.0.0.1", "127.0.1.1"}:
        with socket.socket() as probe:
            probe.settimeout(2)
            assert probe.connect_ex((str(address), port)) != 0


def test_assets_and_checks(server: Server) -> None:
    """Every published table is an asset with checks, and `published` comes after them."""
    nodes = server.ask(
        """{ assetNodes { assetKey { path } groupName description dependencyKeys { path }
             assetChecksOrError { ... on AssetChecks { checks { name blocking } } } } }"""
    )["assetNodes"]
    found = {node["assetKey"]["path"][0]: node for node in nodes}
    names = {table.name for table in PUBLISHED}
    assert names | {"published"} <= found.keys()
    assert {key["path"][0] for key in found["published"]["dependencyKeys"]} == names
    assert all(node["description"] for node in nodes)
    for name in names - {"data_quality"}:  # it holds the checks' own results
        checks = {check["name"]: check["blocking"] for check in found[name]["assetChecksOrError"]["checks"]}
        assert checks["schema"] is True


def test_automation_runs(server: Server) -> None:
    """The schedule and the sensor are on."""
    repository = server.ask(
        """query ($selector: RepositorySelector!) { repositoryOrError(repositorySelector: $selector) {
             ... on Repository { jobs { name } schedules { name scheduleState { status } }
                                 sensors { name sensorState { status } } } } }""",
        selector=LOCATION,
    )["repositoryOrError"]
    assert "refresh" in {job["name"] for job in repository["jobs"]}
    assert [s["scheduleState"]["status"] for s in repository["schedules"]] == ["RUNNING"]
    assert [s["sensorState"]["status"] for s in repository["sensors"]] == ["RUNNING"]


def test_button_refreshes(refreshed: Server) -> None:
    """The run that the browser launched has published, and its materialisations carry rows and a preview."""
    assert query(refreshed.warehouse, "SELECT count(*) FROM documents") >= [(3,)]
    nodes = refreshed.ask(
        """{ assetNodes { assetKey { path }
             assetMaterializations(limit: 10) { metadataEntries { label ... on IntMetadataEntry { intValue } } } } }"""
    )["assetNodes"]
    for node in nodes:
        assert node["assetMaterializations"], node["assetKey"]["path"]
    documents = next(node for node in nodes if node["assetKey"]["path"] == ["documents"])
    entries = [entry for event in documents["assetMaterializations"] for entry in event["metadataEntries"]]
    assert any(entry["label"] == "dagster/row_count" and entry["intValue"] >= 3 for entry in entries)
    assert any(entry["label"] == "preview" for entry in entries)


def test_checks_have_run(refreshed: Server) -> None:
    """The page of a table shows its checks as passed, once the run that the sensor may have begun has ended."""

    def status() -> dict[str, str]:
        checks = refreshed.ask(
            """{ assetNodes(assetKeys: [{path: ["statements"]}]) { assetChecksOrError { ... on AssetChecks { checks {
                 name executionForLatestMaterialization { status } } } } } }"""
        )["assetNodes"][0]["assetChecksOrError"]["checks"]
        return {check["name"]: check["executionForLatestMaterialization"]["status"] for check in checks}

    wait("end of the checks", RUN, lambda: "IN_PROGRESS" not in status().values())
    found = status()
    assert found["schema"] == found["spans"] == "SUCCEEDED"


def test_pages_in_chromium(refreshed: Server, tmp_path: Path) -> None:
    """The catalog lists every table, and the asset graph draws them with their groups."""
    catalog = page(refreshed, "/assets", tmp_path / "profile")
    graph = page(
        refreshed, "/assets/published?view=lineage&lineageScope=upstream&lineageDepth=10", tmp_path / "profile"
    )
    for name in [table.name for table in PUBLISHED] + ["published"]:
        assert f">{name}<" in catalog, f"{name} is not in the catalog"
        shown = name if len(name) <= 18 else name[-8:]  # the graph shortens long names in the middle
        assert shown in graph, f"{name} is not in the asset graph"
    assert all(f">{group}<" in graph for group in ("ingest", "extract", "core", "marts", "publish"))


def test_dropped_file_reaches_the_tables(refreshed: Server) -> None:
    """A file dropped into the inbox is in the published tables soon after, and nobody asked for it."""
    text = "Sweden said it would send Ukraine artillery worth 90 million euros.\n"
    (refreshed.inbox / "dropped.txt").write_text(text, encoding="utf-8")
    question = "SELECT count(*) FROM defence_spending JOIN documents USING (doc_id) WHERE raw_uri = 'dropped.txt'"
    wait("row of the dropped file", SENSOR, lambda: query(refreshed.warehouse, question) == [(1,)])
