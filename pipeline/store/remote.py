"""The warehouse in an object store: a refresh sends what is new, and a machine that has nothing starts from there.

In the store, as in the warehouse: `raw/`, `ingest/`, `extract/VERSION/`, `releases/ID/`; further `state/` (the ledger
and what is known of feeds, each named by its hash), and two pointers, an object each: `state.json` for the machines
that write, `release.json` for those who read. Nothing else is ever changed; a pointer is written when all it names is
there, and what no pointer needs is removed after that. How objects travel is in `objects`, who may write in `lease`.
"""

from __future__ import annotations

import json
import os
import socket
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

from pipeline import tables
from pipeline.settings import Settings
from pipeline.store import batches, lease, publish
from pipeline.store.files import PARTIAL, beside, link, write_bytes
from pipeline.store.lease import Lease
from pipeline.store.ledger import Ledger
from pipeline.store.objects import RemoteError, Store
from pipeline.store.sums import checksum

STATE, RELEASE = "state.json", "release.json"
_LEDGER = "ledger.sqlite"
_KEPT = (_LEDGER, "feeds.sqlite", "official/world-bank.json")
"""Files of the warehouse that change, and that a machine goes on from."""

_TAKEN = ("ingest", "extract", "releases", "state")  # folders that a machine starts from
_HASHED = ("raw/", "state/")  # folders whose files are named by what is in them

_LAST = "\U0010ffff"  # stands after every other character, so that names can be asked for by how they begin


@dataclass(frozen=True)
class State:
    """What a machine left in the store: `files` names the object of each of `_KEPT`, `release` what was published."""

    files: dict[str, str]
    extractor: str
    release: str | None
    machine: str
    written: str  # ISO 8601, UTC

    @property
    def mark(self) -> str:
        """Return what tells this state from others."""
        return sha256(json.dumps([self.files, self.extractor, self.release], sort_keys=True).encode()).hexdigest()


class _Record:
    """What this warehouse knows of the store: its objects, and the state in which the two were last in step.

    A small SQLite file in the warehouse. Without it nothing is lost: the store is listed again.
    """

    def __init__(self, settings: Settings, address: str) -> None:
        self._connection = sqlite3.connect(settings.warehouse / "remote.sqlite")
        self._connection.executescript(
            "CREATE TABLE IF NOT EXISTS objects (name TEXT PRIMARY KEY, size INTEGER, sent TEXT) WITHOUT ROWID;"
            "CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID;"
        )
        if self["address"] != address:
            with self._connection:
                self._connection.execute("DELETE FROM objects")
                self._connection.execute("DELETE FROM facts")
            self["address"] = address
            self["owner"] = uuid4().hex

    def __getitem__(self, fact: str) -> str | None:
        row = self._connection.execute("SELECT value FROM facts WHERE name = ?", (fact,)).fetchone()
        return None if row is None else str(row[0])

    def __setitem__(self, fact: str, value: str | None) -> None:
        with self._connection:
            self._connection.execute("INSERT OR REPLACE INTO facts VALUES (?, ?)", (fact, value))
            self._connection.execute("DELETE FROM facts WHERE value IS NULL")

    def names(self, start: str) -> dict[str, tuple[int, str]]:
        """Return the objects whose name starts so, each with its bytes and when it was sent (ISO 8601)."""
        query = "SELECT name, size, sent FROM objects WHERE name BETWEEN ? AND ?"
        return {name: (size, sent) for name, size, sent in self._connection.execute(query, (start, start + _LAST))}

    def add(self, objects: Iterable[tuple[str, int, str]]) -> None:
        with self._connection:
            self._connection.executemany("INSERT OR REPLACE INTO objects VALUES (?, ?, ?)", objects)

    def replace(self, objects: Iterable[tuple[str, int, str]]) -> None:
        with self._connection:
            self._connection.execute("DELETE FROM objects")
        self.add(objects)

    def remove(self, name: str) -> None:
        """Forget an object, or with a slash at the end all below a folder."""
        last = name + _LAST if name.endswith("/") else name
        with self._connection:
            self._connection.execute("DELETE FROM objects WHERE name BETWEEN ? AND ?", (name, last))

    def close(self) -> None:
        self._connection.close()


class Mirror:
    """A warehouse and its store while a refresh runs."""

    def __init__(self, settings: Settings, store: Store, record: _Record) -> None:
        self._settings, self._store, self._record = settings, store, record
        self.held: Lease | None = None
        self.trouble: RemoteError | None = None
        """Why the store could not be had at the start; the refresh goes on without it, and ends with it."""
        self.tried = False
        """Whether something was sent, or was to be."""

    def take(self) -> None:
        """Bring the warehouse into step with the store: take what another machine wrote since, or all.

        Raises:
            RemoteError: the store fails, lacks what its state names, or both have gone on from where they were.
        """
        there = self._state()
        if there is None:  # a new store, or one that was emptied: everything is to be sent
            self._record["state"] = self._record["release"] = None
            self._record.replace(_now_there(self._store))
        elif there.mark != self._record["state"]:
            if not self._behind(there):
                raise RemoteError(
                    f"{self._store.named} and {self._settings.warehouse} have both gone on: "
                    f"{there.machine} wrote to the store on {there.written}, and here is what it lacks. Name an "
                    "empty folder with --warehouse to go on from the store (the inboxes are read into it), or another "
                    "address to keep this warehouse apart"
                )
            self._take(there)

    def _state(self) -> State | None:
        content = self._store.read(STATE)
        if content is None:
            return None
        try:
            return State(**json.loads(content))
        except (ValueError, TypeError) as error:
            raise RemoteError(
                f"{STATE} in {self._store.named} is not what this version of the project "
                f"writes ({error}); use the same version on all machines"
            ) from error

    def _behind(self, there: State) -> bool:
        """Return whether the warehouse holds nothing but what it has, or once had, in common with the store."""
        if self._record["taking"] or not batches.batches(self._settings):
            return True
        mine = self._ledger_digest()
        return mine == self._record["ledger"] or there.files[_LEDGER] == _state_name(mine, _LEDGER)

    def _ledger_digest(self) -> str:
        with _scratch(self._settings) as name:
            return _short_sum(_snapshot(self._settings.warehouse / _LEDGER, Path(name)))

    def _take(self, there: State) -> None:
        self._record["taking"] = there.mark  # so that what a killed one leaves is known to be the store's
        self._record.replace(_now_there(self._store))
        objects = {name: size for one in _TAKEN for name, (size, _) in self._record.names(f"{one}/").items()}
        warehouse = self._settings.warehouse
        with _scratch(self._settings) as name:
            ledger = Path(name) / _LEDGER
            self._fetch(objects, there.files[_LEDGER], ledger)
            with Ledger(ledger) as opened:
                known = opened.batches()
            self._fetch_folders(objects, [f"ingest/{batch}" for batch in known])
            version = batches.extract_folder(self._settings).name
            extracted = [f"extract/{version}/{batch}" for batch in known]
            whole = {f"{table.name}.parquet" for table in tables.EXTRACTED}
            have = _by_folder(objects, f"extract/{version}/")
            self._fetch_folders(objects, [one for one in extracted if whole <= have.get(one, set())])
            if there.release is not None:
                self._fetch_folders(objects, [f"releases/{there.release}"])
                pointer = warehouse / "releases" / there.release / RELEASE
                write_bytes(warehouse / RELEASE, pointer.read_bytes())
            for kept in there.files.keys() - {_LEDGER}:
                self._fetch(objects, there.files[kept], warehouse / kept)
            for journal in warehouse.glob(f"{_LEDGER}-*"):
                journal.unlink()
            link(ledger, warehouse / _LEDGER)  # last: what it does not name is rubbish, so all it names is there
        self._record["release"] = there.release
        self._in_step(there, self._ledger_digest())

    def _in_step(self, state: State, ledger: str) -> None:
        self._record["ledger"] = ledger
        self._record["state"] = state.mark
        self._record["taking"] = None

    def _fetch(self, objects: dict[str, int], name: str, target: Path) -> None:
        if name not in objects:
            raise RemoteError(f"{self._store.named} lacks {name}, which it names")
        self._store.fetch(name, objects[name], target)

    def _fetch_folders(self, objects: dict[str, int], folders: Iterable[str]) -> None:
        """Copy whole folders, but those that are here; each is moved into place when it is whole."""
        inside = _by_folder(objects)
        for folder in folders:
            target = self._settings.warehouse / folder
            if target.is_dir():
                continue
            if folder not in inside:
                raise RemoteError(f"{self._store.named} lacks {folder}, which it names")
            with beside(target) as partial:
                wanted = [(f"{folder}/{name}", partial / name) for name in sorted(inside[folder])]
                for _ in self._store.fetch_all((name, objects[name], file) for name, file in wanted):
                    pass

    def send(self) -> dict[str, int]:
        """Send what is new; return how many objects and bytes that was. Readers see it when all is there.

        Raises:
            RemoteError: the store fails; what has arrived is not sent again.
        """
        self.tried = True
        if self.held is None:
            raise self.trouble or RemoteError("the store is not open")
        settings = self._settings
        with _scratch(self._settings) as name:
            files = [settings.warehouse / path for path in _KEPT]
            kept = {
                path: _snapshot(file, Path(name)) for path, file in zip(_KEPT, files, strict=True) if file.is_file()
            }
            if _LEDGER not in kept:
                return {"objects sent": 0, "bytes sent": 0}
            named = {path: _state_name(_short_sum(file), path) for path, file in kept.items()}
            with Ledger(settings.warehouse / _LEDGER) as ledger:
                known = set(ledger.batches())
            release = publish.current(settings)
            here = [*_local(settings, known, release), ("state/", {named[path]: file for path, file in kept.items()})]
            sent = self._send(self._new(here))
        machine, now = socket.gethostname(), datetime.now(UTC).isoformat(timespec="seconds")
        version = batches.extract_folder(settings).name
        state = State(named, version, None if release is None else release.release_id, machine, now)
        self._point(state, self.held)
        self._remove_old(state, known)
        return sent

    def _new(self, here: Iterable[tuple[str, dict[str, Path]]]) -> Iterator[tuple[str, Path]]:
        """Yield the files that the store does not have, of folder after folder."""
        for folder, files in here:
            there = self._record.names(folder)
            for name, path in files.items():
                if name in there and (folder.startswith(_HASHED) or path.stat().st_size == there[name][0]):
                    continue
                yield name, path

    def _send(self, new: Iterator[tuple[str, Path]]) -> dict[str, int]:
        """Send files; what has arrived is remembered at once."""
        objects = size = 0
        for name, bytes_ in self._store.write_all(new):
            self._record.add([(name, bytes_, datetime.now(UTC).isoformat())])
            objects, size = objects + 1, size + bytes_
        return {"objects sent": objects, "bytes sent": size}

    def _point(self, state: State, held: Lease) -> None:
        """Let the pointers name what is now there."""
        if state.mark != self._record["state"]:
            held.confirm()
            self._store.write(STATE, json.dumps(asdict(state), indent=1).encode())
        if state.release is not None and state.release != self._record["release"]:
            held.confirm()
            self._store.write(RELEASE, (self._settings.warehouse / RELEASE).read_bytes())
            self._record["release"] = state.release
        self._in_step(state, state.files[_LEDGER].split("/")[1].split("-")[0])

    def _remove_old(self, state: State, known: set[str]) -> None:
        """Remove what the pointers that now stand there do not need, as the warehouse's own settings have it."""
        needed = set(state.files.values())
        old = [name for name in self._record.names("state/") if name not in needed]
        old += [f"ingest/{batch}/" for batch in _folders(self._record.names("ingest/"), 1) if batch not in known]
        for folder in _folders(self._record.names("extract/"), 2):
            version, batch = folder.split("/")
            if version != state.extractor or batch not in known:
                old.append(f"extract/{folder}/")
        old += [f"releases/{one}/" for one in self._old_releases(state)]
        if self._settings.keep_raw_days:
            since = (datetime.now(UTC) - timedelta(days=self._settings.keep_raw_days)).isoformat()
            old += [name for name, (_, sent) in self._record.names("raw/").items() if sent < since]
        for name in old:
            self._store.remove(name)
            self._record.remove(name)

    def _old_releases(self, state: State) -> list[str]:
        last: dict[str, str] = {}
        for name, (_, sent) in self._record.names("releases/").items():
            release = name.split("/")[1]
            last[release] = max(last.get(release, ""), sent)
        newest = sorted(last.keys() - {state.release}, key=lambda one: last[one], reverse=True)
        return newest[self._settings.keep_releases - 1 :]


def _local(
    settings: Settings, known: set[str], release: publish.Release | None
) -> Iterator[tuple[str, dict[str, Path]]]:
    """Yield what of the warehouse belongs into the store: a folder's name there, and its files by theirs."""
    warehouse = settings.warehouse
    folders = sorted((warehouse / "raw").glob("*"))
    folders += [batch for batch in batches.batches(settings) if batch.name in known]
    folders += sorted(one for one in batches.extract_folder(settings).glob("*") if one.name in known)
    for folder in folders:
        yield _inside(warehouse, folder)
    if release is not None:
        name, files = _inside(warehouse, warehouse / "releases" / release.release_id)
        if settings.report_file.is_file():
            files[f"{name}report/{settings.report_file.name}"] = settings.report_file
        yield name, files


def _inside(warehouse: Path, folder: Path) -> tuple[str, dict[str, Path]]:
    paths = (Path(root) / name for root, _, names in os.walk(folder) for name in sorted(names) if PARTIAL not in name)
    return f"{folder.relative_to(warehouse).as_posix()}/", {p.relative_to(warehouse).as_posix(): p for p in paths}


def _scratch(settings: Settings) -> TemporaryDirectory[str]:
    """Return a folder in the warehouse for a while; one that a killed refresh leaves is removed by the next."""
    return TemporaryDirectory(prefix=f"remote{PARTIAL}", dir=settings.warehouse)


def _snapshot(file: Path, folder: Path) -> Path:
    """Return a copy of a file as it is now; of a database, one that holds all that is committed."""
    copy = folder / file.name
    if file.suffix != ".sqlite":
        copy.write_bytes(file.read_bytes())
        return copy
    with closing(sqlite3.connect(file)) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target)
    return copy


def _short_sum(file: Path) -> str:
    return checksum(file)[:20]


def _state_name(digest: str, path: str) -> str:
    return f"state/{digest}-{Path(path).name}"


def _now_there(store: Store) -> Iterator[tuple[str, int, str]]:
    """Yield the objects of the store; those of `raw/`, which may be millions, folder by folder."""
    for folder in (*_TAKEN, *store.folders("raw")):
        for name, found in store.listed(folder).items():
            yield name, found.size, "" if found.written is None else found.written.isoformat()


def _by_folder(objects: Iterable[str], start: str = "") -> dict[str, set[str]]:
    """Return the folders of a batch or a release, each with the names of the files below it."""
    found: dict[str, set[str]] = {}
    for name in objects:
        if name.startswith(start):
            depth = 3 if name.startswith("extract/") else 2
            parts = name.split("/")
            found.setdefault("/".join(parts[:depth]), set()).add("/".join(parts[depth:]))
    return found


def _folders(names: Iterable[str], depth: int) -> set[str]:
    """Return what follows the first part of each name, so many parts of it."""
    return {"/".join(name.split("/")[1 : 1 + depth]) for name in names}


@contextmanager
def mirrored(settings: Settings) -> Iterator[Mirror | None]:
    """Hold the store's lease for a refresh, and take what is there first; yield None where no store is set.

    A store that cannot be had is no reason to stop where there is a warehouse to go on with: that is told by `send`.
    What a refresh that failed has made is sent at the end all the same, but for what it did not publish.

    Raises:
        RemoteError: another machine holds the lease, both have gone on, or there is nothing here to go on with.
    """
    if not settings.remote:
        yield None
        return
    settings.warehouse.mkdir(parents=True, exist_ok=True)
    store = Store(settings.remote)
    with closing(_Record(settings, store.address)) as record, ExitStack() as stack:
        mirror = Mirror(settings, store, record)
        try:
            mark = record["owner"] or ""
            mirror.held = stack.enter_context(lease.held(store, settings.warehouse, mark, settings.lock_wait))
        except RemoteError as error:
            if isinstance(error, lease.Held) or record["taking"] or not batches.batches(settings):
                raise
            mirror.trouble = error
            yield mirror
            return
        mirror.take()
        yield mirror
        if not mirror.tried and not any(settings.spool.glob("*.jsonl")):  # the run failed, and has told why
            with suppress(RemoteError):
                mirror.send()
