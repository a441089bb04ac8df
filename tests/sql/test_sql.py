"""The queries of `sql/` on a few rows each: linking, duplicates, conflicts, the official comparison, empty inputs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from pipeline import reference, tables
from pipeline.store import inputs, staging
from tests.sql.expected import EXAMPLES

SQL = Path(__file__).resolve().parents[2] / "sql"
QUERIES = {path.stem: path.read_text(encoding="utf-8") for path in sorted(SQL.glob("*.sql"))}
INPUTS = {name: table.arrow_schema() for name, table in inputs.INPUTS.items()}
Rows = Sequence[Mapping[str, Any]]


def needs(sql: str) -> set[str]:
    """Return the tables that the header line `-- needs: a, b` lists."""
    line = next(line for line in sql.splitlines() if line.startswith("-- needs:"))
    return {name.strip() for name in line.split(":", 1)[1].split(",")}


def build(**inputs: Rows) -> duckdb.DuckDBPyConnection:
    """Load the rows (missing columns null) into a fresh database and run every query and macro of `sql/` in order."""
    con = duckdb.connect()
    staging.create_macros(con, SQL, on_tables=False)
    given = {"all_documents": inputs.get("source_documents", ()), **inputs}
    for name, schema in INPUTS.items():
        rows = [{field: row.get(field) for field in schema.names} for row in given.get(name, ())]
        con.register("incoming", pa.Table.from_pylist(rows, schema=pa.schema([f.with_nullable(True) for f in schema])))
        con.execute(f"CREATE TABLE {name} AS SELECT * FROM incoming")
    for name in TopologicalSorter({name: needs(sql) - set(INPUTS) for name, sql in QUERIES.items()}).static_order():
        con.execute(f"CREATE TABLE {name} AS {QUERIES[name]}")
    staging.create_macros(con, SQL, on_tables=True)
    return con


def document(doc_id: str, day: str = "2025-03-01", **more: Any) -> dict[str, Any]:
    """Return a source document; equal `text` makes duplicates."""
    row = {
        "doc_id": doc_id,
        "source": f"outlet {doc_id}",
        "text": doc_id,
        "word_count": 1,
        "date_basis": "metadata",
        "published_on": date.fromisoformat(day),
        "raw_uri": f"{doc_id}.txt",
        "raw_sha256": doc_id,
        "ingested_at": datetime(2026, 1, 1),
    } | more
    return row | {"text_sha256": row["text"]}


def actor(doc_id: str, actor_id: str, name: str, **more: Any) -> dict[str, Any]:
    """Return an actor of a document, a person unless told otherwise."""
    return {
        "doc_id": doc_id,
        "actor_id": actor_id,
        "name": name,
        "actor_type": "person",
        "aliases": [name],
        "named": True,
        "placed": False,
        "listed": False,
    } | more


def correction(line: int, action: str, actor_id: str, value: str | None = None, **where: Any) -> dict[str, Any]:
    """Return a correction of an actor."""
    row = {"line": line, "action": action, "actor_id": actor_id, "value": value}
    return row | {"documents": [], "sources": []} | where


def state(doc_id: str, actor_id: str) -> dict[str, Any]:
    """Return a state of a document."""
    return actor(doc_id, actor_id, f"State {actor_id}", actor_type="state", country=actor_id)


def mention(doc_id: str, start: int, text: str, actor_id: str | None, **more: Any) -> dict[str, Any]:
    """Return a mention by name."""
    return {
        "mention_id": f"{doc_id}:{start}",
        "doc_id": doc_id,
        "start_char": start,
        "end_char": start + len(text),
        "text": text,
        "mention_type": "name",
        "entity_label": "PERSON",
        "actor_id": actor_id,
    } | more


def statement(
    doc_id: str,
    number: int,
    speaker_id: str | None,
    spans: list[tuple[int, int]],
    **more: Any,
) -> dict[str, Any]:
    """Return a statement with content at the spans."""
    return {
        "statement_id": f"{doc_id}:s{number}",
        "doc_id": doc_id,
        "speaker_id": speaker_id,
        "speaker_text": "She",
        "cue_class": "say",
        "content": "words",
        "content_spans": [{"start": a, "end": b} for a, b in spans],
        "kind": "direct",
        "published_on": date(2025, 3, 1),
        "confidence": 0.9,
    } | more


def spending(doc_id: str, number: int, spender_id: str | None, low: float | None, **more: Any) -> dict[str, Any]:
    """Return a budget in euros (also taken as dollars) for 2025."""
    return {
        "spending_id": f"{doc_id}:m{number}",
        "doc_id": doc_id,
        "figure_id": f"{doc_id}:f{number}",
        "start_char": 0,
        "end_char": 1,
        "amount_text": f"{low} euros",
        "measure": "amount",
        "low": low,
        "high": low,
        "currency": "EUR",
        "low_eur": low,
        "high_eur": low,
        "low_usd": low,
        "high_usd": low,
        "spender_id": spender_id,
        "spender": spender_id,
        "flow": "budget",
        "status": "approved",
        "period": "2025",
        "period_start": 2025,
        "period_end": 2025,
        "evidence": "…",
        "confidence": 0.8,
    } | more


def rows(con: duckdb.DuckDBPyConnection, sql: str) -> list[tuple[Any, ...]]:
    """Return all rows of a query."""
    return con.execute(sql).fetchall()


INTERMEDIATE = {
    "actor_records", "actor_matches", "actor_links", "unknown_corrections", "copy_texts", "copy_weeks",
    "copy_candidates", "copy_comparisons", "near_copies", "copy_links", "document_places", "document_states",
    "spending_states",
}  # fmt: skip
PUBLISHED = [table for table in tables.PUBLISHED if table.name != "data_quality"]


def test_versions_of_an_article() -> None:
    """The texts of one address are versions, the last retrieved counts; what is no retrieved page has none."""

    def page(doc_id: str, hour: int, text: str, url: str = "https://e.org/1") -> dict[str, Any]:
        return document(doc_id, url=url, text=text, retrieved_at=datetime(2025, 3, 1, hour))

    pages = [
        page("a", 1, "ten tanks"), page("b", 2, "twelve tanks"), page("c", 3, "twelve tanks"),
        page("d", 1, "ships", url="https://e.org/2"),
        document("e", url="https://e.org/1", text="of an inbox"),
    ]  # fmt: skip
    con = build(all_documents=pages, source_documents=pages[1:])
    superseded = (SQL / "inputs" / "superseded.sql").read_text(encoding="utf-8")
    assert rows(con, superseded) == [("a",)]
    assert rows(con, "SELECT version, doc_id, is_last FROM document_versions ORDER BY version") == [
        (1, "a", False), (2, "b", True),
    ]  # fmt: skip
    assert rows(con, "SELECT doc_id, version, duplicate_of FROM documents ORDER BY doc_id") == [
        ("b", 2, None), ("c", 2, "b"), ("d", 1, None), ("e", 1, None),
    ]  # fmt: skip


def test_each_published_table_has_its_query() -> None:
    """Every published table but data_quality, which the checks fill, is one file of sql/."""
    assert set(QUERIES) == {table.name for table in PUBLISHED} | INTERMEDIATE


@pytest.mark.parametrize("table", PUBLISHED, ids=lambda table: table.name)
def test_columns_and_types_are_the_declared_ones(table: tables.Table) -> None:
    """Names, order and DuckDB types equal tables.py, and no input gives no row."""
    con = build()
    described = rows(con, f"SELECT column_name, column_type FROM (DESCRIBE {table.name})")
    assert described == [(column.name, column.type) for column in table.columns]
    assert rows(con, f"SELECT * FROM {table.name}") == []


@pytest.mark.parametrize("name", QUERIES)
def test_header_names_what_the_query_reads(name: str) -> None:
    """The first line says what the table is, and `needs` lists the tables that the query names, no more and no less."""
    assert QUERIES[name].startswith(f"-- {name}")
    body = " ".join(line for line in QUERIES[name].splitlines() if not line.startswith("--"))
    words = {word.strip("(),") for word in body.split()}
    assert needs(QUERIES[name]) == words & (set(QUERIES) | set(INPUTS)) - {name}


LINKS = [
    pytest.param([("anda-krumina", "Anda Krūmiņa", "LVA"), ("krumina", "Krumina", "LVA")], "anda-krumina", id="one"),
    pytest.param(
        [("anda-krumina", "Anda Krūmiņa", "LVA"), ("krumina", "Krūmiņa", None)], "anda-krumina", id="country unknown"
    ),
    pytest.param(
        [("anda-krumina", "Anda Krūmiņa", "LVA"), ("krumina", "Krūmiņa", "LTU")], "krumina", id="another country"
    ),
    pytest.param(
        [("anda-krumina", "Anda Krūmiņa", None), ("ilze-krumina", "Ilze Krūmiņa", None), ("krumina", "Krūmiņa", None)],
        "krumina",
        id="two of that name",
    ),
    pytest.param(
        [("anda-krumina", "Anda Krūmiņa", "LVA"), ("jo-krumina", "Jo Krūmiņa", "USA"), ("krumina", "Krūmiņa", "USA")],
        "jo-krumina",
        id="two, one of the country",
    ),
    pytest.param([("krumina", "Krūmiņa", None)], "krumina", id="nobody else"),
    pytest.param(
        [("ida-von-der-heide", "Ida von der Heide", None), ("von-der-heide", "Von der Heide", None)],
        "ida-von-der-heide",
        id="with particles",
    ),
    pytest.param(
        [
            ("ida-von-der-heide", "Ida von der Heide", None),
            ("von-der-heide", "von der Heide", None),
            ("heide", "Heide", None),
        ],
        "ida-von-der-heide",
        id="with and without particles",
    ),
    pytest.param(
        [("tariq-al-hadi", "Tariq al-Hadi", "IRQ"), ("al-hadi", "Al-Hadi", None)], "tariq-al-hadi", id="with article"
    ),
    pytest.param(
        [("tariq-al-hadi", "Tariq al-Hadi", "IRQ"), ("hadi", "Hadi", None)], "tariq-al-hadi", id="without article"
    ),
    pytest.param(
        [("senior-nato-diplomat", "senior NATO diplomat", None), ("diplomat", "Diplomat", None)],
        "diplomat",
        id="a noun is no surname",
    ),
]


@pytest.mark.parametrize(("people", "expected"), LINKS)
def test_surname_alone_links_to_the_one_full_name(people: list[tuple[str, str, str | None]], expected: str) -> None:
    """The last of the people is known by surname; it is the one full name that fits, else it stays itself."""
    con = build(
        source_documents=[document(f"d{n}") for n in range(len(people))],
        extracted_actors=[actor(f"d{n}", id_, name, country=country) for n, (id_, name, country) in enumerate(people)],
        extracted_mentions=[mention(f"d{len(people) - 1}", 0, people[-1][1], people[-1][0])],
    )
    assert rows(con, "SELECT actor_id FROM mentions") == [(expected,)]
    assert (people[-1][0],) in rows(con, "SELECT from_id FROM actor_links")
    assert rows(con, "SELECT count(*) FROM mentions ANTI JOIN actors USING (actor_id)") == [(0,)]


def test_surname_of_two_states_stays() -> None:
    """A surname that is used for people of two states is nobody's."""
    con = build(
        source_documents=[document("a"), document("b"), document("c")],
        extracted_actors=[
            actor("a", "kim-berg", "Kim Berg"),
            actor("b", "berg", "Berg", country="NOR"),
            actor("c", "berg", "Berg", country="SWE"),
        ],
    )
    assert rows(con, "SELECT from_id, actor_id FROM actor_links WHERE from_id <> actor_id") == []


def test_a_full_name_with_an_initial_is_the_one_without() -> None:
    """An initial or a suffix makes no other person, unless two initials go with the name or the states differ."""
    names = [
        ("lloyd-austin", "Lloyd Austin", "USA"), ("lloyd-j-austin-iii", "Lloyd J. Austin III", "USA"),
        ("austin", "Austin", None), ("jan-berg", "Jan Berg", None), ("jan-a-berg", "Jan A. Berg", None),
        ("jan-b-berg", "Jan B. Berg", None), ("ole-dal", "Ole Dal", "NOR"), ("ole-k-dal", "Ole K. Dal", "DNK"),
    ]  # fmt: skip
    con = build(
        source_documents=[document(f"d{n}") for n in range(len(names))],
        extracted_actors=[actor(f"d{n}", i, name, country=c, placed=True) for n, (i, name, c) in enumerate(names)],
    )
    linked = rows(con, "SELECT from_id, actor_id FROM actor_links WHERE from_id <> actor_id ORDER BY 1")
    assert linked == [("austin", "lloyd-austin"), ("lloyd-j-austin-iii", "lloyd-austin")]
    assert rows(con, "SELECT from_id, actor_id, reason FROM actor_redirects ORDER BY 1") == [
        ("austin", "lloyd-austin", "linked"),
        ("lloyd-j-austin-iii", "lloyd-austin", "linked"),
    ]


def test_a_role_joins_what_the_context_parts() -> None:
    """A surname whose state only the context suggests is the full name with the same role."""
    con = build(
        source_documents=[document("a"), document("b"), document("c")],
        extracted_actors=[
            actor("a", "jake-sullivan", "Jake Sullivan", country="USA", role="Adviser", placed=True),
            actor("b", "sullivan", "Sullivan", country="CHN", role="adviser"),
            actor("c", "sullivan", "Sullivan", country="QAT"),
        ],
    )
    assert rows(con, "SELECT DISTINCT actor_id FROM actor_links") == [("jake-sullivan",)]


def test_descriptions_lend_no_surname() -> None:
    """Nobody is the "grandmother from Martakert" for being called Martakert."""
    con = build(
        source_documents=[document("a"), document("b")],
        extracted_actors=[
            actor("a", "grandmother-from-martakert", "grandmother from Martakert", named=False),
            actor("b", "martakert", "Martakert"),
        ],
    )
    assert rows(con, "SELECT * FROM actor_redirects") == []
    assert rows(con, "SELECT actor_id, named FROM actors ORDER BY 1") == [
        ("grandmother-from-martakert", False), ("martakert", True),
    ]  # fmt: skip


def test_homonyms_of_two_states_are_two_actors() -> None:
    """Texts that place a name in two states speak of two persons; the context and the reference tables do not part."""
    people = [
        ("a", "john-smith", "GBR", True, False), ("b", "john-smith", "USA", True, False),
        ("c", "john-smith", "USA", False, False), ("d", "john-smith", None, False, False),
        ("a", "kaja-kallas", "EST", True, True), ("b", "kaja-kallas", "FIN", True, False),
        ("a", "ida-berg", "NOR", True, False), ("b", "ida-berg", "SWE", False, False),
    ]  # fmt: skip
    con = build(
        source_documents=[document(d) for d in "abcd"],
        extracted_actors=[
            actor(d, i, i.replace("-", " ").title(), country=c, placed=placed, listed=listed)
            for d, i, c, placed, listed in people
        ],
    )
    assert rows(con, "SELECT actor_id, country, document_count FROM actors ORDER BY 1") == [
        ("ida-berg", "NOR", 2),
        ("john-smith", None, 1),
        ("john-smith-gbr", "GBR", 1),
        ("john-smith-usa", "USA", 2),
        ("kaja-kallas", "EST", 2),
    ]
    assert rows(con, "SELECT * FROM actor_redirects") == []
    con = build(
        source_documents=[document("a"), document("b")],
        extracted_actors=[actor(d, i, "John Smith", country=c, placed=placed) for d, i, c, placed, _ in people[:2]],
    )
    assert rows(con, "SELECT * FROM actor_redirects ORDER BY ALL") == [
        ("john-smith", "john-smith-gbr", "split"),
        ("john-smith", "john-smith-usa", "split"),
    ]


def test_an_office_parts_and_joins_people_of_one_surname() -> None:
    """Of several with a surname, the office tells who is meant; those known by it alone are one actor an office."""
    people = [
        ("a", "sherrod-brown", "Sherrod Brown", "Senator from Ohio"),
        ("b", "jerry-brown", "Jerry Brown", "Governor"),
        ("b", "jerry-m-brown", "Jerry M. Brown", "Governor"),
        ("c", "brown", "Brown", "Sen."),
        ("d", "brown", "Brown", "Governor"),
        ("e", "brown", "Brown", "Mayor"),
        ("f", "brown", "Brown", "former senator"),
        ("a", "diaz", "Diaz", "Judge"),
        ("b", "diaz", "Diaz", "General"),
        ("c", "diaz", "Diaz", "Chairman"),
        ("d", "diaz", "Diaz", "judge"),
        ("e", "ida-lund", "Ida Lund", "Mayor"),
        ("f", "ida-lund", "Ida Lund", "Minister"),
    ]
    con = build(
        source_documents=[document(d) for d in "abcdef"],
        extracted_actors=[actor(d, i, name, role=role) for d, i, name, role in people],
    )
    asked = "SELECT doc_id, from_id, actor_id FROM actor_links WHERE from_id IN ('brown', 'diaz') ORDER BY 2, 1"
    assert rows(con, asked) == [
        ("c", "brown", "sherrod-brown"),
        ("d", "brown", "jerry-brown"),
        ("e", "brown", "brown"),
        ("f", "brown", "brown"),
        ("a", "diaz", "diaz-judge"),
        ("b", "diaz", "diaz-general"),
        ("c", "diaz", "diaz"),
        ("d", "diaz", "diaz-judge"),
    ]
    assert rows(con, "SELECT count(*) FROM actors WHERE name = 'Ida Lund'") == [(1,)]


def test_a_country_that_the_text_gives_goes_first() -> None:
    """One text that names a person's state outweighs two whose context suggests another."""
    con = build(
        source_documents=[document(d) for d in "abc"],
        extracted_actors=[
            actor("a", "wang-yi", "Wang Yi", country="CHN", placed=True),
            *(actor(d, "wang-yi", "Wang Yi", country="USA") for d in "bc"),
        ],
    )
    assert rows(con, "SELECT country FROM actors") == [("CHN",)]


CAST = {
    "source_documents": [document("a", "2025-01-01"), document("b", "2025-02-01"), document("c", "2025-03-01")],
    "extracted_actors": [
        actor("a", "olaf-scholz", "Olaf Scholz", country="DEU", role="Chancellor"),
        actor("b", "olaf-schulz", "Olaf Schulz", role="Chancellor"),
        actor("c", "olaf-scholz", "Olaf Scholz", country="AUT", role="farmer"),
        actor("c", "monday", "Monday"),
    ],
    "extracted_mentions": [
        mention("a", 0, "Olaf Scholz", "olaf-scholz"), mention("b", 0, "Olaf Schulz", "olaf-schulz"),
        mention("c", 0, "Olaf Scholz", "olaf-scholz"), mention("c", 20, "Monday", "monday"),
    ],
    "extracted_statements": [statement("b", 1, "olaf-schulz", [(0, 5)]), statement("c", 1, "monday", [(0, 5)])],
}  # fmt: skip


def test_corrections_merge_split_and_block() -> None:
    """Each correction reaches mentions, statements and actors, says in how many documents, and leaves redirects."""
    con = build(
        **CAST,
        corrections=[
            correction(2, "merge", "olaf-schulz", "olaf-scholz"),
            correction(5, "split", "olaf-scholz", "olaf-scholz-farmer", role="FARM"),
            correction(9, "block", "monday"),
            correction(12, "rename", "olaf-scholz-farmer", "Olaf the Farmer"),
            correction(13, "retype", "olaf-scholz-farmer", "group"),
            correction(14, "relocate", "olaf-scholz-farmer", None),
        ],
    )
    assert rows(con, "SELECT doc_id, actor_id FROM mentions ORDER BY doc_id, start_char") == [
        ("a", "olaf-scholz"), ("b", "olaf-scholz"), ("c", "olaf-scholz-farmer"), ("c", None),
    ]  # fmt: skip
    assert rows(con, "SELECT doc_id, speaker_id FROM statements ORDER BY 1") == [("b", "olaf-scholz"), ("c", None)]
    assert rows(con, "SELECT actor_id, name, actor_type, country, aliases FROM actors ORDER BY 1") == [
        ("olaf-scholz", "Olaf Scholz", "person", "DEU", ["Olaf Scholz", "Olaf Schulz"]),
        ("olaf-scholz-farmer", "Olaf the Farmer", "group", None, ["Olaf Scholz", "Olaf the Farmer"]),
    ]
    assert rows(con, "SELECT * FROM actor_redirects ORDER BY ALL") == [
        ("monday", None, "blocked"), ("olaf-schulz", "olaf-scholz", "merged"),
    ]  # fmt: skip
    assert rows(con, "SELECT line, document_count FROM actor_corrections ORDER BY line") == [
        (2, 1), (5, 1), (9, 1), (12, 1), (13, 1), (14, 1),
    ]  # fmt: skip
    assert rows(con, "SELECT * FROM unknown_corrections") == []


@pytest.mark.parametrize(
    ("where", "documents"),
    [
        ({"documents": ["a", "zzz"]}, "a"),
        ({"documents": ["c.txt"]}, "c"),
        ({"sources": ["outlet c"]}, "c"),
        ({"name": "OLAF SCHOLZ"}, "ac"),
        ({"country": "DEU"}, "a"),
        ({"role": "chancel"}, "a"),
        ({"since": date(2025, 1, 2)}, "c"),
        ({"until": date(2025, 1, 1)}, "a"),
        ({"country": "DEU", "role": "farmer"}, ""),
    ],
)
def test_a_split_holds_where_all_its_conditions_do(where: dict[str, Any], documents: str) -> None:
    """Documents, outlets, name, state, role and days choose the documents of a split."""
    con = build(**CAST, corrections=[correction(1, "split", "olaf-scholz", "other", **where)])
    found = rows(con, "SELECT doc_id FROM actor_links WHERE actor_id = 'other' ORDER BY 1")
    assert "".join(doc for (doc,) in found) == documents
    assert rows(con, "SELECT document_count FROM actor_corrections") == [(len(documents),)]


def test_a_corrected_id_is_not_linked_by_itself() -> None:
    """What a user says of a surname goes before what is concluded of it."""
    people = [actor("a", "kaja-kallas", "Kaja Kallas"), actor("b", "kallas", "Kallas")]
    documents = [document("a"), document("b")]
    linked = build(source_documents=documents, extracted_actors=people)
    assert rows(linked, "SELECT DISTINCT actor_id FROM actor_links") == [("kaja-kallas",)]
    blocked = build(source_documents=documents, extracted_actors=people, corrections=[correction(1, "block", "kallas")])
    assert rows(blocked, "SELECT actor_id FROM actors") == [("kaja-kallas",)]


def test_unknown_ids_are_told() -> None:
    """An id that no document, no split and no earlier publish knows is reported, as is an unknown aim of a merge."""
    con = build(
        **CAST,
        last_actors=[{"actor_id": "once", "mention_count": 1}],
        corrections=[
            correction(1, "rename", "nobody", "N"),
            correction(2, "merge", "monday", "nowhere"),
            correction(3, "split", "olaf-scholz", "new", country="DEU"),
            correction(4, "rename", "new", "New"),
            correction(5, "block", "once"),
        ],
    )
    assert rows(con, "SELECT line, actor_id FROM unknown_corrections ORDER BY 1") == [(1, "nobody"), (2, "nowhere")]


def test_an_id_of_an_earlier_publish_is_found_by_its_places() -> None:
    """Where extraction names an actor otherwise than before, the old id leads to whom its mentions mean now."""
    con = build(
        **CAST,
        last_actors=[{"actor_id": i, "mention_count": 1} for i in ("scholz-olaf", "vanished", "monday")],
        last_mentions=[
            {"mention_id": mention("a", 0, "Olaf Scholz", "x")["mention_id"], "actor_id": "scholz-olaf"},
            {"mention_id": "gone", "actor_id": "vanished"},
        ],
        last_redirects=[
            {"from_id": "older", "actor_id": "scholz-olaf", "reason": "replaced"},
            {"from_id": "oldest", "actor_id": "monday", "reason": "linked"},
        ],
    )
    assert rows(con, "SELECT * FROM actor_redirects ORDER BY 1") == [
        ("older", "olaf-scholz", "replaced"),
        ("oldest", "monday", "replaced"),
        ("scholz-olaf", "olaf-scholz", "replaced"),
        ("vanished", None, "replaced"),
    ]


def test_first_copy_is_the_original() -> None:
    """Equal texts: the earliest day, then the first place is the original, whatever the order of arrival."""
    copies = [
        document("c", "2025-03-02", text="same"),
        document("b", text="same", raw_uri="z.txt"),
        document("a", text="same", raw_uri="b.txt"),
        document("d"),
    ]
    expected = [("a", None), ("b", "a"), ("c", "a"), ("d", None)]
    for order in (copies, copies[::-1]):
        con = build(source_documents=order)
        assert rows(con, "SELECT doc_id, duplicate_of FROM documents ORDER BY doc_id") == expected


def test_actor_sums_up_its_documents_without_duplicates() -> None:
    """Name, country and role by the documents' vote; counts and days leave the copy out; pronouns are no alias."""
    con = build(
        source_documents=[
            document("a", "2024-05-01"),
            document("b", "2025-01-01"),
            document("c", "2026-01-01"),
            document("copy", "2026-02-01", text="a"),
        ],
        extracted_actors=[
            actor("a", "anda-krumina", "Anda Krumina", country="LVA", role="Prime Minister"),
            actor("b", "anda-krumina", "Anda Krūmiņa", country="LVA", role="Defence Minister"),
            actor("c", "krumina", "Krūmiņa"),
            actor("copy", "anda-krumina", "Anda Krumina", country="LVA", role="Prime Minister"),
        ],
        extracted_mentions=[
            mention("a", 0, "Anda\nKrumina", "anda-krumina"),
            mention("a", 20, "She", "anda-krumina", mention_type="pronoun"),
            mention("b", 0, "Krūmiņa", "anda-krumina"),
            mention("c", 0, "Krūmiņa", "krumina"),
            mention("copy", 0, "Anda Krumina", "anda-krumina"),
            mention("c", 30, "nobody", None),
        ],
        extracted_statements=[
            statement("a", 1, "anda-krumina", [(0, 5)]),
            statement("c", 1, "krumina", [(0, 5)]),
            statement("copy", 1, "anda-krumina", [(0, 5)]),
        ],
    )
    assert rows(con, "SELECT * FROM actors") == [
        (
            "anda-krumina",
            "Anda Krumina",
            "person",
            "LVA",
            "Defence Minister",
            None,
            ["Anda Krumina", "Anda Krūmiņa", "Krūmiņa"],
            True,
            date(2024, 5, 1),
            date(2026, 1, 1),
            3,
            4,
            2,
        )
    ]
    assert rows(con, "SELECT * EXCLUDE (actor_id) FROM actor_roles ORDER BY role") == [
        ("Defence Minister", "LVA", date(2025, 1, 1), date(2025, 1, 1), 1),
        ("Prime Minister", "LVA", date(2024, 5, 1), date(2024, 5, 1), 1),
    ]


def test_a_document_and_an_actor_are_one_appearance() -> None:
    """Whom a document knows by two ids that are one actor appears once, with all that it says, counted together."""
    con = build(
        source_documents=[document("a", "2025-03-01"), document("b", "2025-03-02", text="a")],
        extracted_actors=[
            actor("a", "berg", "Berg", role="Minister", country="NOR"),
            actor("a", "kim-berg", "Kim Berg", country="NOR", placed=True),
            actor("b", "berg", "Berg"),
        ],
        extracted_mentions=[
            mention("a", 0, "Kim Berg", "kim-berg"), mention("a", 20, "Berg", "berg"),
            mention("a", 30, "Kim\n Berg", "kim-berg"), mention("a", 50, "she", "berg", mention_type="pronoun"),
        ],
        extracted_statements=[
            statement("a", 1, "berg", [(60, 70)]), statement("a", 2, "kim-berg", [(80, 90)], kind="indirect"),
            statement("a", 3, "kim-berg", [(95, 99)], cue_class="plan"),
        ],
    )  # fmt: skip
    asked = "SELECT local_id, name, country, placed, role, names, mention_count, name_count FROM appearances"
    assert rows(con, f"{asked} WHERE doc_id = 'a'") == [
        ("kim-berg", "Kim Berg", "NOR", True, "Minister", ["Berg", "Kim Berg"], 4, 3)
    ]
    counted = "SELECT doc_id, actor_id, statement_count, said_count, direct_count, is_original FROM appearances"
    assert rows(con, f"{counted} ORDER BY doc_id") == [
        ("a", "kim-berg", 3, 2, 1, True), ("b", "kim-berg", 0, 0, 0, False),
    ]  # fmt: skip
    assert rows(con, "SELECT document_count, mention_count, statement_count, aliases FROM actors") == [
        (1, 4, 3, ["Berg", "Kim Berg"])
    ]


def test_every_id_in_use_is_an_actor() -> None:
    """An id that a document uses without describing it becomes an actor all the same."""
    con = build(
        source_documents=[document("a"), document("b")],
        extracted_actors=[actor("b", "acme", "Acme", actor_type="company")],
        extracted_mentions=[mention("a", 0, "Acme Inc", "acme")],
        extracted_statements=[statement("a", 1, "somebody", [(0, 4)])],
        extracted_spending=[spending("a", 1, "LVA", 5.0, recipient_id="UKR", recipient="Ukraine")],
    )
    assert rows(con, "SELECT actor_id, name, actor_type, country FROM actors ORDER BY actor_id") == [
        ("LVA", "LVA", "state", "LVA"),
        ("UKR", "Ukraine", "state", "UKR"),
        ("acme", "Acme", "company", None),
        ("somebody", "She", "organisation", None),
    ]


def test_statement_mentions_stand_inside_the_content() -> None:
    """Mentions within a piece of the content count, the speaker and what stands outside do not."""
    con = build(
        source_documents=[document("a")],
        extracted_actors=[actor("a", "x", "Xa Xo"), actor("a", "y", "Ya Yo"), actor("a", "z", "Za Zo")],
        extracted_mentions=[
            mention("a", 2, "Yo", "y"),
            mention("a", 6, "Xo", "x"),
            mention("a", 20, "Yo", "y"),
            mention("a", 30, "Zo", "z"),
            mention("a", 41, "Zo", "z"),
        ],
        extracted_statements=[
            statement("a", 1, "x", [(0, 10), (18, 24), (39, 42)]),
            statement("a", 2, None, [(29, 33)]),
        ],
    )
    assert rows(con, "SELECT * FROM statement_mentions ORDER BY ALL") == [("a:s1", "y", 2), ("a:s2", "z", 1)]
    assert rows(con, "SELECT * FROM actor_network") == [("x", "y", "speaks_about", 1, 1)]
    assert rows(con, "SELECT * FROM statements_by_actor_month") == [("x", "Xa Xo", date(2025, 3, 1), 1, 1, 1)]


def test_named_with_counts_documents_once_a_pair() -> None:
    """Two actors named in two documents are one pair; a copy of a document adds nothing."""
    docs = ["a", "b", "copy"]
    con = build(
        source_documents=[document("a"), document("b"), document("copy", "2025-04-01", text="b")],
        extracted_actors=[actor(d, a, a.upper()) for d in docs for a in ("x", "y", "z")],
        extracted_mentions=[mention(d, n, "…", a) for d in docs for n, a in enumerate("xxyz") if (d, a) != ("a", "z")],
    )
    assert rows(con, "SELECT * FROM actor_network") == [("x", "y", "named_with", 2, 2)]


def test_long_documents_give_a_bounded_network() -> None:
    """A document that names hundreds of actors yields at most 300 pairs."""
    names = [f"actor-{n}" for n in range(400)]
    con = build(
        source_documents=[document("a"), document("b")],
        extracted_actors=[actor(d, name, name) for d in "ab" for name in names],
        extracted_mentions=[mention(d, n, "…", name) for d in "ab" for n, name in enumerate(names)],
    )
    assert rows(con, "SELECT count(*) FROM actor_network") == [(300,)]


def conflict(a: dict[str, Any], b: dict[str, Any]) -> list[tuple[Any, ...]]:
    """Return the conflicts of two records of Latvia in two documents."""
    con = build(
        source_documents=[document("a"), document("b")],
        extracted_actors=[state("a", "LVA"), state("b", "LVA")],
        extracted_spending=[spending("a", 1, "LVA", 100.0) | a, spending("b", 1, "LVA", 100.0) | b],
    )
    return rows(con, "SELECT spending_id_a, spending_id_b, source_a, source_b, ratio FROM spending_conflicts")


SHARE = {"measure": "share_of_gdp", "currency": None, "low": 3.0, "high": 3.0}
DISAGREE = [
    pytest.param({}, {"low": 125.0, "high": 125.0}, 1.25, id="amounts"),
    pytest.param(SHARE | {"low": 2.0, "high": 2.0}, SHARE | {"low": 2.5, "high": 2.5}, 1.25, id="shares"),
    pytest.param({"currency": "USD", "low_eur": 80.0, "high_eur": 80.0}, {}, 1.25, id="currencies, by euros"),
    pytest.param({"item": "12 Tanks"}, {"low": 200.0, "high": 200.0, "item": "12 tanks"}, 2.0, id="the same item"),
    pytest.param({"high": None}, {"low": None, "high": 50.0}, 2.0, id="at least against at most"),
    pytest.param({"low": 80.0}, {"low": 120.0, "high": 150.0}, 1.2, id="ranges that do not meet"),
]
AGREE = [
    pytest.param({}, {"low": 104.9, "high": 104.9}, id="within five percent"),
    pytest.param({"high": None}, {"low": 540.0, "high": 540.0}, id="at least so much"),
    pytest.param({"low": None}, {"low": 3.0, "high": 3.0}, id="at most so much"),
    pytest.param({"low": 80.0}, {"low": 95.0, "high": 150.0}, id="ranges that meet"),
    pytest.param({}, {"low": 100.0, "low_eur": 120.0}, id="one currency, another day's rate"),
    pytest.param({}, {"low": 125.0, "period": "2026"}, id="another period"),
    pytest.param({"period": None}, {"low": 125.0, "period": None}, id="no period"),
    pytest.param({}, {"low": 125.0, "flow": "aid"}, id="another flow"),
    pytest.param({}, {"low": 125.0, "item": "pay"}, id="a part"),
    pytest.param({}, {"low": 125.0, "doc_id": "a"}, id="one document"),
    pytest.param({}, {"low": 125.0, "spender_id": None}, id="no payer"),
    pytest.param({}, {"low": 0.0}, id="nothing to divide by"),
    pytest.param({}, {"low": 125.0, "currency": "USD", "low_eur": None, "high_eur": None}, id="no rate"),
]


@pytest.mark.parametrize(("a", "b", "ratio"), DISAGREE)
def test_conflict(a: dict[str, Any], b: dict[str, Any], ratio: float) -> None:
    """Two documents that disagree are one pair, with both outlets and the ratio."""
    assert conflict(a, b) == [("a:m1", "b:m1", "outlet a", "outlet b", ratio)]


@pytest.mark.parametrize(("a", "b"), AGREE)
def test_no_conflict(a: dict[str, Any], b: dict[str, Any]) -> None:
    """What agrees, or speaks of something else, is no conflict."""
    assert conflict(a, b) == []


def test_a_conflict_tells_sentences_and_speakers() -> None:
    """Each side has the sentence that it stands in, and the speaker who claims it, if it is not the outlet itself."""
    con = build(
        source_documents=[document("a"), document("b")],
        extracted_actors=[state("a", "LVA"), state("b", "LVA"), actor("b", "ida-berg", "Ida Berg")],
        extracted_statements=[statement("b", 1, "ida-berg", [(0, 5)])],
        extracted_spending=[
            spending("a", 1, "LVA", 100.0, evidence="It costs 100."),
            spending("b", 1, "LVA", 150.0, evidence="It costs 150.", statement_id="b:s1"),
        ],
    )
    asked = "SELECT evidence_a, evidence_b, speaker_id_a, speaker_id_b FROM spending_conflicts"
    statement_ids = rows(con, "SELECT statement_id FROM statements")
    assert statement_ids == [("b:s1",)]
    assert rows(con, asked) == [("It costs 100.", "It costs 150.", None, "ida-berg")]


def test_repeated_figures_make_one_conflict() -> None:
    """An outlet that repeats its figure in ten documents, and a copy, disagree with the other outlet once."""
    docs = [document("x"), document("copy", "2025-05-01", text="x", source="third")]
    docs += [document(f"d{n}", f"2025-03-1{n}", source="daily") for n in range(10)]
    con = build(
        source_documents=docs,
        extracted_actors=[state(d["doc_id"], "LVA") for d in docs],
        extracted_spending=[spending(d["doc_id"], 1, "LVA", 150.0 if d["source"] == "daily" else 100.0) for d in docs],
    )
    assert rows(con, "SELECT spending_id_a, spending_id_b, amount_a, amount_b, ratio FROM spending_conflicts") == [
        ("d0:m1", "x:m1", "150.0 euros", "100.0 euros", 1.5)
    ]


CLAIMS = [
    pytest.param(SHARE, [("LVA", 2025, "share_of_gdp", 3.0, 2.5, 1.2, "book (2025)")], id="share"),
    pytest.param({}, [("LVA", 2025, "amount", 100.0, 50.0, 2.0, "book (2024)")], id="amount, the year before"),
    pytest.param(
        SHARE | {"period_start": None},
        [("LVA", 2025, "share_of_gdp", 3.0, 2.5, 1.2, "book (2025)")],
        id="year of publication",
    ),
    pytest.param(SHARE | {"low": None}, [("LVA", 2025, "share_of_gdp", 3.0, 2.5, 1.2, "book (2025)")], id="up to"),
    pytest.param(
        SHARE | {"period_start": 2028},
        [("LVA", 2028, "share_of_gdp", 3.0, 2.5, 1.2, "book (2025)")],
        id="three years on",
    ),
    pytest.param(SHARE | {"period_start": 2029}, [], id="too long ago"),
    pytest.param(SHARE | {"period_start": 2023}, [], id="before the table"),
    pytest.param(SHARE | {"item": "pay"}, [], id="a part"),
    pytest.param({"flow": "aid"}, [], id="no budget"),
    pytest.param({"low_usd": None, "high_usd": None}, [], id="no rate"),
    pytest.param({"spender_id": "ministry"}, [], id="no state"),
]


@pytest.mark.parametrize(("claim", "expected"), CLAIMS)
def test_claims_beside_official_figures(claim: dict[str, Any], expected: list[tuple[Any, ...]]) -> None:
    """A state's whole budget is compared with the official row of its year, else of up to three years before."""
    con = build(
        source_documents=[document("a"), document("copy", "2025-04-01", text="a")],
        extracted_actors=[
            state("a", "LVA"),
            state("copy", "LVA"),
            actor("a", "ministry", "Ministry", actor_type="government_body", country="LVA"),
        ],
        extracted_spending=[spending(d, 1, "LVA", 100.0) | claim | {"doc_id": d} for d in ("a", "copy")],
        official_expenditure=[
            {"iso3": "LVA", "year": 2025, "share_of_gdp": 2.5, "usd": None, "source": "book"},
            {"iso3": "LVA", "year": 2024, "share_of_gdp": 2.0, "usd": 50.0, "source": "book"},
            {"iso3": "EST", "year": 2025, "share_of_gdp": 9.9, "usd": 9.9, "source": "book"},
        ],
    )
    assert rows(con, "SELECT * EXCLUDE (spending_id) FROM spending_vs_official") == expected


def test_spending_by_country_and_year_sums_each_figure_once() -> None:
    """A repeated figure counts once, a range with its upper bound, a ministry for its state; shares stand apart."""
    con = build(
        source_documents=[document(d) for d in "abc"],
        extracted_actors=[
            *(state(d, "LVA") for d in "abc"),
            actor("c", "ministry", "Ministry", actor_type="government_body", country="LVA"),
            actor("c", "nato", "NATO", actor_type="bloc"),
        ],
        extracted_spending=[
            spending("a", 1, "LVA", 100.0),
            spending("b", 1, "LVA", 100.0, low_eur=101.0, high_eur=101.0),
            spending("b", 2, "LVA", 20.0, high=30.0, high_eur=30.0, item="pay"),
            spending("c", 1, "ministry", 7.0, high=None, high_eur=None),
            spending("c", 2, "LVA", 3.0, measure="share_of_gdp", currency=None, low_eur=None, high_eur=None),
            spending("c", 3, "nato", 1000.0),
            spending("c", 4, "LVA", 1.0, period_start=None, status="spent"),
        ],
    )
    assert rows(con, "SELECT * FROM spending_by_country_year ORDER BY status") == [
        ("LVA", 2025, "budget", "approved", 5, 101.0, 138.0, 3.0),
        ("LVA", 2025, "budget", "spent", 1, 1.0, 1.0, None),
    ]


def test_payer_and_recipient_carry_the_actors_names() -> None:
    """Names come from actors; words of the text stay where no actor is known."""
    con = build(
        source_documents=[document("a")],
        extracted_actors=[state("a", "LVA")],
        extracted_spending=[spending("a", 1, "LVA", 1.0, recipient="two Nordic firms")],
    )
    expected = [("LVA", "State LVA", None, "two Nordic firms")]
    assert rows(con, "SELECT spender_id, spender, recipient_id, recipient FROM defence_spending") == expected


def test_order_of_arrival_does_not_show() -> None:
    """The same inputs in reverse give the same rows in every table."""
    inputs: dict[str, list[dict[str, Any]]] = {
        "source_documents": [document("a"), document("b"), document("c", text="a"), document("d", "2025-03-02")],
        "extracted_actors": [
            *(
                actor(d, "ida-berg", name, country=country, role=role, wikidata_id=wiki)
                for d, name, country, role, wiki in [
                    ("a", "Ida Berg", "NOR", "Minister", "Q1"),
                    ("b", "Ida-Berg", "SWE", "minister", "Q2"),
                    ("c", "Ida Berg", None, "MP", None),
                ]
            ),
            actor("d", "berg", "Berg", role="Adviser"),
            *(state(d, "NOR") for d in "abcd"),
        ],
        "extracted_mentions": [
            mention(d, n, t, i)
            for d in "abc"
            for n, (t, i) in enumerate([("Ida Berg", "ida-berg"), ("Norway", "NOR"), ("Berg", "ida-berg")])
        ],
        "extracted_statements": [statement(d, n, "ida-berg", [(0, 50)]) for d in "abc" for n in (1, 2)],
        "extracted_spending": [
            spending(d, n, "NOR", value, status=status)
            for d in "abcd"
            for n, value, status in [(1, 0.1, "spent"), (2, 0.2, "spent"), (3, 0.3, "planned"), (4, 1e9, "spent")]
        ],
        "corrections": [correction(3, "rename", "ida-berg", "Ida Berg"), correction(4, "block", "nobody")],
        "memberships": [{"bloc_id": "nato", "country": "NOR"}, {"bloc_id": "nato", "country": "SWE"}],
        "known_terms": [
            {"actor_id": "ida-berg", "name": "Ida Berg", "office": office, "since": date(2020, 1, 1)}
            for office in ("minister", "premier")
        ],
        "last_actors": [{"actor_id": "ida", "mention_count": 3}, {"actor_id": "idaberg", "mention_count": 3}],
        "last_redirects": [{"from_id": "i", "actor_id": "ida", "reason": "replaced"}],
    }
    one = build(**inputs)
    other = build(**{name: list(reversed(given)) for name, given in inputs.items()})
    for table in PUBLISHED:
        query = f"SELECT * FROM {table.name} ORDER BY ALL"
        assert rows(one, query) == rows(other, query), table.name
        empty = {"rejected_documents", "figures", "spending_vs_official", "document_versions", "feeds", "feed_rounds"}
        assert table.name in empty or rows(one, query)


@pytest.mark.parametrize("name", EXAMPLES)
def test_example_queries_run(name: str) -> None:
    """Each example is one query that runs on the published tables, and begins with its question."""
    con = build()
    columns = ", ".join(f'"{column.name}" {column.type}' for column in tables.DATA_QUALITY.columns)
    con.execute(f"CREATE TABLE data_quality ({columns})")
    assert EXAMPLES[name].startswith("-- ") and "?" in EXAMPLES[name].splitlines()[0]
    assert rows(con, EXAMPLES[name]) == []


def test_official_expenditure_fits_the_query() -> None:
    """The reference file has one row a state and year, in the columns that spending_vs_official reads."""
    official = reference.rows("military_expenditure")
    assert len(official) > 800
    assert {tuple(row) for row in official} == {tuple(column.name for column in tables.OFFICIAL_EXPENDITURE.columns)}
    assert len({(row["iso3"], row["year"]) for row in official}) == len(official)
    for row in official:
        assert row["iso3"].isalpha() and row["iso3"].isupper() and len(row["iso3"]) == 3
        assert 0 <= float(row["share_of_gdp"]) < 50 and 1990 < int(row["year"]) < 2030
        assert not row["usd"] or 1e6 < float(row["usd"]) < 2e12
        assert row["source"]
