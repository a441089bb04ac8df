"""What a build takes over from the last release: the rows of documents of which nothing has changed that decides them.

Rows of some tables (`pipeline.tables.BY_DOCUMENT`) each belong to one document. A query gives every document a state: a
hash of all that decides its rows, besides its own text. Where the last release was built in the same way, its database
is copied, and only rows of documents whose state is another are made anew; all other tables are built from the whole.
So the large tables cost what is new. The outcome is the same but for the order of rows. Small warehouses are built anew
as a whole (`Settings.whole_below`), which is quicker there.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, replace
from hashlib import sha256
from pathlib import Path

import duckdb

from pipeline import tables
from pipeline.settings import Settings
from pipeline.store import batches, inputs
from pipeline.store.duck import literal, quoted, with_room, write_parquet
from pipeline.store.files import write_bytes
from pipeline.store.sums import checksum
from pipeline.tables import Table

MOST_CHANGED = 0.3
"""Of a table more of whose documents have changed than this share all rows are made anew."""
MOST_BLOATED = 1.5
"""A database of so many times the bytes a document that it had when it was built as a whole is built so again."""

_DATABASE = "communique.duckdb"
_DECLARED = "built.json"
_STATES = "states"


@dataclass(frozen=True)
class Built:
    """How a database was built, and what tells that it is still as it was."""

    way: str
    documents: int
    whole: tuple[int, int] | None  # bytes and documents when all of it was built anew; None if that was now
    size: int = 0  # bytes of the database
    checksums: dict[str, str] = field(default_factory=dict)  # of the files that a build begins with


@dataclass(frozen=True)
class Base:
    """The last release, as what a build may begin with."""

    release: Path  # folder
    built: Built

    @property
    def database(self) -> Path:
        """The database."""
        return self.release / _DATABASE

    @property
    def states(self) -> Path:
        """The folder of the states of its documents."""
        return self.release / _STATES


def way(settings: Settings) -> str:
    """Return a hash of all that decides how documents become rows: extractor, queries, declarations, this package."""
    digest = sha256(f"{batches.extractor_version(settings.extraction)} {duckdb.__version__}".encode())
    code = [Path(tables.__file__), *sorted(Path(__file__).parent.glob("*.py"))]
    for path in [*sorted(settings.sql_folder.rglob("*.sql")), *code]:
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:16]


def base(settings: Settings, release: Path) -> Base | None:
    """Return what a build may begin with, None if the release is too small, built in another way, changed or bloated.

    Args:
        settings: the warehouse.
        release: the folder of the release that analysts see.
    """
    if not (release / _DECLARED).is_file():
        return None
    built = _read(release / _DECLARED)
    if built.documents < settings.whole_below or built.way != way(settings):
        return None
    size, documents = built.whole or (built.size, built.documents)
    if built.size / built.documents > MOST_BLOATED * size / documents:
        return None
    if _checksums(release) != built.checksums:  # something is damaged or missing, or somebody has written to it
        return None
    return Base(release, built)


def _checksums(release: Path) -> dict[str, str]:
    files = [release / _DATABASE, *sorted((release / _STATES).glob("*.parquet"))]
    return {file.name: checksum(file) for file in files if file.is_file()}


class Increment:
    """A build that begins with the last release. Tables are asked for one after the other, in the order of `sql/`."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, settings: Settings, base: Base, staging: Path) -> None:
        self._connection = connection
        self._staging = staging
        self._settings = settings
        self.base = base
        self._batches: dict[str, list[str]] = {}  # states → the batches of the documents that changed
        self._whole: set[str] = set()  # states of which too many changed
        self._kept: set[str] = set()  # states by which no document that was there has changed
        self._found: set[str] = set()  # tables that were made for the checks
        self.grown: dict[str, int] = {}  # tables that have all the rows they had, and more after them → how many it was
        connection.execute(f"ATTACH {literal(str(base.database))} AS last (READ_ONLY)")

    def see(self, name: str) -> None:
        """Find out which documents a table of states tells apart from the last release; it was just built."""
        before = f"read_parquet({literal(str(self.base.states / f'{name}.parquet'))})"
        self._connection.execute(
            f"CREATE TEMP TABLE changed_{name} AS SELECT doc_id FROM {name} AS now "
            f"FULL JOIN {before} AS before USING (doc_id) WHERE now.state IS DISTINCT FROM before.state"
        )
        if not self._number(f"{before} SEMI JOIN changed_{name} USING (doc_id)"):
            self._kept.add(name)
        changed = self._number(f"changed_{name}")
        if changed > MOST_CHANGED * max(self._number(name), 1):
            self._whole.add(name)
            return
        files = batches.ingested_files(self._settings, tables.SOURCE_DOCUMENTS.name)
        rows = self._connection.execute(
            "SELECT DISTINCT filename FROM read_parquet($files, filename = true) "
            f"SEMI JOIN changed_{name} USING (doc_id)",
            {"files": [str(file) for file in files]},
        ).fetchall()
        self._batches[name] = [Path(row[0]).parent.name for row in rows]

    def _number(self, table: str) -> int:
        return int(self._connection.execute(f"SELECT count(*) FROM {table}").fetchall()[0][0])

    def takes_over(self, table: str) -> bool:
        """Return whether rows of a table are taken over."""
        state = tables.BY_DOCUMENT.get(table)
        return state is not None and state not in self._whole

    def update(self, table: Table, sql: str, needed: Iterable[str]) -> None:
        """Put rows of a table that is taken over in the place of those of the documents that have changed.

        The new rows stay at hand for the checks, and as a Parquet file where nothing but them is new.
        """
        state = tables.BY_DOCUMENT[table.name]
        new, order = _new(table.name), ", ".join(quoted(key) for key in table.key)
        rows = f"{self._narrowed(state, needed)} SELECT * FROM ({sql}\n) ORDER BY {order}"
        before = self._number(table.name)
        if state not in self._kept:
            self._connection.execute(f"DELETE FROM {table.name} WHERE {self._of_changed(table, state)}")
        if self._number(table.name) == before:
            self.grown[table.name] = before
        self._connection.execute(f"CREATE TEMP TABLE {new} ({inputs.columns(table)})")
        with_room(self._connection, lambda: self._connection.execute(f"INSERT INTO {new} BY NAME {rows}"))
        self._connection.execute(f"INSERT INTO {table.name} FROM {new}")
        if table.name in self.grown and table in tables.EXPORTED:
            file = new_rows(self._staging, table)
            file.parent.mkdir(exist_ok=True)
            write_parquet(self._connection, new, file)

    def _narrowed(self, state: str, needed: Iterable[str]) -> str:
        """Return the beginning of a query under which the tables that it needs hold the documents that have changed."""
        found = {name: self._of_documents(name, state) for name in needed}
        return f"WITH {', '.join(f'{name} AS ({rows})' for name, rows in found.items() if rows)}"

    def _of_documents(self, name: str, state: str) -> str | None:
        """Return a query for the rows of the documents that have changed, None if rows do not name their documents."""
        if tables.BY_DOCUMENT.get(name) == state:
            return f"FROM {_new(name)}"
        source: str | None
        if name in inputs.OF_BATCHES:  # of their files, only those in which such documents stand
            source = inputs.attach_batches(self._connection, self._settings, name, self._batches[state])
        else:
            source = self._place(name)
        return source and f"FROM {source} SEMI JOIN changed_{state} USING (doc_id)"

    def _place(self, name: str) -> str | None:
        """Return a table with its database and schema, None if its rows do not name their documents."""
        rows = self._connection.execute(
            "SELECT database_name, schema_name FROM duckdb_columns() "
            "WHERE table_name = $name AND column_name = 'doc_id' AND database_name <> 'last'",
            {"name": name},
        ).fetchall()
        return f"{'.'.join(rows[0])}.{name}" if rows else None

    def of_new_rows(self, table: str, sql: str) -> str:
        """Return a query that sees of a table the rows that are new, and others of their keys; of documents, theirs.

        Where nothing is taken over, all rows are new.
        """
        if not self.takes_over(table):
            return sql
        names = sorted({table, tables.DOCUMENTS.name})
        parts = (f"{name} AS (FROM {self._seen(name, tables.BY_DOCUMENT[table])})" for name in names)
        return f"WITH {', '.join(parts)} SELECT * FROM ({sql})"

    def _seen(self, name: str, state: str) -> str:
        """Return a table of the rows of a published table that belong to documents that have changed.

        And of those that share an id with them; where the key is several columns, it holds the document or statement.
        """
        table = next(one for one in tables.PUBLISHED if one.name == name)
        own = tables.BY_DOCUMENT[name] == state
        if own and len(table.key) > 1:
            return _new(name)
        column, chosen = (table.key[0], _new(name)) if own else ("doc_id", f"changed_{state}")
        found = f"seen_{name}_of_{state}"
        if found not in self._found:
            rows = f"FROM stage.{name} WHERE {column} IN (SELECT {column} FROM {chosen})"
            self._connection.execute(f"CREATE TEMP TABLE {found} AS {rows}")
            self._found.add(found)
        return found

    def _of_changed(self, table: Table, state: str) -> str:
        """Return the condition under which a row that the last release has belongs to a document that has changed."""
        changed = f"changed_{state}"
        if "doc_id" in (column.name for column in table.columns):
            return f"doc_id IN (FROM {changed})"
        return f"statement_id IN (SELECT statement_id FROM last.statements SEMI JOIN {changed} USING (doc_id))"


def _new(table: str) -> str:
    """Return the temporary table of the new rows of a table that is taken over."""
    return f"new_{table}"


def new_rows(staging: Path, table: Table) -> Path:
    """Return the Parquet file of the new rows of a table that has only grown, for the folder of a build."""
    return staging / "new" / f"{table.name}.parquet"


def keep(connection: duckdb.DuckDBPyConnection, settings: Settings, staging: Path, base: Base | None) -> None:
    """Keep beside the database that was built what the next build must know of it, to begin with it."""
    documents = connection.execute("SELECT count(*) FROM documents").fetchall()[0][0]
    folder = staging / _STATES
    folder.mkdir(exist_ok=True)
    for name in sorted(set(tables.BY_DOCUMENT.values())):
        write_parquet(connection, f"(FROM {name} ORDER BY doc_id)", folder / f"{name}.parquet")
    whole = None if base is None else base.built.whole or (base.built.size, base.built.documents)
    _write(staging / _DECLARED, Built(way(settings), documents, whole))


def release(staging: Path, folder: Path) -> None:
    """Move what was kept of a build to the folder of the release that it becomes; the database is there already."""
    if not (staging / _DECLARED).is_file():  # it is too small
        return
    (staging / _STATES).rename(folder / _STATES)
    size = (folder / _DATABASE).stat().st_size
    _write(folder / _DECLARED, replace(_read(staging / _DECLARED), size=size, checksums=_checksums(folder)))


def _read(path: Path) -> Built:
    return Built(**json.loads(path.read_text(encoding="utf-8")))


def _write(path: Path, built: Built) -> None:
    write_bytes(path, (json.dumps(asdict(built), indent=1) + "\n").encode())
