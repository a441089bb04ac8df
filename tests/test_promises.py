"""The promises of the design, each as a test on a real refresh."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest

from pipeline.resolve.names import MAX_SLUG
from pipeline.settings import ENGINES, ROOT
from pipeline.store.files import lock
from pipeline.tables import EXPORTED, PUBLISHED
from tests.warehouses import ARTICLES, query, rows, run, write_articles, write_jsonl


@pytest.fixture(scope="module")
def inbox(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return an inbox with six articles."""
    folder = tmp_path_factory.mktemp("promises") / "inbox"
    write_articles(folder)
    return folder


@pytest.fixture(scope="module")
def clean(inbox: Path) -> Path:
    """Return the warehouse of one refresh of the inbox from nothing."""
    warehouse = inbox.parent / "clean"
    assert run(inbox, warehouse).succeeded
    return warehouse


def communique(*arguments: str | Path) -> list[str]:
    """Return the command line of a process of its own."""
    return [sys.executable, "-m", "pipeline.cli", *map(str, arguments)]


def test_every_table_is_published_twice(clean: Path) -> None:
    """The database and the Parquet files hold the same tables with the same number of rows, indices aside."""
    assert {file.stem for file in clean.glob("tables/*")} == {table.name for table in EXPORTED}
    for table in EXPORTED:
        file = pq.read_table(clean / "tables" / f"{table.name}.parquet")
        assert query(clean, f"SELECT count(*) FROM {table.name}") == [(file.num_rows,)]
        assert file.column_names == [column.name for column in table.columns]


def test_articles_yield_rows(clean: Path) -> None:
    """The articles name speakers and sums, and the tables hold them."""
    assert query(clean, "SELECT count(*) FROM documents") == [(len(ARTICLES),)]
    assert ("LVA",) in query(clean, "SELECT country FROM actors WHERE actor_type = 'person'")
    assert query(clean, "SELECT count(*) FROM statements")[0][0] >= 6
    assert ("EUR", 2e9, None) in query(clean, "SELECT currency, low, high FROM defence_spending")


def test_every_row_stands_in_its_document(clean: Path) -> None:
    """Traceable: the stored words are the characters of the text at the stored offsets."""
    for table in PUBLISHED:
        for span in table.spans:
            wrong = query(
                clean,
                f"SELECT t.{span.text} FROM {table.name} t JOIN documents d USING (doc_id) "
                f"WHERE t.{span.text} IS NOT NULL "
                f"AND substr(d.text, t.{span.start} + 1, t.{span.end} - t.{span.start}) != t.{span.text}",
            )
            assert wrong == []


def test_twice_is_once(inbox: Path, clean: Path, tmp_path: Path) -> None:
    """Idempotent: a second refresh changes no row, and builds nothing."""
    warehouse = tmp_path / "twice"
    shutil.copytree(clean, warehouse)
    published = (warehouse / "release.json").read_bytes()
    assert run(inbox, warehouse).succeeded
    assert rows(warehouse) == rows(clean)
    assert (warehouse / "release.json").read_bytes() == published


@pytest.mark.parametrize("seed", [1, 2])
def test_one_at_a_time_is_all_at_once(inbox: Path, clean: Path, tmp_path: Path, seed: int) -> None:
    """Documents that arrive one by one, in any order, end in the same tables."""
    growing, warehouse = tmp_path / "inbox", tmp_path / "warehouse"
    growing.mkdir()
    files = sorted(inbox.iterdir())
    random.Random(seed).shuffle(files)
    for file in files:
        shutil.copy2(file, growing)
        assert run(growing, warehouse).succeeded
    assert without_volume(rows(warehouse)) == without_volume(rows(clean))


def without_volume(found: dict[str, list[tuple[object, ...]]]) -> dict[str, list[tuple[object, ...]]]:
    """Leave out the checks that compare with the publish before: their values tell of the way, not of the end."""
    return {**found, "data_quality": [row for row in found["data_quality"] if row[1] != "volume"]}


@pytest.mark.parametrize("engine", ENGINES)
def test_batch_size_and_engine_change_nothing(inbox: Path, clean: Path, tmp_path: Path, engine: str) -> None:
    """Batches and processes are a matter of work, not of results."""
    assert run(inbox, tmp_path / "w", batch_size=2, jobs=2, engine=engine).succeeded
    assert rows(tmp_path / "w") == rows(clean)


def test_killed_at_any_moment(inbox: Path, clean: Path, tmp_path: Path) -> None:
    """A refresh killed five times and then left alone ends in the tables of one that was never killed."""
    warehouse = tmp_path / "killed"
    draw = random.Random(20251123)
    command = communique("refresh", "--quiet", "--inbox", inbox, "--warehouse", warehouse)
    environment = {**os.environ, "COMMUNIQUE_BATCH_SIZE": "1"}
    for _ in range(5):
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        time.sleep(draw.uniform(1.0, 6.0))
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert without_volume(rows(warehouse)) == without_volume(rows(clean))


def test_incremental(inbox: Path, clean: Path, tmp_path: Path) -> None:
    """A refresh after one new document reads that document only."""
    growing, warehouse = tmp_path / "inbox", tmp_path / "warehouse"
    shutil.copytree(inbox, growing)
    shutil.copytree(clean, warehouse)
    before = {path: path.stat().st_mtime_ns for path in (warehouse / "extract").rglob("*.parquet")}
    (growing / "new.txt").write_text("Finland said it would buy drones worth 40 million euros.\n", encoding="utf-8")
    assert run(growing, warehouse).succeeded
    after = {path: path.stat().st_mtime_ns for path in (warehouse / "extract").rglob("*.parquet")}
    assert {path: time_ for path, time_ in after.items() if path in before} == before
    assert query(warehouse, "SELECT count(*) FROM documents") == [(len(ARTICLES) + 1,)]


def test_nothing_is_lost(tmp_path: Path) -> None:
    """Every input is a document or a rejection with a reason, and its bytes are kept."""
    inbox = tmp_path / "inbox"
    write_articles(inbox, ARTICLES[:1])
    (inbox / "empty.txt").write_bytes(b"")
    (inbox / "noise.txt").write_bytes(bytes(range(256)) * 20)
    (inbox / "lines.jsonl").write_text('{"text": "The minister said no."}\n{"text": \n{"id": 7}\n', encoding="utf-8")
    assert run(inbox, tmp_path / "w").succeeded
    found = dict(query(tmp_path / "w", "SELECT raw_uri, reason FROM rejected_documents"))
    assert found == {
        "empty.txt": "empty",
        "noise.txt": "not_text",
        "lines.jsonl#L2": "bad_json",
        "lines.jsonl#L3": "bad_record",
    }
    assert query(tmp_path / "w", "SELECT raw_uri FROM documents ORDER BY 1") == [
        ("article-0.txt",),
        ("lines.jsonl#L1",),
    ]
    kept = {path.name for path in (tmp_path / "w" / "raw").rglob("*") if path.is_file()}
    for (digest,) in query(tmp_path / "w", "SELECT raw_sha256 FROM documents"):
        assert digest in kept


def test_duplicates_are_marked(tmp_path: Path) -> None:
    """The same text in two places is two documents, the later one marked, and counts once."""
    inbox = tmp_path / "inbox"
    text = ARTICLES[0]
    write_jsonl(inbox / "a.jsonl", [{"text": text, "published_on": "2025-02-01"}])
    write_jsonl(inbox / "b.jsonl", [{"text": text, "published_on": "2025-01-01"}])
    assert run(inbox, tmp_path / "w").succeeded
    assert query(
        tmp_path / "w", "SELECT d.raw_uri, o.raw_uri FROM documents d JOIN documents o ON d.duplicate_of = o.doc_id"
    ) == [("a.jsonl#L1", "b.jsonl#L1")]
    assert query(tmp_path / "w", "SELECT max(document_count) FROM actors") == [(1,)]


def test_reader_keeps_its_snapshot(inbox: Path, clean: Path, tmp_path: Path) -> None:
    """A process that holds the database open reads on while a refresh publishes, and sees the old rows."""
    growing, warehouse = tmp_path / "inbox", tmp_path / "warehouse"
    shutil.copytree(inbox, growing)
    shutil.copytree(clean, warehouse)
    code = (
        "import duckdb, sys\n"
        "con = duckdb.connect(sys.argv[1], read_only=True)\n"
        "print(con.sql('SELECT count(*) FROM documents').fetchall()[0][0], flush=True)\n"
        "sys.stdin.readline()\n"
        "print(con.sql('SELECT count(text) FROM documents').fetchall()[0][0], flush=True)\n"
    )
    reader = subprocess.Popen(
        [sys.executable, "-c", code, str(warehouse / "communique.duckdb")],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert reader.stdin is not None and reader.stdout is not None
    assert reader.stdout.readline().strip() == str(len(ARTICLES))
    (growing / "new.txt").write_text("Sweden said it would help Ukraine.\n", encoding="utf-8")
    assert run(growing, warehouse).succeeded
    output, _ = reader.communicate("\n")
    assert output.strip() == str(len(ARTICLES))
    assert query(warehouse, "SELECT count(*) FROM documents") == [(len(ARTICLES) + 1,)]


def test_poisoned_table_is_not_published(inbox: Path, clean: Path, tmp_path: Path) -> None:
    """A query that breaks the rules turns its check red, leaves the published tables, and exits 1."""
    warehouse, sql = tmp_path / "warehouse", tmp_path / "sql"
    shutil.copytree(clean, warehouse)
    shutil.copytree(ROOT / "sql", sql)
    query_file = sql / "figures.sql"
    poisoned = query_file.read_text(encoding="utf-8").strip().rstrip(";")
    head = "\n".join(line for line in poisoned.splitlines() if line.startswith("--"))
    query_file.write_text(f"{head}\nSELECT * REPLACE (low + 1e15 AS low) FROM ({poisoned}\n)", encoding="utf-8")
    outcome = run(inbox, warehouse, sql_folder=sql)
    assert not outcome.succeeded
    assert any("bounds" in message and "figures" in message for message in outcome.errors)
    assert rows(warehouse) == rows(clean)


def test_new_extractor_reads_again(inbox: Path, clean: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A changed extractor extracts every document again, by itself."""
    from pipeline.store import batches

    warehouse = tmp_path / "warehouse"
    shutil.copytree(clean, warehouse)
    old = {path.name for path in (warehouse / "extract").iterdir()}
    monkeypatch.setattr(batches, "extractor_version", lambda _: "another")
    assert run(inbox, warehouse).succeeded
    assert {path.name for path in (warehouse / "extract").iterdir()} == {"another"} != old
    assert rows(warehouse) == rows(clean)


def test_an_id_that_was_published_is_found_again(inbox: Path, clean: Path, tmp_path: Path) -> None:
    """A surname that becomes a full name, and an id that another version of extraction gave, lead to the actor."""
    growing, warehouse = tmp_path / "inbox", tmp_path / "warehouse"
    write_articles(growing, ("Defence Minister Bite said that Latvia agreed.",))
    assert run(growing, warehouse).succeeded
    assert query(warehouse, "SELECT actor_id FROM actors WHERE actor_id LIKE '%bite%'") == [("bite",)]
    with duckdb.connect() as connection:  # what the last publish says, as an earlier version would have said it
        for table in ("actors", "mentions"):
            file = next((warehouse / "releases").glob(f"*/tables/{table}.parquet"))
            changed = f"SELECT * REPLACE (replace(actor_id, 'LVA', 'old-latvia') AS actor_id) FROM '{file}'"
            connection.execute(f"COPY ({changed}) TO '{file}.new' (FORMAT parquet)")
            Path(f"{file}.new").replace(file)
    assert run(inbox, warehouse).succeeded
    redirects = query(warehouse, "SELECT from_id, actor_id, reason FROM actor_redirects ORDER BY 1")
    assert redirects == [("bite", "anda-bite", "linked"), ("old-latvia", "LVA", "replaced")]
    assert query(warehouse, "SELECT passed FROM data_quality WHERE check_name = 'sudden_merges'") == [(True,)]


LETTERS = [a + b for a in ("Ba", "De", "Ki", "Lo", "Mu", "Ne", "Po") for b in "bcdfghjklm"]
HARD_NAMES = (
    "Robert'); DROP TABLE actors;--", "O’Brien \"The; Hammer\"", "محمد بن سلمان", "Zoë 🚀 Ångström", "N" + "a" * 499,
    "שמעון פרס", "<script>alert(1)</script> Smith", "null", "Nguyễn Văn Thiệu",
)  # fmt: skip


def test_names_that_are_hard_to_bear(tmp_path: Path) -> None:
    """Quotes, semicolons, right-to-left script, emoji and 500 characters end in the tables as they stand."""
    texts = [f'Defence Minister {name} said on Monday: "We are ready." {name} will pay €3bn.' for name in HARD_NAMES]
    many = " ".join(f"Minister {a}{b}ov Tar{b}{a}sky said it." for a in LETTERS for b in LETTERS)
    write_jsonl(tmp_path / "in" / "a.jsonl", [{"text": text, "published_on": "2025-01-01"} for text in [*texts, many]])
    assert run(tmp_path / "in", tmp_path / "w").succeeded
    wrong = query(tmp_path / "w", "SELECT check_name FROM data_quality WHERE blocking AND NOT passed")
    assert wrong == []
    assert query(tmp_path / "w", "SELECT count(*) FROM documents") == [(len(HARD_NAMES) + 1,)]
    assert query(tmp_path / "w", "SELECT count(*) FROM actors WHERE actor_type = 'person'")[0][0] > 4_000
    assert query(tmp_path / "w", "SELECT max(length(actor_id)) FROM actors")[0][0] <= MAX_SLUG
    again = rows(tmp_path / "w")
    assert run(tmp_path / "in", tmp_path / "x").succeeded
    assert rows(tmp_path / "x") == again


def test_second_refresh_at_the_same_time_ends_with_a_word(inbox: Path, tmp_path: Path) -> None:
    """While one refresh holds the warehouse, another says so and does nothing."""
    with lock(tmp_path / "w" / "refresh.lock"):
        command = communique("refresh", "--quiet", "--inbox", inbox, "--warehouse", tmp_path / "w")
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("error: another refresh") and str(os.getpid()) in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "w" / "communique.duckdb").exists()


def test_rollback_goes_back_one_publish(inbox: Path, clean: Path, tmp_path: Path) -> None:
    """The publish before is kept; going back shows its rows, and the next refresh the new ones again."""
    growing, warehouse = tmp_path / "inbox", tmp_path / "warehouse"
    shutil.copytree(inbox, growing)
    shutil.copytree(clean, warehouse)
    (growing / "new.txt").write_text("Sweden said it would help Ukraine.\n", encoding="utf-8")
    assert run(growing, warehouse).succeeded
    command = communique("rollback", "--warehouse", warehouse)
    assert subprocess.run(command, cwd=ROOT, capture_output=True, check=False).returncode == 0
    assert rows(warehouse) == rows(clean)
    assert run(growing, warehouse).succeeded
    assert query(warehouse, "SELECT count(*) FROM documents") == [(len(ARTICLES) + 1,)]


def test_rollback_to_an_earlier_version(inbox: Path, clean: Path, tmp_path: Path) -> None:
    """A release of a version that knew fewer tables can be gone on from and gone back to."""
    growing, warehouse = tmp_path / "inbox", tmp_path / "warehouse"
    shutil.copytree(inbox, growing)
    shutil.copytree(clean, warehouse)
    for file in (*warehouse.glob("tables/token_statistics.*"), *warehouse.glob("releases/*/tables/token_statistics.*")):
        file.unlink()
    (growing / "new.txt").write_text("Sweden said it would help Ukraine.\n", encoding="utf-8")
    assert run(growing, warehouse).succeeded
    published = warehouse / "tables" / "token_statistics.parquet"
    assert published.is_file()
    command = communique("rollback", "--warehouse", warehouse)
    assert subprocess.run(command, cwd=ROOT, capture_output=True, check=False).returncode == 0
    assert not published.exists()
    assert query(warehouse, "SELECT count(*) FROM documents") == [(len(ARTICLES),)]


def test_published_file_is_for_older_clients(clean: Path) -> None:
    """The file is written in the storage format of DuckDB 1.5, and holds tables, no views."""
    connection = duckdb.connect()
    connection.execute(f"ATTACH '{clean / 'communique.duckdb'}' AS published (READ_ONLY)")
    assert connection.sql(
        "SELECT count(*) FROM duckdb_views() WHERE database_name = 'published' AND NOT internal"
    ).fetchall() == [(0,)]
    tags = connection.sql("SELECT tags FROM duckdb_databases() WHERE database_name = 'published'").fetchall()[0][0]
    connection.close()
    assert tags["storage_version"].startswith("v1.5"), tags
