"""What is known of each feed between refreshes: validators, failures, what was seen of it, and every time it was asked.

A small SQLite file in the warehouse. How feeds are asked is `pipeline.ingest.gather`'s business; what is asked of
articles is only remembered once their text lies in the warehouse, so that nothing is lost when a refresh is killed.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

PAUSED_AFTER = 10
"""Failures in a row after which a feed is not asked any more until a user resumes it."""
_LONGEST_WAIT = timedelta(days=1)
_WEEK = timedelta(days=7)
_TIMES = ("last_asked", "last_answer", "next_due")

_SCHEMA = """
CREATE TABLE IF NOT EXISTS feeds (
    name TEXT PRIMARY KEY, url TEXT NOT NULL, etag TEXT, last_modified TEXT, failures INTEGER NOT NULL,
    paused INTEGER NOT NULL, reason TEXT, detail TEXT, last_asked TEXT, last_answer TEXT, next_due TEXT
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS articles (
    name TEXT, guid TEXT, digest TEXT NOT NULL, attempts INTEGER NOT NULL, pending TEXT, PRIMARY KEY (name, guid)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS rounds (
    name TEXT, asked_at TEXT, outcome TEXT NOT NULL, status INTEGER, reason TEXT, detail TEXT, listed INTEGER NOT NULL,
    articles INTEGER NOT NULL, failed INTEGER NOT NULL, seconds REAL NOT NULL, PRIMARY KEY (name, asked_at)
) WITHOUT ROWID;
"""


@dataclass(frozen=True, slots=True)
class State:
    """What is known of one feed. Times are UTC without zone."""

    name: str
    url: str
    etag: str | None = None
    last_modified: str | None = None
    failures: int = 0  # in a row
    paused: bool = False
    reason: str | None = None  # of the last failure; None after an answer
    detail: str | None = None
    last_asked: datetime | None = None
    last_answer: datetime | None = None
    next_due: datetime | None = None

    @property
    def health(self) -> str:
        """Return `new`, `ok`, `failing` or `paused`."""
        if self.paused:
            return "paused"
        if self.failures:
            return "failing"
        return "new" if self.last_answer is None else "ok"

    def answered(self, now: datetime, etag: str | None, last_modified: str | None, next_due: datetime) -> State:
        """Return the state after an answer."""
        return replace(
            self, etag=etag, last_modified=last_modified, failures=0, paused=False, reason=None, detail=None,
            last_asked=now, last_answer=now, next_due=next_due,
        )  # fmt: skip

    def failed(self, now: datetime, reason: str, detail: str, wait: timedelta, gone: bool) -> State:
        """Return the state after a failure: the next is later each time; `gone`, or ten in a row, pause the feed."""
        failures = self.failures + 1
        later = min(max(wait, timedelta(0)) * 2 ** min(failures - 1, 10), max(wait, _LONGEST_WAIT))
        paused = gone or failures >= PAUSED_AFTER
        return replace(
            self, failures=failures, paused=paused, reason=reason, detail=detail[:500], last_asked=now,
            next_due=now + later,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Seen:
    """What is known of one article of a feed."""

    guid: str
    digest: str  # of what the feed says of it; another is a new version
    attempts: int  # at its page
    pending: str | None  # what the feed says of it, as JSON, while its page could not be had; None once it is done


@dataclass(frozen=True, slots=True)
class Round:
    """One time that a feed was asked. `outcome` is `new`, `unchanged` or `failed`."""

    name: str
    asked_at: datetime
    outcome: str
    status: int | None
    reason: str | None
    detail: str | None
    listed: int  # articles that the feed lists
    articles: int  # taken up
    failed: int  # articles whose page could not be had
    seconds: float


class FeedStates:
    """The SQLite file. Use it as a context manager."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._connection = sqlite3.connect(path)
        self._connection.row_factory = sqlite3.Row
        self._connection.executescript(_SCHEMA)

    def __enter__(self) -> FeedStates:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def state(self, name: str, url: str) -> State:
        """Return what is known of a feed; of one whose address was changed nothing but its articles."""
        row = self._connection.execute("SELECT * FROM feeds WHERE name = ?", (name,)).fetchone()
        return State(name, url) if row is None or row["url"] != url else _state(row)

    def seen(self, name: str) -> dict[str, Seen]:
        """Return the known articles of a feed by their guid."""
        rows = self._connection.execute("SELECT guid, digest, attempts, pending FROM articles WHERE name = ?", (name,))
        return {row["guid"]: Seen(**dict(row)) for row in rows}

    def remember(self, state: State, seen: Iterable[Seen], done: Round) -> None:
        """Keep what came of asking a feed, all of it or nothing."""
        columns = asdict(state) | {
            key: value.isoformat() for key, value in asdict(state).items() if isinstance(value, datetime)
        }
        with self._connection:
            self._connection.execute(
                f"INSERT OR REPLACE INTO feeds ({', '.join(columns)}) VALUES ({', '.join(f':{c}' for c in columns)})",
                columns,
            )
            self._connection.executemany(
                "INSERT OR REPLACE INTO articles VALUES (?, ?, ?, ?, ?)",
                ((state.name, one.guid, one.digest, one.attempts, one.pending) for one in seen),
            )
            row = asdict(done) | {"asked_at": done.asked_at.isoformat()}
            self._connection.execute(
                f"INSERT OR REPLACE INTO rounds ({', '.join(row)}) VALUES ({', '.join(f':{c}' for c in row)})", row
            )

    def week(self, state: State, expected_per_day: float) -> tuple[str, int]:
        """Return the health of a feed and how many articles it gave in the week before it was last asked.

        One that is `ok` but gave less than expected is `dry`, unless it is known for less than a week.
        """
        if state.last_asked is None:
            return state.health, 0
        since = (state.last_asked - _WEEK).isoformat()
        query = "SELECT min(asked_at), coalesce(sum(iif(asked_at > ?, articles, 0)), 0) FROM rounds WHERE name = ?"
        first, articles = self._connection.execute(query, (since, state.name)).fetchone()
        dry = first is not None and first <= since and articles < expected_per_day * _WEEK.days
        return "dry" if dry and state.health == "ok" else state.health, articles

    def resume(self, name: str) -> bool:
        """Let a paused or waiting feed be asked again; return whether it was known."""
        with self._connection:
            return (
                self._connection.execute(
                    "UPDATE feeds SET paused = 0, failures = 0, next_due = NULL WHERE name = ?", (name,)
                ).rowcount
                > 0
            )

    def rounds(self) -> Iterator[Round]:
        """Yield every time that a feed was asked, by name and time."""
        for row in self._connection.execute("SELECT * FROM rounds ORDER BY name, asked_at"):
            yield Round(**dict(row) | {"asked_at": datetime.fromisoformat(row["asked_at"])})

    def forget_rounds(self, before: datetime) -> None:
        """Forget when feeds were asked before a moment; what is known of them and of their articles stays."""
        with self._connection:
            self._connection.execute("DELETE FROM rounds WHERE asked_at < ?", (before.isoformat(),))


def _state(row: sqlite3.Row) -> State:
    found: dict[str, Any] = dict(row)
    times = {key: found[key] and datetime.fromisoformat(found[key]) for key in _TIMES}
    return State(**found | times | {"paused": bool(found["paused"])})
