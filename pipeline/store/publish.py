"""Publishing: the audited staging database becomes the database and the Parquet files that analysts read.

Each publish is a folder under `releases/`; the files that analysts open are put in place from it one by one, each
atomically, and a pointer file names the release. So an open reader keeps its snapshot, a killed publish is finished by
the next start, and the release before is kept for a rollback. What is in the tables is decided elsewhere.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from itertools import chain, count
from pathlib import Path
from typing import Any

import duckdb

from pipeline.settings import Settings
from pipeline.store import duck, increment, row_groups, staging
from pipeline.store.files import PARTIAL, beside, link, write_bytes
from pipeline.store.increment import Base
from pipeline.store.sums import is_sound, write_sums
from pipeline.tables import EXPORTED, PUBLISHED

_POINTER = "release.json"


class PublishError(RuntimeError):
    """The staging tables must not be published; the message says why."""


class NoRelease(RuntimeError):
    """There is nothing published, or nothing to go back to; the message says what to do."""


@dataclass(frozen=True)
class Release:
    """One publish."""

    release_id: str
    fingerprint: str
    published_at: str  # ISO 8601, UTC
    seconds: float  # what the refresh took
    rows: dict[str, int]
    failed_checks: list[str]  # those that only warn
    previous: str | None = None  # the release that a rollback goes back to


def _folder(settings: Settings, release_id: str) -> Path:
    return settings.warehouse / "releases" / release_id


def current(settings: Settings) -> Release | None:
    """Return the release that analysts see, or None."""
    path = settings.warehouse / _POINTER
    if not path.is_file():
        return None
    return Release(**json.loads(path.read_text(encoding="utf-8")))


def base(settings: Settings) -> Base | None:
    """Return what of the release that analysts see the next build may begin with, None if it begins with nothing."""
    release = current(settings)
    return None if release is None else increment.base(settings, _folder(settings, release.release_id))


def opens(database: Path) -> bool:
    """Return whether a published database is there and can be opened; a damaged one is to be made anew."""
    if not database.is_file():
        return False
    try:
        duckdb.connect(str(database), read_only=True).close()
    except duckdb.Error:
        return False
    return True


def _load(settings: Settings, release_id: str) -> Release:
    return Release(**json.loads((_folder(settings, release_id) / _POINTER).read_text(encoding="utf-8")))


def _write(path: Path, release: Release) -> None:
    write_bytes(path, (json.dumps(asdict(release), indent=1) + "\n").encode())


def publish(settings: Settings, published_at: str, seconds: float) -> Release:
    """Publish the staging database.

    Raises:
        PublishError: there is none, a blocking check failed on it, or it was built from something else.
    """
    manifest = read_manifest(settings)
    failed = [f"{check['table_name']}.{check['check_name']}" for check in manifest["checks"] if not check["passed"]]
    blocked = [
        f"{check['table_name']}.{check['check_name']}"
        for check in manifest["checks"]
        if check["blocking"] and not check["passed"]
    ]
    if blocked:
        raise PublishError(f"blocking checks failed on the staging tables: {', '.join(blocked)}; nothing was published")
    if manifest["fingerprint"] != staging.fingerprint(settings):
        raise PublishError("the staging tables are not of the present inputs; run the whole refresh")
    last = current(settings)
    release_id = _free_id(settings, f"{manifest['fingerprint']}-{published_at.replace(':', '').replace('-', '')}")
    release = Release(
        release_id,
        manifest["fingerprint"],
        published_at,
        seconds,
        manifest["rows"],
        failed,
        None if last is None else last.release_id,
    )
    with beside(_folder(settings, release_id)) as folder:
        (folder / "tables").mkdir(parents=True)
        shutil.move(staging.database(settings), folder / "communique.duckdb")
        increment.release(staging.folder(settings), folder)
        base_tables = _folder(settings, str(manifest["base"])) / "tables"
        _export(folder, manifest["grown"], base_tables, staging.folder(settings))
        _write(folder / _POINTER, release)
    _put_in_place(settings, release)
    shutil.rmtree(staging.folder(settings), ignore_errors=True)
    _forget_old(settings, _kept(settings, release))
    return release


def _free_id(settings: Settings, release_id: str) -> str:
    """Return an id that no release has: a clock that was put back may give the time of one that was killed."""
    ids = chain([release_id], (f"{release_id}-{number}" for number in count(2)))
    return next(each for each in ids if not _folder(settings, each).exists())


def read_manifest(settings: Settings) -> dict[str, Any]:
    """Return what the last build wrote down of the staging database.

    Raises:
        PublishError: there is none.
    """
    path = staging.folder(settings) / "manifest.json"
    if not path.is_file() or not staging.database(settings).is_file():
        raise PublishError("there are no staging tables to publish; run the whole refresh")
    manifest: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return manifest


def _export(folder: Path, grown: Mapping[str, int], base: Path, built: Path) -> None:
    """Write the Parquet files of a release; of a table that has only grown, its new rows after those of the base.

    Args:
        folder: that of the release, the database in it.
        grown: how many rows such tables had in the release that was built on.
        base: the folder of that release's Parquet files.
        built: the folder of the build, with the new rows.
    """
    connection = duckdb.connect(str(folder / "communique.duckdb"), read_only=True)
    try:
        duck.bound(connection)
        for table in EXPORTED:
            target = folder / "tables" / f"{table.name}.parquet"
            new = increment.new_rows(built, table)
            if table.name not in grown or not _append(base / target.name, grown[table.name], new, target):
                duck.write_parquet(connection, table.name, target)
    finally:
        connection.close()
    write_sums(folder / "tables")


MOST_PIECES = 48
"""Row groups of a file beyond those that it would have if it were written at once; then it is."""


def _append(old: Path, before: int, new: Path, target: Path) -> bool:
    """Write a file's rows and new ones behind them; return whether it went, `before` being the rows that there were."""
    if not is_sound(old) or not new.is_file():
        return False
    try:
        found, _ = row_groups.footer(old)
        pieces = row_groups.groups(found) - before // duck.GROUP
        if row_groups.rows(found) != before or pieces > MOST_PIECES:
            return False
        row_groups.append(old, new, target)
    except row_groups.NotAlike:  # another version wrote it
        return False
    return True


def _put_in_place(settings: Settings, release: Release) -> None:
    """Make a release the one that analysts see. Doing it again changes nothing."""
    folder = _folder(settings, release.release_id)
    if current(settings) != release:
        _write(settings.warehouse / _POINTER, release)
    _same(folder / "communique.duckdb", settings.database)
    for table in PUBLISHED:
        file, target = (at / "tables" / f"{table.name}.parquet" for at in (folder, settings.warehouse))
        if file.is_file():
            _same(file, target)
        else:  # an index, or a release of an earlier version, which did not know the table
            target.unlink(missing_ok=True)


def _same(source: Path, target: Path) -> None:
    if target.exists() and target.samefile(source):
        return
    for journal in target.parent.glob(f"{target.name}.wal"):
        journal.unlink()
    link(source, target)


def finish_publish(settings: Settings) -> None:
    """Finish what a killed publish or rollback began."""
    release = current(settings)
    if release is not None and _folder(settings, release.release_id).is_dir():
        _put_in_place(settings, release)


def rollback(settings: Settings) -> Release:
    """Go back to the release before the present one.

    Raises:
        NoRelease: there is none.
    """
    now = current(settings)
    if now is None:
        raise NoRelease(f"nothing is published in {settings.warehouse}; run ./run refresh first")
    if now.previous is None or not _folder(settings, now.previous).is_dir():
        raise NoRelease(
            f"there is no earlier publish in {settings.warehouse} to go back to; one is kept, once there were two"
        )
    release = _load(settings, now.previous)
    _put_in_place(settings, release)
    return release


def _kept(settings: Settings, release: Release) -> set[str]:
    """Return the ids of the newest releases, as many as the settings keep, each the one before the last."""
    kept = [release]
    while len(kept) < settings.keep_releases and kept[-1].previous is not None:
        if not (_folder(settings, kept[-1].previous) / _POINTER).is_file():
            break
        kept.append(_load(settings, kept[-1].previous))
    return {each.release_id for each in kept}


def _forget_old(settings: Settings, keep: set[str]) -> None:
    for folder in (settings.warehouse / "releases").iterdir():
        if folder.name not in keep and PARTIAL not in folder.name:
            shutil.rmtree(folder, ignore_errors=True)
