"""What a build remembers is used, and is never needed: without it, or with it damaged, the tables are the same."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipeline.settings import ROOT, Settings
from pipeline.store import memory, sums
from tests.sql.test_copies import article, edited
from tests.warehouses import query, rows, run, write_jsonl

STORY = article(1)


def _records(*texts: str) -> list[dict[str, Any]]:
    return [{"id": f"a{number}", "text": text, "published_on": "2025-03-01"} for number, text in enumerate(texts)]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Return the settings of a warehouse with a story, a copy of it and another story."""
    found = Settings(inboxes=(tmp_path / "in",), warehouse=tmp_path / "w")
    write_jsonl(tmp_path / "in" / "1.jsonl", _records(STORY, edited(STORY, 2), article(3)))
    assert run(tmp_path / "in", tmp_path / "w").succeeded
    return found


def _file(settings: Settings) -> Path:
    return memory.folder(settings) / "copy_comparisons.parquet"


def _copies(settings: Settings) -> list[tuple[Any, ...]]:
    return query(settings.warehouse, "SELECT duplicate_of FROM documents WHERE duplicate_of IS NOT NULL")


def _again(settings: Settings, text: str, day: str = "2025-03-02") -> dict[str, list[tuple[Any, ...]]]:
    """Refresh once more, with a text that is new, and return all rows."""
    (inbox,) = settings.inboxes
    write_jsonl(inbox / f"{len(text)}-{day}.jsonl", [{"id": "more", "text": text, "published_on": day}])
    assert run(inbox, settings.warehouse).succeeded
    return rows(settings.warehouse)


def _spoil(settings: Settings, table: str, change: str, aside: Path) -> int:
    """Change what is remembered in a table; return the number of its rows."""
    place = memory.folder(settings)
    with duckdb.connect() as connection, sums.whole_folder(aside) as spoilt:
        for other in place.glob("*.parquet"):
            shutil.copy(other, spoilt)
        known = connection.sql(f"SELECT * REPLACE ({change}) FROM '{place / table}.parquet'").to_arrow_table()
        connection.register("known", known)
        connection.execute(f"COPY known TO '{spoilt / table}.parquet' (FORMAT parquet)")
    shutil.rmtree(place)
    shutil.move(aside, place)
    return int(known.num_rows)


def test_a_pair_is_compared_once(settings: Settings, tmp_path: Path) -> None:
    """What is remembered of a pair is believed, and what is new is compared with all."""
    assert len(_copies(settings)) == 1
    assert _spoil(settings, "copy_comparisons", "0 AS found", tmp_path / "spoilt") == 1
    _again(settings, article(6))
    assert _copies(settings) == []
    _again(settings, edited(STORY, 5))
    assert len(_copies(settings)) >= 1
    with duckdb.connect() as connection:
        assert len(connection.sql(f"FROM '{_file(settings)}'").fetchall()) == 3


def test_a_week_is_looked_at_once(settings: Settings, tmp_path: Path) -> None:
    """Where no week near it has another text, the near-copies of a week are those of the last build."""
    assert _spoil(settings, "near_copies", "false AS is_near", tmp_path / "spoilt") == 1
    _again(settings, article(6), "2025-03-25")
    assert _copies(settings) == []
    _again(settings, article(7), "2025-03-08")
    assert len(_copies(settings)) == 1


@pytest.mark.parametrize("harm", ["removed", "cut", "flipped"])
def test_memory_is_never_needed(settings: Settings, harm: str, tmp_path: Path) -> None:
    """Removed or damaged, it is made anew, and the tables are those of a warehouse that never had one."""
    path = _file(settings)
    if harm == "removed":
        shutil.rmtree(path.parent)
    else:
        data = bytearray(path.read_bytes())
        data[len(data) // 3] ^= 4
        path.write_bytes(data[:100] if harm == "cut" else data)
    found = _again(settings, edited(STORY, 5))
    assert run(settings.inboxes[0], tmp_path / "other").succeeded
    assert found == rows(tmp_path / "other")
    with duckdb.connect() as connection:
        assert len(connection.sql(f"FROM '{path}'").fetchall()) == 3


def test_another_query_remembers_nothing_of_this_one(settings: Settings, tmp_path: Path) -> None:
    """The file is named after all that decides its rows, and those of other versions go."""
    old = _file(settings)
    sql = Path(shutil.copytree(ROOT / "sql", tmp_path / "sql"))
    with (sql / "copy_comparisons.sql").open("a", encoding="utf-8") as file:
        file.write("-- a word more\n")
    assert run(settings.inboxes[0], settings.warehouse, sql_folder=sql).succeeded
    (new,) = (settings.warehouse / "memory").iterdir()
    assert new != old.parent and not old.exists()
