"""The command line as a user meets it: answers, exit statuses, and one clear line for each thing that is wrong."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import openpyxl
import pyarrow.parquet as pq
import pytest

from pipeline import __version__
from pipeline.settings import ROOT
from pipeline.tables import PUBLISHED
from tests.newsroom import newsroom
from tests.warehouses import ARTICLES, mounted, query, run, write_articles

Done = subprocess.CompletedProcess[str]


def communique(*arguments: str | Path, **environment: str) -> Done:
    """Run the command line in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "pipeline.cli", *map(str, arguments)],
        cwd=ROOT,
        env={**os.environ, "COLUMNS": "200", **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def told(done: Done, status: int) -> str:
    """Return the one line of error of a command that must end with `status`, and never with a traceback."""
    assert done.returncode == status, done.stderr
    assert "Traceback" not in done.stderr
    lines = [line for line in done.stderr.splitlines() if line and not line.startswith("Nothing was published")]
    assert len(lines) == 1, done.stderr
    assert lines[0].startswith("error: ")
    return lines[0]


@pytest.fixture(scope="module")
def inbox(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return an inbox with three articles."""
    folder = tmp_path_factory.mktemp("cli") / "inbox"
    write_articles(folder, ARTICLES[:3])
    return folder


@pytest.fixture(scope="module")
def warehouse(inbox: Path) -> Path:
    """Return a published warehouse, which no test changes."""
    folder = inbox.parent / "warehouse"
    assert run(inbox, folder).succeeded
    return folder


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Return a folder on a disk of one megabyte and a half."""
    with mounted(tmp_path / "disk", 1_500) as disk:
        yield disk


def test_version_and_help() -> None:
    """The version is the package's, and the help names every command."""
    assert communique("--version").stdout.strip() == f"communique {__version__}"
    text = communique("--help").stdout
    assert all(command in text for command in ("refresh", "sql", "status", "ui", "rollback"))


def test_refresh_lists_every_table(inbox: Path, warehouse: Path, tmp_path: Path) -> None:
    """A refresh ends with each table, its rows and what changed; a second one changes nothing."""
    copy = tmp_path / "warehouse"
    shutil.copytree(warehouse, copy)
    write_articles(tmp_path / "more", ARTICLES[3:4])
    arguments = ("refresh", "--inbox", inbox, "--inbox", tmp_path / "more", "--warehouse", copy)
    done = communique(*arguments)
    assert done.returncode == 0, done.stderr
    lines = {line.split()[0]: line.split()[1:] for line in done.stdout.splitlines() if len(line.split()) == 3}
    assert {table.name for table in PUBLISHED} <= lines.keys()
    assert lines["documents"] == ["4", "+1"]
    again = communique(*arguments, "--quiet")
    assert {line.split()[2] for line in again.stdout.splitlines()[1:]} == {"="}
    assert again.stderr == ""


def test_sql_as_a_table(warehouse: Path) -> None:
    """The default form is a table with the number of rows below it."""
    done = communique("sql", "SELECT source AS outlet, '[b]' AS mark FROM documents", "--warehouse", warehouse)
    assert done.returncode == 0
    assert done.stdout.count("The Test") == 3 and "outlet" in done.stdout and "[b]" in done.stdout
    assert done.stdout.splitlines()[-1] == "3 rows"


def test_sql_may_begin_with_a_comment(warehouse: Path) -> None:
    """The examples begin with their question, and can be asked as they stand in the file."""
    example = (ROOT / "sql" / "examples" / "everybody_of_a_country.sql").read_text(encoding="utf-8")
    done = communique("sql", example, "--warehouse", warehouse, "--format", "csv")
    assert done.returncode == 0 and done.stdout.startswith("actor_id,name,"), done.stderr
    assert communique("sql", "SELECT 1", "--formt", "csv", "--warehouse", warehouse).returncode == 2


def test_sql_as_csv(warehouse: Path) -> None:
    """CSV keeps whole numbers whole, dates as dates, nulls empty, and lists as JSON."""
    question = "SELECT published_on, NULL::INTEGER AS n, 7 AS i, true AS b, [1, 2] AS l, 'a,\"b' AS q FROM documents"
    done = communique("sql", f"{question} ORDER BY 1 LIMIT 1", "--format", "csv", "--warehouse", warehouse)
    assert done.stdout == 'published_on,n,i,b,l,q\n2025-01-10,,7,true,"[1, 2]","a,""b"\n'


def test_sql_as_json(warehouse: Path) -> None:
    """JSON is one object a row, with null for what is null or no number, and no column lost."""
    question = "SELECT published_on AS day, NULL AS n, 'nan'::DOUBLE AS f, 'ü' AS t, 1 AS a, 2 AS a FROM documents"
    done = communique("sql", f"{question} ORDER BY 1", "--format", "json", "--warehouse", warehouse)
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(rows) == 3
    assert rows[0] == {"day": "2025-01-10", "n": None, "f": None, "t": "ü", "a": 1, "a_2": 2}


def test_sql_as_parquet(warehouse: Path, tmp_path: Path) -> None:
    """Parquet keeps the types of the tables; it needs a file to be written to."""
    question = "SELECT published_on, content_spans, speaker_start FROM statements"
    message = told(communique("sql", question, "--format", "parquet", "--warehouse", warehouse), 2)
    assert "--out" in message
    file = tmp_path / "answer.parquet"
    done = communique("sql", question, "--format", "parquet", "--out", file, "--warehouse", warehouse)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    types = {field.name: str(field.type) for field in pq.read_schema(file)}
    assert types["published_on"] == "date32[day]" and types["speaker_start"] == "int32"
    assert types["content_spans"].startswith("list<")


def test_sql_as_excel(warehouse: Path, tmp_path: Path) -> None:
    """An Excel sheet has dates as dates, lists as text, and never a formula; it needs a file to be written to."""
    question = (
        "SELECT published_on, TIMESTAMP '2025-01-02 03:04:05' AS at, DATE '1899-01-01' AS old, true AS b, 7 AS i, "
        "0.5::DOUBLE AS f, 'nan'::DOUBLE AS nan, 1.25 AS d, 12345678901234567890 AS long, NULL AS n, ['a', 'ü'] AS l, "
        "{'a': DATE '2025-01-01'} AS s, chr(8) || '#N/A' AS e, repeat('x', 40000) AS much "
        "FROM documents ORDER BY 1 LIMIT 1"
    )
    message = told(communique("sql", question, "--format", "xlsx", "--warehouse", warehouse), 2)
    assert "Excel is binary" in message and "--out" in message
    file = tmp_path / "answer.xlsx"
    done = communique("sql", question, "--format", "xlsx", "--out", file, "--warehouse", warehouse)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    header, row = openpyxl.load_workbook(file)["answer"].iter_rows()
    found = {str(name.value): cell.value for name, cell in zip(header, row, strict=True)}
    assert found.pop("much") == "x" * 32_766 + "…"
    assert found == {
        "published_on": datetime(2025, 1, 10), "at": datetime(2025, 1, 2, 3, 4, 5), "old": "1899-01-01", "b": True,
        "i": 7, "f": 0.5, "nan": None, "d": 1.25, "long": "12345678901234567890", "n": None, "l": '["a", "ü"]',
        "s": '{"a": "2025-01-01"}', "e": "#N/A",
    }  # fmt: skip
    assert row[0].is_date and row[0].number_format == "yyyy-mm-dd"


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "=cmd|'/C calc'!A0", "=HYPERLINK(\"x\")"])
def test_excel_has_no_formulas(warehouse: Path, tmp_path: Path, text: str) -> None:
    """What begins like a formula, in a row or in the name of a column, is text and stays so when it is edited."""
    from pipeline.query import answer

    name, value = text.replace('"', '""'), text.replace("'", "''")
    answer(warehouse / "communique.duckdb", f"SELECT '{value}' AS \"{name}\"", "xlsx", tmp_path / "answer.xlsx")
    for (cell,) in openpyxl.load_workbook(tmp_path / "answer.xlsx")["answer"].iter_rows():
        assert (cell.value, cell.data_type, cell.quotePrefix) == (text, "s", True)
    with zipfile.ZipFile(tmp_path / "answer.xlsx") as parts:
        assert b"<f>" not in parts.read("xl/worksheets/sheet1.xml")


def test_more_rows_than_excel_holds(warehouse: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An answer of more rows than a sheet holds is an error with the way out, and no file is left."""
    from pipeline import workbook
    from pipeline.query import QueryError, answer

    assert workbook.ROWS == 2**20 - 1
    monkeypatch.setattr(workbook, "ROWS", 3)
    file = tmp_path / "answer.xlsx"
    with pytest.raises(QueryError, match=r"more than the 3 rows .* --format csv or parquet"):
        answer(warehouse / "communique.duckdb", "SELECT * FROM range(4)", "xlsx", file)
    assert not file.exists()
    answer(warehouse / "communique.duckdb", "SELECT * FROM range(3)", "xlsx", file)
    assert openpyxl.load_workbook(file)["answer"].max_row == 4
    with pytest.raises(QueryError, match="cannot be written"):
        answer(warehouse / "communique.duckdb", "SELECT 1", "xlsx", tmp_path / "no" / "answer.xlsx")


def test_sql_into_a_file(warehouse: Path, tmp_path: Path) -> None:
    """--out writes the answer to a file, and nothing to standard output."""
    file = tmp_path / "answer.csv"
    done = communique("sql", "SELECT 1 AS a", "--format", "csv", "--out", file, "--warehouse", warehouse)
    assert (done.stdout, file.read_text(encoding="utf-8")) == ("", "a\n1\n")
    nowhere = tmp_path / "no" / "answer.csv"
    message = told(communique("sql", "SELECT 1", "--out", nowhere, "--warehouse", warehouse), 1)
    assert str(nowhere) in message


@pytest.mark.parametrize("form", ["table", "csv", "json"])
def test_sql_into_a_pipe_that_closes(warehouse: Path, form: str) -> None:
    """`| head -1` gets its line, and there is no complaint."""
    asking = f"{sys.executable} -m pipeline.cli sql 'SELECT range FROM range(50000)' --format {form} | head -1"
    done = subprocess.run(
        asking,
        shell=True,
        cwd=ROOT,
        env={**os.environ, "COMMUNIQUE_WAREHOUSE": str(warehouse)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert len(done.stdout.splitlines()) == 1
    assert done.stderr == ""


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("SELECT * FROM nowhere", "there is no table nowhere; there are: actor_corrections, actor_network, "),
        ("SELECT no_such_column FROM documents", "no_such_column"),
        ("SELEC 1", "syntax error"),
        ("SELECT doc_id::INTEGER FROM documents", "Could not convert"),
        ("", "one SELECT is wanted, 0 statements"),
        ("SELECT 1; SELECT 2", "one SELECT is wanted, 2 statements"),
        ("SELECT 1; DROP TABLE documents", "one SELECT is wanted, 2 statements"),
        ("INSERT INTO documents SELECT * FROM documents", "that is INSERT"),
        ("DELETE FROM documents", "that is DELETE"),
        ("DROP TABLE documents", "that is DROP"),
        ("SET enable_external_access = true", "that is SET"),
        ("INSTALL httpfs", "that is LOAD"),
        ("EXPLAIN ANALYZE DELETE FROM documents", "read-only"),
        ("SELECT * FROM read_csv('{folder}/secret.csv')", "Cannot access file"),
        ("SELECT * FROM '{folder}/secret.csv'", "Cannot access file"),
        ("SELECT content FROM read_text('{folder}/secret.csv')", "Cannot access file"),
        ("SELECT * FROM glob('{folder}/*')", "disabled"),
        ("COPY documents TO '{folder}/written.csv'", "that is COPY"),
        ("ATTACH '{folder}/written.db'", "that is ATTACH"),
        ("EXPORT DATABASE '{folder}/written'", "that is EXPORT"),
    ],
)
def test_sql_only_reads_the_tables(warehouse: Path, tmp_path: Path, question: str, words: str) -> None:
    """What is no single SELECT on the tables is turned away in one line, with nothing read and nothing written."""
    from pipeline.query import QueryError, answer

    (tmp_path / "secret.csv").write_text("a\nhunter2\n", encoding="utf-8")
    before = (warehouse / "communique.duckdb").read_bytes()
    with pytest.raises(QueryError) as caught:
        answer(warehouse / "communique.duckdb", question.format(folder=tmp_path), "csv", tmp_path / "answer.csv")
    assert caught.value.status == 2
    assert words in str(caught.value) and "hunter2" not in str(caught.value)
    assert "\n" not in str(caught.value)
    assert [path.name for path in tmp_path.iterdir()] == ["secret.csv"]
    assert (warehouse / "communique.duckdb").read_bytes() == before


def test_sql_errors_reach_the_shell(warehouse: Path) -> None:
    """A mistake in a query ends with status 2 and one line."""
    assert "nowhere" in told(communique("sql", "SELECT * FROM nowhere", "--warehouse", warehouse), 2)


def test_sql_sees_no_variables_of_the_program(warehouse: Path) -> None:
    """A name in a query is a table, never a variable of the program that asks."""
    from pipeline.query import QueryError, answer

    with pytest.raises(QueryError, match="there is no table columns"):
        answer(warehouse / "communique.duckdb", "SELECT * FROM columns", "csv", None)


def test_status(warehouse: Path, tmp_path: Path) -> None:
    """Before a refresh, status says what to do; after one, when, how long, how it ended, rows, which checks failed."""
    assert "./run refresh" in told(communique("status", "--warehouse", tmp_path), 1)
    done = communique("status", "--warehouse", warehouse)
    assert done.returncode == 0
    for word in ("published", "duration", "release", "rows", "failed checks", *(table.name for table in PUBLISHED)):
        assert word in done.stdout
    assert "last run       success after " in done.stdout


def test_corrections_survive_and_are_listed(inbox: Path, warehouse: Path, tmp_path: Path) -> None:
    """A correction holds in every refresh, `status` lists it, and it is gone when it is taken out of the file."""
    folder, file = tmp_path / "warehouse", tmp_path / "mine.yaml"
    shutil.copytree(warehouse, folder)
    file.write_text("- rename: anda-bite\n  to: Anda Bīte\n  because: her own spelling\n- block: ruud-visser\n")
    more = tmp_path / "more"
    write_articles(more, ARTICLES[5:])
    asked = ("sql", "SELECT name FROM actors WHERE actor_id IN ('anda-bite', 'ruud-visser')", "--format", "csv")
    for box in (inbox, more):
        done = communique("refresh", "-q", "--inbox", box, "--warehouse", folder, COMMUNIQUE_CORRECTIONS=str(file))
        assert done.returncode == 0, done.stderr
        assert communique(*asked, "--warehouse", folder).stdout == "name\nAnda Bīte\n"
    done = communique("status", "--warehouse", folder, COMMUNIQUE_CORRECTIONS=str(file))
    assert f"corrections    2 in {file}" in done.stdout
    assert "line 1: rename anda-bite to Anda Bīte (1 documents): her own spelling" in done.stdout
    assert "line 4: block ruud-visser (1 documents)" in done.stdout
    assert communique("refresh", "-q", "--inbox", inbox, "--warehouse", folder).returncode == 0
    assert communique(*asked, "--warehouse", folder).stdout == "name\nAnda Bite\nRuud Visser\n"
    assert "corrections    none" in communique("status", "--warehouse", folder).stdout


def test_wrong_corrections(inbox: Path, warehouse: Path, tmp_path: Path) -> None:
    """A mistake in the file ends a refresh before it begins, an unknown actor before anything is published."""
    folder, file = tmp_path / "warehouse", tmp_path / "mine.yaml"
    shutil.copytree(warehouse, folder)
    command = ("refresh", "-q", "--inbox", inbox, "--warehouse", folder)
    file.write_text("- {merge: a, into: b}\n- {merge: b, into: a}\n")
    line = told(communique(*command, COMMUNIQUE_CORRECTIONS=str(file)), 2)
    assert "mine.yaml, line 1" in line and "circle: a → b → a" in line
    assert "circle" in told(communique("status", "--warehouse", folder, COMMUNIQUE_CORRECTIONS=str(file)), 1)
    file.write_text("\n- block: anda-byte\n")
    line = told(communique(*command, COMMUNIQUE_CORRECTIONS=str(file)), 1)
    assert "mine.yaml, line 2: block names 'anda-byte'" in line and "did you mean anda-bite" in line
    assert query(folder, "SELECT name FROM actors WHERE actor_id = 'anda-bite'") == [("Anda Bite",)]


def test_feeds_are_listed_tried_and_resumed(warehouse: Path, tmp_path: Path) -> None:
    """The list with its health, one feed asked by hand, one resumed; a wrong name says which there are."""
    with newsroom() as room:
        room.publish("Norway will buy tanks.")
        cards = tmp_path / "feeds.yaml"
        cards.write_text(f"- name: news\n  url: {room.url}/feed\n  publisher: The News\n", encoding="utf-8")
        own = {"COMMUNIQUE_FEEDS": str(cards), "COMMUNIQUE_PRIVATE_ADDRESSES": "on"}
        here = ("--warehouse", warehouse)
        assert "news: new, 0 articles in a week" in communique("feeds", *here, **own).stdout
        assert "news: new" in communique("status", *here, **own).stdout
        shown = communique("feeds", "--check", "news", *here, **own).stdout
        assert "rss: News, 1 articles" in shown and "2025-03-01  Article number 1" in shown
        assert "has no feed 'other'; it has news" in told(communique("feeds", "--check", "other", *here, **own), 2)
        assert "asked again" in communique("feeds", "--resume", "news", *here, **own).stdout
        room.feed_status = 404
        assert "not_found" in told(communique("feeds", "--check", "news", *here, **own), 1)
        del own["COMMUNIQUE_PRIVATE_ADDRESSES"]
        assert "forbidden_address" in told(communique("feeds", "--check", "news", *here, **own), 1)
    assert "feeds          none" in communique("feeds", *here).stdout


def test_wrong_feeds(inbox: Path, tmp_path: Path) -> None:
    """A mistake in the list stops a refresh before anything is made, with its line."""
    cards = tmp_path / "feeds.yaml"
    cards.write_text("- name: news\n  url: here\n  publisher: P\n", encoding="utf-8")
    done = communique("refresh", "--inbox", inbox, "--warehouse", tmp_path / "w", COMMUNIQUE_FEEDS=str(cards))
    assert "feeds.yaml, line 1: url: 'here' is no address" in told(done, 2)
    assert not (tmp_path / "w" / "dagster").exists()


def test_rollback_without_a_release(warehouse: Path, tmp_path: Path) -> None:
    """There is nothing to go back to before the second publish."""
    assert "no warehouse" in told(communique("rollback", "--warehouse", tmp_path / "none"), 1)
    assert "nothing is published" in told(communique("rollback", "--warehouse", tmp_path), 1)
    assert "no earlier publish" in told(communique("rollback", "--warehouse", warehouse), 1)


def test_inbox_must_be_a_folder(inbox: Path, tmp_path: Path) -> None:
    """A missing inbox, or a file in its place, is wrong usage, and nothing is made."""
    for wrong in (tmp_path / "missing", next(inbox.iterdir())):
        message = told(communique("refresh", "--inbox", wrong, "--warehouse", tmp_path / "w"), 2)
        assert str(wrong) in message and "--inbox" in message
    assert not (tmp_path / "w").exists()


def test_warehouse_must_be_a_warehouse(inbox: Path, tmp_path: Path) -> None:
    """A file, or a folder with other things in it, is left alone."""
    file = tmp_path / "file"
    file.write_text("mine", encoding="utf-8")
    assert "is a file" in told(communique("refresh", "--inbox", inbox, "--warehouse", file), 2)
    assert file.read_text(encoding="utf-8") == "mine"
    folder = tmp_path / "letters"
    folder.mkdir()
    (folder / "letter.doc").write_text("mine", encoding="utf-8")
    assert "letter.doc" in told(communique("refresh", "--inbox", inbox, "--warehouse", folder), 2)
    assert [path.name for path in folder.iterdir()] == ["letter.doc"]


def test_warehouse_that_cannot_be_made(inbox: Path, tmp_path: Path) -> None:
    """A warehouse below a file, where no folder can be, is wrong usage."""
    (tmp_path / "file").write_text("mine", encoding="utf-8")
    done = communique("refresh", "--inbox", inbox, "--warehouse", tmp_path / "file" / "warehouse")
    assert "cannot be made" in told(done, 2)


def test_read_only_warehouse(inbox: Path, warehouse: Path, tmp_path: Path) -> None:
    """A warehouse that may not be written to is named, with the system's reason; its tables can be asked."""
    copy = tmp_path / "copy"
    shutil.copytree(warehouse, copy)
    mount = ["mount", "--bind", "-o", "ro", str(copy), str(copy)]
    mounted = os.geteuid() == 0 and not subprocess.run(mount, capture_output=True, check=False).returncode
    if not mounted:
        if os.geteuid() == 0:
            pytest.skip("root writes everywhere, and this machine lets it mount nothing read-only")
        for folder in (copy, *(path for path in copy.rglob("*") if path.is_dir())):
            folder.chmod(0o555)
        for file in (path for path in copy.rglob("*") if path.is_file()):
            file.chmod(0o444)
    try:
        message = told(communique("refresh", "--quiet", "--inbox", inbox, "--warehouse", copy), 1)
        assert str(copy) in message
        done = communique("sql", "SELECT count(*) AS n FROM documents", "--format", "csv", "--warehouse", copy)
        assert done.stdout == "n\n3\n"
    finally:
        if mounted:
            subprocess.run(["umount", "--lazy", str(copy)], capture_output=True, check=True)
        for folder in (copy, *(path for path in copy.rglob("*") if path.is_dir())):
            folder.chmod(0o755)


def test_full_disk(inbox: Path, small_disk: Path) -> None:
    """A full disk is named, and that the refresh goes on once there is space."""
    done = communique("refresh", "--quiet", "--inbox", inbox, "--warehouse", small_disk / "warehouse")
    assert "is full; free some space" in told(done, 1)


def test_inbox_without_documents(tmp_path: Path) -> None:
    """An empty inbox publishes empty tables."""
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    done = communique("refresh", "--quiet", "--inbox", inbox, "--warehouse", tmp_path / "w")
    assert done.returncode == 0, done.stderr
    assert query(tmp_path / "w", "SELECT count(*) FROM documents") == [(0,)]


def test_files_that_cannot_be_read(inbox: Path, tmp_path: Path) -> None:
    """A link to nowhere, and a file without the right to read, are rejected with the reason; the rest is published."""
    copy = tmp_path / "inbox"
    shutil.copytree(inbox, copy)
    (copy / "dangling.txt").symlink_to(tmp_path / "nowhere")
    unreadable = ["dangling.txt"]
    if os.geteuid() != 0:  # root reads everything
        (copy / "locked.txt").write_text("Sweden said no.", encoding="utf-8")
        (copy / "locked.txt").chmod(0)
        unreadable.append("locked.txt")
    done = communique("refresh", "--quiet", "--inbox", copy, "--warehouse", tmp_path / "w")
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    found = query(tmp_path / "w", "SELECT raw_uri, reason FROM rejected_documents ORDER BY 1")
    assert found == [(name, "unreadable") for name in unreadable]
    assert query(tmp_path / "w", "SELECT count(*) FROM documents") == [(3,)]


@pytest.mark.parametrize("content", [b"", b"garbage", os.urandom(20_000)], ids=["empty", "short", "long"])
def test_database_that_is_none(tmp_path: Path, content: bytes) -> None:
    """A file that is no database is named, and what makes it anew."""
    (tmp_path / "communique.duckdb").write_bytes(content)
    message = told(communique("sql", "SELECT 1", "--warehouse", tmp_path), 1)
    assert "cannot be opened" in message and "./run refresh" in message


def test_refresh_mends_a_damaged_database(inbox: Path, warehouse: Path, tmp_path: Path) -> None:
    """What the error promises holds: a refresh makes a damaged database anew."""
    copy = tmp_path / "warehouse"
    shutil.copytree(warehouse, copy)
    for file in (copy / "communique.duckdb", *copy.glob("releases/*/communique.duckdb")):
        file.write_bytes(b"garbage")
    done = communique("refresh", "--quiet", "--inbox", inbox, "--warehouse", copy)
    assert done.returncode == 0, done.stderr
    assert query(copy, "SELECT count(*) FROM documents") == [(3,)]


def test_no_database() -> None:
    """Where nothing is published, the answer is how to publish."""
    message = told(communique("sql", "SELECT 1", "--warehouse", "/nonexistent/warehouse"), 1)
    assert "/nonexistent/warehouse" in message and "./run refresh" in message


@pytest.mark.parametrize(
    ("setting", "status", "words"),
    [
        ("COMMUNIQUE_JOBS=abc", 2, "COMMUNIQUE_JOBS='abc' is not a whole number"),
        ("COMMUNIQUE_AUTOMATION=perhaps", 2, "COMMUNIQUE_AUTOMATION='perhaps'"),
        ("COMMUNIQUE_SCHEDULE=every day", 2, "COMMUNIQUE_SCHEDULE='every day'"),
        ("COMMUNIQUE_MODEL=no_such_model", 1, "'no_such_model' (COMMUNIQUE_MODEL) is not installed"),
    ],
)
def test_bad_settings(inbox: Path, tmp_path: Path, setting: str, status: int, words: str) -> None:
    """A setting that cannot be used is named, with its value and the way out."""
    environment = dict([setting.split("=")])
    done = communique("refresh", "--quiet", "--inbox", inbox, "--warehouse", tmp_path / "w", **environment)
    message = told(done, status)
    assert words in message and "unset" in message


@pytest.mark.parametrize(
    "arguments",
    [("refreshh",), ("refresh", "--jobs", "0"), ("refresh", "--engine", "spark"), ("sql",), ("ui", "--port", "99999")],
)
def test_wrong_usage(arguments: tuple[str, ...]) -> None:
    """Unknown commands and impossible options end with status 2."""
    done = communique(*arguments)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr and "Error" in done.stderr


def test_scheduler_and_this_machine(inbox: Path, tmp_path: Path) -> None:
    """A scheduler beside the engine that needs none is a mistake."""
    places = ("--inbox", inbox, "--warehouse", tmp_path / "w")
    message = told(communique("refresh", *places, "--engine", "local", "--scheduler", "tcp://127.0.0.1:8786"), 2)
    assert "--scheduler" in message and not (tmp_path / "w").exists()


def test_scheduler_that_does_not_answer(inbox: Path, tmp_path: Path) -> None:
    """It is named; what was read stays, and the next refresh goes on from there."""
    places = ("--inbox", inbox, "--warehouse", tmp_path / "w")
    done = communique("refresh", "--quiet", *places, "--scheduler", "nowhere")
    assert done.returncode == 1 and "Traceback" not in done.stderr
    assert done.stderr.startswith("error: no Dask scheduler answers at nowhere")
    assert list((tmp_path / "w" / "ingest").iterdir())


def test_store_that_cannot_be_reached(inbox: Path, tmp_path: Path) -> None:
    """The setting and the address are named; what is published here is said to be published."""
    store = tmp_path / "store"
    places = ("--inbox", inbox, "--warehouse", tmp_path / "w")
    assert communique("refresh", "--quiet", *places, COMMUNIQUE_REMOTE=str(store)).returncode == 0
    growing = tmp_path / "more"
    growing.mkdir()
    (growing / "new.txt").write_text("Sweden said it would help Ukraine.", encoding="utf-8")
    shutil.move(store, tmp_path / "away")
    store.write_text("no folder", encoding="utf-8")
    done = communique("refresh", "--quiet", *places, "--inbox", growing, COMMUNIQUE_REMOTE=str(store))
    assert done.returncode == 1 and "Traceback" not in done.stderr
    assert done.stderr.startswith(f"error: the store {store} (COMMUNIQUE_REMOTE) failed at")
    assert "are published all the same" in done.stderr
    assert query(tmp_path / "w", "SELECT count(*) FROM documents") == [(4,)]


def test_port_in_use(tmp_path: Path) -> None:
    """The UI does not start on a port that another program holds, and makes nothing."""
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        done = communique("ui", "--port", str(port), "--warehouse", tmp_path / "w")
    message = told(done, 2)
    assert str(port) in message and "--port" in message
    assert not (tmp_path / "w").exists()
