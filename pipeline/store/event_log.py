"""Dagster's records of runs in SQLite, with connections that stay open: a refresh writes hundreds of events.

Dagster opens the database anew for each event, compiles its statements anew, and checkpoints it when it closes. Kept
open, the same records take a fifth of the time. What is recorded, and how it is read, is Dagster's business.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from dagster._core.storage.event_log.sqlite.sqlite_event_log import INDEX_SHARD_NAME, SqliteEventLogStorage
from dagster._core.storage.sqlite import SQLITE_BUSY_TIMEOUT_SECONDS
from dagster._core.storage.sqlite_storage import DagsterSqliteStorage, _event_logs_directory
from dagster._serdes import ConfigurableClassData
from sqlalchemy import create_engine, event
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.pool import QueuePool


class EventLog(SqliteEventLogStorage):
    """Dagster's event log, for the one process that executes a run: it keeps the run's database and the index open."""

    def __init__(self, base_dir: str, inst_data: ConfigurableClassData | None = None) -> None:
        self._engines: dict[str, Engine] = {}
        super().__init__(base_dir, inst_data)

    @contextmanager
    def _connect(self, shard: str) -> Iterator[Connection]:
        with self._db_lock:
            with self._engine(shard).begin() as connection:
                yield connection
            if shard != INDEX_SHARD_NAME:
                os.utime(self.path_for_shard(shard))  # a page that shows the run waits for its file to change

    def _engine(self, shard: str) -> Engine:
        if shard not in self._engines:
            for other in [name for name in self._engines if name != INDEX_SHARD_NAME]:
                self._engines.pop(other).dispose()
            engine = create_engine(
                self.conn_string_for_shard(shard),
                poolclass=QueuePool,
                pool_size=1,
                connect_args={"timeout": SQLITE_BUSY_TIMEOUT_SECONDS, "check_same_thread": False},
            )
            event.listen(engine, "connect", _relax)
            if shard not in self._initialized_dbs:
                self._initdb(engine)
                self._initialized_dbs.add(shard)
            self._engines[shard] = engine
        return self._engines[shard]

    def dispose(self) -> None:
        """Close what is open."""
        super().dispose()
        with self._db_lock:
            while self._engines:
                self._engines.popitem()[1].dispose()


def _relax(connection: Any, _: object) -> None:
    """Let a commit return before the disk has it: with a write-ahead log, a power cut loses the last events only."""
    connection.execute("PRAGMA synchronous = NORMAL")


class Records(DagsterSqliteStorage):
    """Dagster's storage of a warehouse, for the process that executes a run."""

    def __init__(self, base_dir: str, inst_data: ConfigurableClassData | None = None) -> None:
        super().__init__(base_dir, inst_data)
        self._event_log_storage = EventLog(_event_logs_directory(base_dir))

    @classmethod
    def from_config_value(cls, inst_data: ConfigurableClassData, config_value: Any) -> Records:
        """Return the storage that Dagster's configuration names."""
        return cls(config_value["base_dir"], inst_data)
