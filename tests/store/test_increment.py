"""A build that takes rows over from the last release makes the tables that a build of the whole makes."""

from __future__ import annotations

import shutil
from itertools import pairwise
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from pipeline import tables
from pipeline.settings import ROOT, Settings
from pipeline.store import increment, publish, row_groups
from pipeline.store.increment import Increment
from tests.sql.test_copies import article, edited
from tests.warehouses import ARTICLES, query, rows, run, write_jsonl

STORY = article(1)
Record = dict[str, Any]


def record(name: str, text: str, day: str = "2025-03-03", **more: Any) -> Record:
    """Return an input of an inbox."""
    return {"id": name, "text": text, "published_on": day, "source": "The Test", **more}


FIRST = [
    *(record(f"a{number}", text, f"2025-0{number + 1}-10") for number, text in enumerate(ARTICLES)),
    record("story", STORY),
    record("other", article(3)),
]


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let warehouses be built from what is new whatever changes in them."""
    monkeypatch.setattr(increment, "MOST_CHANGED", 1.0)
    monkeypatch.setattr(increment, "MOST_BLOATED", 100.0)


@pytest.fixture
def updated(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the tables of which rows are taken over, filled while builds go on."""
    found: list[str] = []
    update = Increment.update

    def noted(self: Increment, table: tables.Table, *rest: Any) -> None:
        found.append(table.name)
        update(self, table, *rest)

    monkeypatch.setattr(Increment, "update", noted)
    return found


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with an inbox and the warehouse of its first refresh."""
    folder = tmp_path_factory.mktemp("first")
    write_jsonl(folder / "in" / "first.jsonl", FIRST)
    assert run(folder / "in", folder / "w", whole_below=0, keep_releases=1).errors == []
    return folder


def unordered(warehouse: Path) -> dict[str, list[str]]:
    """Return the published rows, in no order that the build has to do with, checks aside."""
    return {name: sorted(map(repr, found)) for name, found in rows(warehouse).items() if name != "data_quality"}


def both(folder: Path, records: list[Record], **settings: Any) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """Refresh a warehouse with what is new, and a copy of it as a whole; return the rows of both."""
    other = folder.with_name(f"{folder.name}-whole")
    shutil.copytree(folder, other)
    for place, least in ((folder, 0), (other, 10**9)):
        write_jsonl(place / "in" / f"{len(list((place / 'in').iterdir()))}.jsonl", records)
        assert run(place / "in", place / "w", whole_below=least, **settings).errors == []
    found = unordered(folder / "w"), unordered(other / "w")
    shutil.rmtree(other)
    return found


EVENTS: dict[str, list[Record]] = {
    "a new document": [record("new", "Latvia will buy drones worth 40 million euros, Defence Minister Bite said.")],
    "an earlier copy of one that is there": [record("copy", STORY, "2025-03-01")],
    "a near-copy": [record("near", edited(STORY, 2), "2025-03-05")],
    "a surname that means two persons now": [
        record("two", "Estonian Prime Minister Karin Bite said on Friday that Tallinn would spend 5% of GDP.")
    ],
    "another text of an article": [
        record("page", f"{ARTICLES[1]} It costs more.", url="https://e.org/1", retrieved_at="2025-04-02T10:00:00")
    ],
    "nothing that is read": [record("empty", "")],
}


@pytest.mark.parametrize("event", EVENTS)
def test_tables_are_those_of_the_whole(event: str, first: Path, tmp_path: Path, updated: list[str]) -> None:
    """Whatever comes in, and whichever older documents it changes, the rows are those of a build of the whole."""
    folder = Path(shutil.copytree(first, tmp_path / "a"))
    found, whole = both(folder, EVENTS[event])
    assert found == whole
    assert sorted(updated) == sorted(tables.BY_DOCUMENT)
    again, whole = both(folder, [record("more", ARTICLES[0].replace("3.5%", "4%"))])
    assert again == whole


@pytest.mark.parametrize(
    "corrections",
    ["- rename: anda-bite\n  to: Anda Bīte\n", "- block: anda-bite\n", "- merge: ola-dahl\n  into: ruud-visser\n"],
    ids=["rename", "block", "merge"],
)
def test_corrections_reach_rows_that_were_there(corrections: str, first: Path, tmp_path: Path) -> None:
    """What a user corrects changes rows of documents that are not new."""
    folder = Path(shutil.copytree(first, tmp_path / "a"))
    file = tmp_path / "corrections.yaml"
    file.write_text(corrections, encoding="utf-8")
    before = unordered(folder / "w")
    found, whole = both(folder, [], corrections=file)
    assert found == whole != before


@hypothesis_settings(
    max_examples=4, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(order=st.permutations(range(8)), cuts=st.sets(st.integers(1, 7), min_size=1, max_size=3))
def test_in_pieces_as_at_once(order: list[int], cuts: set[int], tmp_path_factory: pytest.TempPathFactory) -> None:
    """In whatever order and pieces documents come, and whatever is taken over, the rows are the same."""
    pool = [*FIRST[:4], FIRST[6], EVENTS["a near-copy"][0], EVENTS["an earlier copy of one that is there"][0],
            EVENTS["a surname that means two persons now"][0]]  # fmt: skip
    folder = tmp_path_factory.mktemp("pieces")
    bounds = [0, *sorted(cuts), len(pool)]
    for start, end in pairwise(bounds):
        write_jsonl(folder / "in" / f"{start}.jsonl", [pool[number] for number in order[start:end]])
        assert run(folder / "in", folder / "w", whole_below=0).errors == []
    assert run(folder / "in", folder / "once").errors == []
    found, whole = unordered(folder / "w"), unordered(folder / "once")
    for history in ("actor_redirects",):  # it tells what earlier publishes called an actor
        found.pop(history), whole.pop(history)
    assert found == whole


def _base(folder: Path, **settings: Any) -> increment.Base | None:
    return publish.base(Settings(warehouse=folder / "w", **{"whole_below": 0, **settings}))


def test_what_is_no_ground_to_build_on(first: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A release is not believed that is small, bloated, was written to, or was built in another way."""
    folder = Path(shutil.copytree(first, tmp_path / "a"))
    assert _base(folder) is not None
    assert _base(folder, whole_below=100) is None
    with monkeypatch.context() as patch:
        patch.setattr(increment, "MOST_BLOATED", 0.5)
        assert _base(folder) is None
    sql = Path(shutil.copytree(ROOT / "sql", tmp_path / "sql"))
    (sql / "figures.sql").write_text((sql / "figures.sql").read_text(encoding="utf-8") + "\n", encoding="utf-8")
    assert _base(folder, sql_folder=sql) is None
    (database,) = folder.glob("w/releases/*/communique.duckdb")
    with duckdb.connect(str(database)) as connection:
        connection.execute("DELETE FROM statements")
    assert _base(folder) is None
    assert run(folder / "in", folder / "w").errors == []


def test_states_that_are_gone_are_no_error(first: Path, tmp_path: Path, updated: list[str]) -> None:
    """Without what tells the documents apart everything is built anew."""
    folder = Path(shutil.copytree(first, tmp_path / "a"))
    for states in folder.glob("w/releases/*/states"):
        shutil.rmtree(states)
    found, whole = both(folder, EVENTS["a new document"])
    assert found == whole and updated == []


def test_many_changes_are_built_as_a_whole(
    first: Path, tmp_path: Path, updated: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where most documents have changed, nothing is taken over, and the tables are in the order of their keys."""
    folder = Path(shutil.copytree(first, tmp_path / "a"))
    monkeypatch.setattr(increment, "MOST_CHANGED", 0.01)
    found, whole = both(folder, EVENTS["a new document"])
    assert found == whole and updated == []
    ids = query(folder / "w", "SELECT mention_id FROM mentions")
    assert ids == sorted(ids)


def test_a_wrong_row_is_found_among_the_new(first: Path, tmp_path: Path) -> None:
    """The checks look at new rows: a span that is not in its text stops the publish."""
    folder = Path(shutil.copytree(first, tmp_path / "a"))
    sql = Path(shutil.copytree(ROOT / "sql", tmp_path / "sql"))
    query_file = sql / "figures.sql"
    shifted = "    CASE WHEN text LIKE '%40 million%' THEN start_char + 1 ELSE start_char END AS start_char,"
    wrong = query_file.read_text(encoding="utf-8").replace("    start_char,", shifted)
    query_file.write_text(wrong, encoding="utf-8")
    assert run(folder / "in", folder / "w", sql_folder=sql, whole_below=0).errors == []
    write_jsonl(folder / "in" / "new.jsonl", EVENTS["a new document"])
    (error,) = run(folder / "in", folder / "w", sql_folder=sql, whole_below=0).errors
    assert "figures" in error and "span_text: 1" in error


@pytest.fixture
def appended(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the tables whose files are put together, filled while builds go on."""
    found: list[str] = []
    append = row_groups.append

    def noted(first: Path, second: Path, target: Path) -> None:
        found.append(target.stem)
        append(first, second, target)

    monkeypatch.setattr(row_groups, "append", noted)
    return found


def files_are_the_tables(warehouse: Path) -> bool:
    """Return whether each Parquet file holds the rows of its table, in their order."""
    return all(
        query(warehouse, f"FROM {table.name}")
        == query(warehouse, f"FROM read_parquet('{warehouse / 'tables' / table.name}.parquet')")
        for table in tables.EXPORTED
    )


def test_files_of_tables_that_grew_are_put_together(first: Path, tmp_path: Path, appended: list[str]) -> None:
    """New rows are put behind the old ones, time and again; where a row changed, the file is written anew."""
    folder = Path(shutil.copytree(first, tmp_path / "a"))
    grown = sorted(set(tables.BY_DOCUMENT) & {table.name for table in tables.EXPORTED})
    for number, day in enumerate(("2025-05-01", "2025-05-02")):
        appended.clear()
        new = record(f"n{number}", ARTICLES[0].replace("3.5%", "4%"), day)
        write_jsonl(folder / "in" / f"new{number}.jsonl", [new])
        assert run(folder / "in", folder / "w", whole_below=0).errors == []
        assert sorted(appended) == grown
        assert files_are_the_tables(folder / "w")
    appended.clear()
    write_jsonl(folder / "in" / "copy.jsonl", EVENTS["an earlier copy of one that is there"])
    assert run(folder / "in", folder / "w", whole_below=0).errors == []
    assert "documents" not in appended
    assert files_are_the_tables(folder / "w")


@pytest.mark.parametrize("place", [40, -20], ids=["data", "footer"])
def test_damaged_or_cut_up_files_are_written_anew(
    place: int, first: Path, tmp_path: Path, appended: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that is not as it was written, or that has become many pieces, is not built on."""
    folder = Path(shutil.copytree(first, tmp_path / "a"))
    (release,) = (folder / "w" / "releases").iterdir()
    file = release / "tables" / "statements.parquet"
    data = bytearray(file.read_bytes())
    data[place] ^= 1
    file.unlink()  # other names of the file keep the sound one
    file.write_bytes(data)
    (release / "tables" / "figures.parquet").unlink()
    write_jsonl(folder / "in" / "new.jsonl", [record("new", ARTICLES[0].replace("3.5%", "4%"), "2025-05-01")])
    assert run(folder / "in", folder / "w", whole_below=0).errors == []
    assert "mentions" in appended and not {"statements", "figures"} & set(appended)
    assert files_are_the_tables(folder / "w")
    appended.clear()
    monkeypatch.setattr(publish, "MOST_PIECES", 0)
    write_jsonl(folder / "in" / "more.jsonl", EVENTS["a near-copy"])
    assert run(folder / "in", folder / "w", whole_below=0).errors == []
    assert appended == []
    assert files_are_the_tables(folder / "w")
