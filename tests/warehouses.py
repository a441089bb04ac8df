"""Helpers for tests that build a warehouse: small inboxes, a refresh in this process, and the rows that came of it."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipeline.assets.workspace import Workspace
from pipeline.refresh import Outcome, refresh
from pipeline.settings import Settings
from pipeline.tables import PUBLISHED

CHANGES_WITH_TIME = {"ingested_at"}

ARTICLES = (
    "Latvian Defence Minister Anda Bite said on Monday that the country would spend 3.5% of GDP on defence in 2025. "
    '"We have no time to lose," she said.',
    "Norway will buy air defence missiles worth over 2 billion euros from Kongsberg, the government announced. "
    "Prime Minister Ola Dahl called the order necessary.",
    "The Dutch cabinet approved 750 million euros in military aid to Ukraine. "
    'Minister Ruud Visser told reporters: "Kyiv can count on us."',
    "NATO Secretary General Mark Rutte warned that Russia could be ready to attack within five years. "
    "He urged the allies to spend more than 2% of GDP.",
    "Poland signed a contract for 96 helicopters. Deputy minister Jan Nowak denied that the price had risen.",
    "According to the Estonian ministry of defence, Russia has not changed its aims. Bite said Latvia agreed.",
)


def write_articles(inbox: Path, articles: tuple[str, ...] = ARTICLES) -> list[Path]:
    """Write one text file an article, with its date and outlet; return the files."""
    inbox.mkdir(parents=True, exist_ok=True)
    paths = []
    for number, text in enumerate(articles):
        path = inbox / f"article-{number}.txt"
        front = f"---\nid: a{number}\nsource: The Test\npublished_on: 2025-0{number % 9 + 1}-10\n---\n"
        path.write_text(front + text + "\n", encoding="utf-8")
        paths.append(path)
    return paths


def write_jsonl(path: Path, records: list[dict[str, Any]]) -> None:
    """Write records as JSON lines."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")


@contextmanager
def mounted(folder: Path, kilobytes: int) -> Iterator[Path]:
    """Let a folder, which is made, be a small disk of its own; skip the test where that is not allowed."""
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={kilobytes}k", "tmpfs", str(folder)]
    if shutil.which("mount") is None or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("needs the right to mount a small disk")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], capture_output=True, check=True)


def run(inbox: Path, warehouse: Path, **settings: Any) -> Outcome:
    """Refresh a warehouse from one inbox in this process."""
    return refresh(Workspace(Settings(inboxes=(inbox,), warehouse=warehouse, **settings)))


def rows(warehouse: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Return every published row of every table, but for what changes with the time of the refresh."""
    connection = duckdb.connect(str(warehouse / "communique.duckdb"), read_only=True)
    try:
        found = {}
        for table in PUBLISHED:
            columns = ", ".join(f'"{c.name}"' for c in table.columns if c.name not in CHANGES_WITH_TIME)
            found[table.name] = connection.sql(f"SELECT {columns} FROM {table.name}").fetchall()
        return found
    finally:
        connection.close()


def query(warehouse: Path, sql: str) -> list[tuple[Any, ...]]:
    """Ask a published warehouse."""
    connection = duckdb.connect(str(warehouse / "communique.duckdb"), read_only=True)
    try:
        return connection.sql(sql).fetchall()
    finally:
        connection.close()
