"""The warehouse in an object store: sent once, seen whole, taken up by another machine, whatever fails in between."""

from __future__ import annotations

import json
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import dagster as dg
import pyarrow.parquet as pq
import pytest

from pipeline.assets.workspace import Workspace
from pipeline.definitions import build_definitions
from pipeline.settings import ROOT, Settings
from pipeline.store import batches, lease, objects, publish, remote, workers
from pipeline.store.ledger import Ledger
from pipeline.store.objects import RemoteError, Store
from pipeline.tables import EXPORTED
from tests.objectstore import BUCKET, KEY, SECRET, Server, server
from tests.warehouses import ARTICLES, query, rows, run, write_articles

ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": KEY,
    "AWS_SECRET_ACCESS_KEY": SECRET,
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_REQUEST_CHECKSUM_CALCULATION": "when_required",  # the server knows no checksums that follow a body
}


@pytest.fixture(autouse=True)
def keys(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Set the usual variables, and wait less than for a real store."""
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setattr(objects, "PAUSES", (0.01,) * 6)


@pytest.fixture
def s3(tmp_path: Path) -> Iterator[Server]:
    with server(tmp_path / "s3") as running:
        yield running


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with an inbox of six articles and the warehouse of its refresh."""
    folder = tmp_path_factory.mktemp("remote")
    write_articles(folder / "inbox")
    assert run(folder / "inbox", folder / "warehouse").succeeded
    return folder


@pytest.fixture
def here(clean: Path, tmp_path: Path) -> Path:
    """Return a copy of that warehouse."""
    return Path(shutil.copytree(clean / "warehouse", tmp_path / "here"))


def sync(warehouse: Path, address: str, **chosen: Any) -> dict[str, int]:
    """Do what a refresh does with the store, and nothing else."""
    with remote.mirrored(Settings(warehouse=warehouse, remote=address, **chosen)) as mirror:
        assert mirror is not None
        return mirror.send()


def add_batch(folder: Path, warehouse: Path, text: str) -> None:
    """Ingest one more document."""
    inbox = folder / f"more-{abs(hash(text))}"
    write_articles(inbox, (text,))
    batches.ingest(Settings(inboxes=(inbox,), warehouse=warehouse), datetime(2025, 1, 1))


def files(warehouse: Path) -> dict[str, bytes]:
    """Return what of a warehouse is kept in a store, but for pointers and state."""
    found = {}
    for part in ("raw", "ingest", "extract", "releases"):
        for path in (warehouse / part).rglob("*"):
            if path.is_file():
                found[path.relative_to(warehouse).as_posix()] = path.read_bytes()
    return found


def test_first_and_second_time(s3: Server, here: Path, tmp_path: Path) -> None:
    """All is sent once, the pointers last; what is new later is all that is sent later."""
    assert sync(here, s3.address)["objects sent"] == len(files(here)) + 2  # the report, and the ledger
    there = s3.stored()
    assert files(here).items() <= there.items()
    assert s3.written()[-2:] == ["state.json", "release.json"]
    assert not [name for name in there if name.startswith("lease")]
    s3.asked.clear()
    assert sync(here, s3.address) == {"objects sent": 0, "bytes sent": 0}
    assert len(s3.asked) <= 10, "nothing new is a handful of requests"
    add_batch(tmp_path, here, "Sweden said it would help Ukraine.")
    s3.asked.clear()
    sync(here, s3.address)
    sent = [name for name in s3.written() if not name.startswith("lease")]
    assert sorted(name.split("/")[0] for name in sent) == ["ingest"] * 3 + ["raw", "state", "state.json"]


def test_fresh_machine_extracts_nothing(
    s3: Server, clean: Path, here: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A machine with an empty warehouse starts from the store; what it adds, the first one takes up."""
    sync(here, s3.address)
    with monkeypatch.context() as patched:
        patched.setattr(batches, "extract_documents", None)
        assert run(clean / "inbox", tmp_path / "other", remote=s3.address).succeeded
    assert rows(tmp_path / "other") == rows(clean / "warehouse")
    growing = Path(shutil.copytree(clean / "inbox", tmp_path / "growing"))
    (growing / "new.txt").write_text("Sweden said it would help Ukraine.\n", encoding="utf-8")
    assert run(growing, tmp_path / "other", remote=s3.address).succeeded
    with monkeypatch.context() as patched:
        patched.setattr(batches, "extract_documents", None)
        assert run(growing, here, remote=s3.address).succeeded
    assert query(here, "SELECT count(*) FROM documents") == [(len(ARTICLES) + 1,)]
    assert rows(here) == rows(tmp_path / "other")
    assert publish.current(Settings(warehouse=here)) == publish.current(Settings(warehouse=tmp_path / "other"))


def test_reader_sees_whole_releases(s3: Server, here: Path) -> None:
    """The pointer names a folder that holds every table that is exported, as it is published here."""
    sync(here, s3.address)
    store = Store(s3.address)
    release = json.loads(store.read("release.json") or b"")
    for table in EXPORTED:
        path = f"{BUCKET}/desk/releases/{release['release_id']}/tables/{table.name}.parquet"
        assert pq.read_table(path, filesystem=store._files).num_rows == release["rows"][table.name]


_SYNC = """
import sys
from pathlib import Path
from tests.store.test_remote import sync
sync(Path(sys.argv[1]), sys.argv[2])
"""


def killed_at(s3: Server, warehouse: Path, method: str, number: int) -> int:
    """Sync in a process of its own, which is killed when it asks so for the n-th time; return how often it did."""
    count = 0
    process: list[subprocess.Popen[bytes]] = []

    def kill(asked: str, name: str) -> str:
        nonlocal count
        if asked == method and not name.startswith("lease"):
            count += 1
            if count == number:
                process[0].kill()
                return "hang" if method == "PUT" else ""
        return ""

    s3.trouble = kill
    command = [sys.executable, "-c", _SYNC, str(warehouse), s3.address]
    process.append(subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL))
    process[0].wait(60)
    s3.trouble = lambda *_: ""
    return count


def test_killed_while_sending(s3: Server, here: Path, clean: Path, tmp_path: Path) -> None:
    """Killed between any two objects: readers see nothing yet, and what has arrived is not sent again."""
    before = 0
    for number in (1, 9, 12, 10, 3):
        assert killed_at(s3, here, "PUT", number) >= number, "it ended before it was killed"
        there = s3.stored()
        assert "release.json" not in there and "state.json" not in there
        assert len(there) >= before
        before = len(there) - 1  # its claim
    sync(here, s3.address)
    assert files(here).items() <= s3.stored().items()
    often = [name for name in set(s3.written()) if s3.written().count(name) > 1 and not name.startswith("lease")]
    assert len(often) <= 5 * objects.AT_ONCE, "only what was under way when it was killed is sent again"
    sync(tmp_path / "other", s3.address)
    assert (
        files(tmp_path / "other").items()
        >= {name: content for name, content in files(clean / "warehouse").items() if not name.startswith("raw")}.items()
    )


def test_killed_while_taking(s3: Server, here: Path, tmp_path: Path) -> None:
    """A machine that is killed while it takes the warehouse goes on taking it, and ends with all of it."""
    sync(here, s3.address)
    other = tmp_path / "other"
    for number in (3, 7, 12, 20):
        killed_at(s3, other, "GET", number)
        assert not (other / "ledger.sqlite").exists()
    sync(other, s3.address)
    taken = {name: content for name, content in files(here).items() if not name.startswith("raw")}
    assert taken.items() <= files(other).items()
    assert (other / "release.json").read_bytes() == (here / "release.json").read_bytes()
    with Ledger(here / "ledger.sqlite") as mine, Ledger(other / "ledger.sqlite") as theirs:
        assert mine.batches() == theirs.batches()


@pytest.mark.parametrize("seed", range(3))
def test_server_that_fails_now_and_then(s3: Server, here: Path, tmp_path: Path, seed: int) -> None:
    """One request in five answered with an error or broken off: all arrives, both ways."""
    draw = random.Random(seed)
    s3.trouble = lambda *_: draw.choice(("500", "cut")) if draw.random() < 0.2 else ""
    sync(here, s3.address)
    assert files(here).items() <= s3.stored().items()
    sync(tmp_path / "other", s3.address)
    taken = {name: content for name, content in files(here).items() if not name.startswith("raw")}
    assert taken.items() <= files(tmp_path / "other").items()


def test_server_that_says_nothing(s3: Server, here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A request that is never answered is given up after a while, and asked again."""
    monkeypatch.setattr(objects, "SILENT_SECONDS", 1.0)
    silent: list[str] = []

    def hang(method: str, name: str) -> str:
        if method == "PUT" and name.startswith("raw/") and not silent:
            silent.append(name)
            return "hang"
        return ""

    s3.trouble = hang
    sync(here, s3.address)
    assert silent
    assert files(here).items() <= s3.stored().items()


def test_store_that_cannot_be_had_later(s3: Server, clean: Path, here: Path, tmp_path: Path) -> None:
    """With the store away the refresh publishes here and then tells; the next one sends what was left."""
    sync(here, s3.address)
    growing = Path(shutil.copytree(clean / "inbox", tmp_path / "growing"))
    (growing / "new.txt").write_text("Sweden said it would help Ukraine.\n", encoding="utf-8")
    s3.trouble = lambda *_: "500"
    outcome = run(growing, here, remote=s3.address)
    assert not outcome.succeeded
    assert len(outcome.errors) == 1
    assert outcome.errors[0].startswith(f"the store s3://{BUCKET}/desk") and "COMMUNIQUE_REMOTE" in outcome.errors[0]
    assert query(here, "SELECT count(*) FROM documents") == [(len(ARTICLES) + 1,)]
    s3.trouble = lambda *_: ""
    assert run(growing, here, remote=s3.address).succeeded
    assert json.loads(s3.stored()["release.json"])["rows"]["documents"] == len(ARTICLES) + 1


def test_batches_are_sent_where_the_publish_fails(s3: Server, clean: Path, here: Path, tmp_path: Path) -> None:
    """What a refresh read is sent though a check stops its publish; readers see the release before."""
    sync(here, s3.address)
    release = s3.stored()["release.json"]
    sql = Path(shutil.copytree(ROOT / "sql", tmp_path / "sql"))
    (sql / "figures.sql").write_text("SELECT nonsense", encoding="utf-8")
    growing = Path(shutil.copytree(clean / "inbox", tmp_path / "growing"))
    (growing / "new.txt").write_text("Sweden said it would help Ukraine.\n", encoding="utf-8")
    assert not run(growing, here, remote=s3.address, sql_folder=sql).succeeded
    assert len({name.split("/")[1] for name in s3.stored() if name.startswith("ingest/")}) == 2
    assert s3.stored()["release.json"] == release


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"bucket": "nothing-here"}, "NO_SUCH_BUCKET"),
        ({"AWS_SECRET_ACCESS_KEY": "wrong-one"}, "SIGNATURE_DOES_NOT_MATCH"),
        ({"AWS_ACCESS_KEY_ID": "unknown"}, "INVALID_ACCESS_KEY_ID"),
        ({"AWS_ACCESS_KEY_ID": None, "AWS_SECRET_ACCESS_KEY": None}, "MISSING_AUTHENTICATION|ACCESS_DENIED"),
    ],
)
def test_wrong_place_or_keys(
    s3: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: dict[str, str | None], told: str
) -> None:
    """The setting, the address and the store's own words are in the error."""
    for name, value in change.items():
        if value is None:
            monkeypatch.delenv(name)
        elif name != "bucket":
            monkeypatch.setenv(name, value)
    address = s3.of_bucket(change.get("bucket") or BUCKET)
    with pytest.raises(RemoteError, match=rf"s3://[\w-]+/desk.*COMMUNIQUE_REMOTE.*({told})"):
        sync(tmp_path / "w", address)


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("s3://news/desk?colour=red", "colour is none of endpoint_override"),
        ("s3:///desk", "no bucket"),
        ("ftp://example.org/x", "ftp"),
    ],
)
def test_address_that_is_none(address: str, told: str) -> None:
    """An address that cannot be understood is named, with the way out."""
    with pytest.raises(RemoteError, match=rf"COMMUNIQUE_REMOTE.*{told}.*such as s3://bucket/prefix"):
        Store(address)


def test_nothing_to_go_on_with(s3: Server, clean: Path, tmp_path: Path) -> None:
    """Where the warehouse is empty and the store cannot be had, the refresh ends before it reads anything."""
    outcome = run(clean / "inbox", tmp_path / "w", remote=s3.of_bucket("nothing-here"))
    assert not outcome.succeeded
    assert outcome.errors[0].startswith("the store s3://nothing-here/desk") and "NO_SUCH_BUCKET" in outcome.errors[0]
    assert not (tmp_path / "w" / "ingest").exists()


def test_endpoint_of_the_usual_variable(s3: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another server may be named as AWS's own tools have it."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{s3.port}/")
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    store = Store(f"s3://{BUCKET}/desk")
    store.write("a/b", b"news")
    assert s3.stored() == {"a/b": b"news"}
    assert store.read("a/b") == b"news" and store.read("a/c") is None
    store.remove("a/")
    store.remove("a/")
    assert s3.stored() == {}


def test_step_is_there_where_a_store_is(tmp_path: Path) -> None:
    """Dagster shows the step that sends where a store is set, and none where not."""
    for address, there in (("", False), (str(tmp_path), True)):
        definitions = build_definitions(Workspace(Settings(remote=address)))
        keys = definitions.resolve_asset_graph().get_all_asset_keys()
        assert (dg.AssetKey("mirrored") in keys) is there


def test_keys_in_the_address_are_not_told(s3: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keys may stand in the address, and are in no message and in no file."""
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    whole = s3.address.replace("s3://", f"s3://{KEY}:{SECRET}@")
    sync(tmp_path / "w", whole)
    assert SECRET.encode() not in (tmp_path / "w" / "remote.sqlite").read_bytes()
    with pytest.raises(RemoteError) as raised:
        sync(tmp_path / "w2", whole.replace(BUCKET, "nothing-here"))
    assert SECRET not in str(raised.value)


def test_two_writers(s3: Server, here: Path, tmp_path: Path) -> None:
    """While one machine writes, another is told which; afterwards it may."""
    settings = Settings(warehouse=here, remote=s3.address)
    with remote.mirrored(settings):
        began = time.monotonic()
        with pytest.raises(lease.Held, match=rf"\w+ \(process {os.getpid()}\) is writing to the store .*LOCK_WAIT"):
            sync(tmp_path / "other", s3.address)
        assert time.monotonic() - began < 20
    sync(tmp_path / "other", s3.address)


def test_lease_of_a_machine_that_stopped(
    s3: Server, here: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A claim that is not renewed is void; its machine, should it wake, finds that and moves no pointer."""
    monkeypatch.setattr(lease.Lease, "renew", lambda _: None)
    settings = Settings(warehouse=here, remote=s3.address)
    monkeypatch.setattr(lease, "SECONDS", 1.0)
    with remote.mirrored(settings) as sleeper:
        assert sleeper is not None
        time.sleep(2.1)
        sync(tmp_path / "other", s3.address)
        state = s3.stored().get("state.json")
        with pytest.raises(lease.Lost, match="passed to another machine"):
            sleeper.send()
        assert s3.stored().get("state.json") == state


def test_void_lease_does_not_come_to_life_again(s3: Server, here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that slept through its lease does not renew it when it wakes, though its claim is still there."""
    monkeypatch.setattr(lease, "SECONDS", 1.0)
    slept = [0.0]
    clocks = lease._clocks
    monkeypatch.setattr(lease, "_clocks", lambda: tuple(clock + slept[0] for clock in clocks()))
    with remote.mirrored(Settings(warehouse=here, remote=s3.address)) as mirror:
        assert mirror is not None
        slept[0] = 3600
        s3.asked.clear()
        time.sleep(0.5)
        assert s3.written() == []
        with pytest.raises(lease.Lost):
            mirror.send()
        assert "state.json" not in s3.stored()


def test_lease_is_renewed(s3: Server, here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that works for longer than the lease renews it, and keeps it."""
    monkeypatch.setattr(lease, "SECONDS", 1.0)
    with remote.mirrored(Settings(warehouse=here, remote=s3.address)) as mirror:
        assert mirror is not None
        time.sleep(2.5)
        mirror.send()
    assert len([name for name in s3.written() if name.startswith("lease")]) >= 5


def test_never_two_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Machines that claim at the same moment again and again never hold the lease together."""
    monkeypatch.setattr(random, "uniform", lambda *_: random.random() / 50)
    inside: list[int] = []
    seen: list[int] = []

    def work(number: int) -> None:
        store = Store(str(tmp_path / "store"))
        for _ in range(15):
            with lease.held(store, tmp_path / str(number), "", patience=60):
                inside.append(number)
                seen.append(len(inside))
                time.sleep(0.002)
                inside.remove(number)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == [1] * 45


def test_both_have_gone_on(s3: Server, here: Path, tmp_path: Path) -> None:
    """Where two warehouses each hold what the other lacks, neither is overwritten, and it is told what to do."""
    sync(here, s3.address)
    other = tmp_path / "other"
    sync(other, s3.address)
    add_batch(tmp_path, here, "Sweden said it would help Ukraine.")
    sync(here, s3.address)
    add_batch(tmp_path, other, "Denmark said it would help Ukraine.")
    state = s3.stored()["state.json"]
    with pytest.raises(RemoteError, match=r"have both gone on: .*empty folder"):
        sync(other, s3.address)
    assert s3.stored()["state.json"] == state
    assert len(batches.batches(Settings(warehouse=other))) == 2


def test_record_that_is_lost(s3: Server, here: Path) -> None:
    """Without its notes on the store a warehouse looks what is there, and sends nothing twice."""
    sync(here, s3.address)
    (here / "remote.sqlite").unlink()
    assert sync(here, s3.address)["objects sent"] == 0


def test_store_that_was_emptied(s3: Server, here: Path) -> None:
    """Where the store was emptied, or is another one, all is sent anew."""
    first = sync(here, s3.address)
    shutil.rmtree(s3.folder / BUCKET / "desk")
    assert sync(here, s3.address) == first
    assert files(here).items() <= s3.stored().items()


def test_what_is_gone_goes_last(s3: Server, here: Path, tmp_path: Path) -> None:
    """Batches that became one are removed when the state that does without them is there."""
    add_batch(tmp_path, here, "Sweden said it would help Ukraine.")
    sync(here, s3.address)
    settings = Settings(warehouse=here)
    gone = batches.batches(settings)[0].name
    with Ledger(here / "ledger.sqlite") as ledger, ledger._connection:
        ledger._connection.execute("DELETE FROM batches WHERE batch_id = ?", (gone,))
    s3.asked.clear()
    sync(here, s3.address)
    pointed = s3.asked.index(("PUT", "state.json"))
    removed = [n for n, (method, name) in enumerate(s3.asked) if method in ("POST", "DELETE") and "lease" not in name]
    assert removed and min(removed) > pointed
    assert not [name for name in s3.stored() if gone in name]
    sync(tmp_path / "other", s3.address)
    assert gone not in {batch.name for batch in batches.batches(Settings(warehouse=tmp_path / "other"))}


def test_what_is_kept(s3: Server, here: Path) -> None:
    """Of old releases as many are kept as the settings say, and raw bytes as long."""
    sync(here, s3.address)
    release = publish.current(Settings(warehouse=here))
    assert release is not None
    old = s3.folder / BUCKET / "desk" / "releases"
    for number in range(3):
        shutil.copytree(old / release.release_id, old / f"old-{number}")
    (here / "remote.sqlite").unlink()
    sync(here, s3.address, keep_releases=2)
    assert len({name.split("/")[1] for name in s3.stored() if name.startswith("releases/")}) == 2
    assert any(name.startswith("raw/") for name in s3.stored())
    with sqlite3.connect(here / "remote.sqlite") as record:
        record.execute("UPDATE objects SET sent = '2025-01-01T00:00:00+00:00' WHERE name LIKE 'raw/%'")
    record.close()
    shutil.rmtree(here / "raw")
    sync(here, s3.address, keep_raw_days=7)
    assert not any(name.startswith("raw/") for name in s3.stored())


def test_a_folder_is_a_store_too(here: Path, tmp_path: Path, clean: Path) -> None:
    """The path of a folder, or its file:// address, serves as well."""
    store = tmp_path / "shared"
    sync(here, str(store))
    assert not list(store.rglob("*.partial-*"))
    sync(tmp_path / "other", store.as_uri())
    with Ledger(tmp_path / "other" / "ledger.sqlite") as ledger:
        there = batches.batches(Settings(warehouse=clean / "warehouse"))
        assert list(ledger.batches()) == [batch.name for batch in there]
    assert workers.extract_pending(Settings(warehouse=tmp_path / "other"), lambda _: None) == 0
