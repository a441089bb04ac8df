"""One clean refresh that every hurt one is compared with, and an inbox that has something of everything."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import pytest

from pipeline.store import batches, workers
from tests.faults.scenes import Scene, outcome, remember
from tests.warehouses import ARTICLES, write_jsonl

if sys.platform == "win32":
    pytest.skip("needs processes that fork", allow_module_level=True)


@dataclass(frozen=True)
class Clean:
    """A refresh that nothing happened to: its scene, and what it stored and published."""

    scene: Scene
    stored: dict[str, str]
    published: dict[str, str]
    batches: int


def write_inbox(folder: Path) -> None:
    """Write articles as files and as lines, inputs that are rejected, and one whose day is that of its file."""
    folder.mkdir(parents=True)
    for number in range(2):
        for place, text in enumerate(ARTICLES):
            front = f"---\nid: a{number}{place}\nsource: The Test\npublished_on: 2025-0{place + 1}-1{number}\n---\n"
            said = f"{front}{text} It was meeting {number} of {place + 3}.\n"
            (folder / f"article-{number}-{place}.txt").write_text(said, encoding="utf-8")
    lines = [{"text": f"{text} So it was.", "published_on": "2025-05-05"} for text in ARTICLES[:4]]
    write_jsonl(folder / "more.jsonl", [*lines, {"id": 7}])
    (folder / "empty.txt").write_bytes(b"")
    (folder / "odd.pdf").write_bytes(b"%PDF")


def write_spool(warehouse: Path) -> None:
    """Write what a feed gave: it lies there once, and in no inbox."""
    spool = warehouse / "spool"
    spool.mkdir(parents=True)
    for number in range(3):
        record = {
            "url": f"https://example.org/{number}", "external_id": str(number), "source": "Example", "feed": "example",
            "retrieved_at": datetime(2025, 6, 1, number).isoformat(), "published_at": "2025-06-01T00:00:00+00:00",
            "text": f"{ARTICLES[number]} The feed said so {number} times.",
        }  # fmt: skip
        (spool / f"{number}.jsonl").write_text(json.dumps(record) + "\n", encoding="utf-8")


@pytest.fixture(scope="session")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Clean:
    """Return a refresh that nothing happened to."""
    return clean_refresh(tmp_path_factory.mktemp("faults") / "clean")


def clean_refresh(folder: Path) -> Clean:
    """Refresh once with the model to remember what it finds, then once played back."""
    folder.mkdir()
    scene = Scene("whole", folder / "inbox", folder / "model", folder / "memory")
    write_inbox(scene.inbox)
    write_spool(scene.warehouse)
    batches.ingest(scene.settings, scene.now)
    workers.extract_pending(scene.settings, lambda _: None)
    remember(scene.settings, scene.memory)
    scene = replace(scene, warehouse=folder / "clean")
    write_spool(scene.warehouse)
    found = outcome(scene, folder / "clean.json")
    assert found["remains"] == []
    return Clean(scene, found["stored"], found["published"], found["batches"])
