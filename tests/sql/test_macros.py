"""The macros of `sql/macros/`: what they find, in which order, and that an argument is never more than text."""

from __future__ import annotations

import math
from pathlib import Path

import duckdb
import pytest

from pipeline.query import answer
from pipeline.store import staging
from tests.sql.test_sql import SQL, actor, build, document, mention, needs, rows, spending, state, statement

MACROS = staging.macros(SQL)


@pytest.mark.parametrize("name", MACROS)
def test_header_names_what_the_macro_reads(name: str) -> None:
    """A file creates the macro that it is named after, says first what it is, and lists what it reads."""
    text = MACROS[name]
    body = "\n".join(line for line in text.splitlines() if not line.startswith("--"))
    assert text.startswith(f"-- {name}: ") and f"CREATE OR REPLACE MACRO {name}(" in body
    words = {word.split("(")[0] for word in body.split()} | {"search_tokens" if "search_tokens(" in body else ""}
    known = {path.stem for path in SQL.glob("*.sql")} | set(MACROS)
    assert (needs(text) if "-- needs:" in text else set()) == words & known - {name}


TOKENS = [
    pytest.param("Attack on Article 5", ["attack", "on", "article", "5"], id="words and numbers"),
    pytest.param("Krūmiņa's JAS-39, 4.5% or 1,000", ["krumina", "jas", "39", "4.5", "or", "1,000"], id="accents"),
    pytest.param("policies missiles allies’ glass gas", ["policy", "missile", "ally", "glass", "gas"], id="plurals"),
    pytest.param("Київ %_'", ["киів"], id="other scripts"),
    pytest.param("", [], id="nothing"),
]


@pytest.mark.parametrize(("text", "expected"), TOKENS)
def test_words_as_the_search_compares_them(text: str, expected: list[str]) -> None:
    """Case, accents, possessives and plurals are gone; numbers are whole."""
    assert duckdb.execute(MACROS["search_tokens"]) is not None
    assert duckdb.execute("SELECT search_tokens(?)", [text]).fetchall() == [(expected,)]


def test_search_puts_the_best_first() -> None:
    """The score is BM25 over the original statements; what has no word of the question is no answer."""
    contents = ["Missiles, missiles and tanks", "a missile", "tanks", "peace in our time", "missile"]
    con = build(
        source_documents=[document("a"), document("copy", "2025-04-01", text="a")],
        extracted_statements=[
            *(statement("a", n, None, [(0, 1)], content=content) for n, content in enumerate(contents)),
            statement("copy", 0, None, [(0, 1)], content="missile"),
        ],
    )
    mean = (4 + 2 + 1 + 4 + 1) / 5

    def weight(found_in: int, occurrences: int, length: int) -> float:
        rarity = math.log(1 + (5 - found_in + 0.5) / (found_in + 0.5))
        return rarity * occurrences / (occurrences + 1.2 * (0.25 + 0.75 * length / mean))

    expected = [
        ("a:s0", round(weight(3, 2, 4) + weight(2, 1, 4), 4)),
        ("a:s2", round(weight(2, 1, 1), 4)),
        ("a:s4", round(weight(3, 1, 1), 4)),
        ("a:s1", round(weight(3, 1, 2), 4)),
    ]
    assert expected == sorted(expected, key=lambda row: -row[1])
    assert rows(con, "SELECT statement_id, score FROM search_statements('the MISSILE tank')") == expected
    assert rows(con, "SELECT statement_count, occurrences FROM token_statistics WHERE token = 'missile'") == [(3, 4)]
    assert rows(con, "SELECT * FROM search_statements('war')") == []


@pytest.fixture(scope="module")
def con() -> duckdb.DuckDBPyConnection:
    """Return a small warehouse: a minister with an accent, Poland, its ministry, the police, a copy of a document."""
    return build(
        source_documents=[document("a"), document("b", "2023-05-01"), document("copy", "2025-04-01", text="a")],
        extracted_actors=[
            actor("a", "anda-krumina", "Anda Krūmiņa", country="LVA"),
            actor("a", "tim-o-brien", "Tim O'Brien 100%", country="USA"),
            actor("a", "police", "Police", actor_type="organisation"),
            state("a", "POL"),
            state("b", "POL"),
            actor("b", "ministry", "Polish Ministry", actor_type="government_body", country="POL"),
        ],
        extracted_mentions=[
            mention("a", 0, "Poland", "POL"),
            mention("a", 10, "Polish police", "police"),
            mention("a", 30, "Krumina", "krumina"),
        ],
        extracted_statements=[
            *(statement(d, 1, "anda-krumina", [(0, 25)]) for d in ("a", "copy")),
            statement("a", 2, "tim-o-brien", [(10, 25)]),
            statement("a", 3, "police", [(50, 60)]),
        ],
        extracted_spending=[
            spending("a", 1, "POL", 1.0),
            spending("copy", 1, "POL", 1.0),
            spending("a", 2, "POL", 2.0, period_start=2020, period_end=2030),
            spending("b", 3, "ministry", 3.0, period_start=None, period_end=None),
            spending("a", 4, "anda-krumina", 4.0),
            spending("a", 5, None, 5.0),
        ],
    )  # fmt: skip


@pytest.mark.parametrize(
    ("who", "expected"),
    [
        ("anda-krumina", ["a:s1"]), ("Krūmiņa", ["a:s1"]), ("KRUMIN", ["a:s1"]), ("krumina", ["a:s1"]),
        ("O'Brien", ["a:s2"]), ("100%", ["a:s2"]), ("pol", ["a:s3"]), ("POL", []), ("%", ["a:s2"]), ("_", []), ("", []),
        ("nobody", []), ("'; DROP TABLE statements; --", []), ("' OR 1=1 --", []), (None, []),
    ],
)  # fmt: skip
def test_said_by(con: duckdb.DuckDBPyConnection, who: str | None, expected: list[str]) -> None:
    """An id, or a part of a name in any case and with or without accents; signs of patterns and quotes are letters."""
    found = con.execute("SELECT statement_id FROM said_by(?) ORDER BY 1", [who]).fetchall()
    assert [row[0] for row in found] == expected


def test_about(con: duckdb.DuckDBPyConnection) -> None:
    """Each statement once, with the names that fit; a code means the state alone."""
    query = "SELECT statement_id, named FROM about('{}') ORDER BY 1"
    assert rows(con, query.format("pol")) == [("a:s1", ["Police", "State POL"]), ("a:s2", ["Police"])]
    assert rows(con, query.format("POL")) == [("a:s1", ["State POL"])]


@pytest.mark.parametrize(
    ("state_", "first", "last", "expected"),
    [
        ("POL", 2025, 2025, ["a:m1", "a:m2"]),
        ("pol", 2021, 2022, ["a:m2"]),
        ("POL", 2022, 2025, ["a:m1", "a:m2", "b:m3"]),
        ("POL", 2031, 2040, []),
        ("LVA", 2025, 2025, ["a:m4"]),
        ("' OR 1=1 --", 1, 9999, []),
        (None, None, None, []),
    ],
)
def test_spent_by(
    con: duckdb.DuckDBPyConnection, state_: str | None, first: int | None, last: int | None, expected: list[str]
) -> None:
    """A state and whoever is of it, by the years of the money, else by the year of publication; copies left out."""
    found = con.execute("SELECT spending_id FROM spent_by(?, ?, ?) ORDER BY 1", [state_, first, last]).fetchall()
    assert [row[0] for row in found] == expected


@pytest.mark.parametrize("asked", ["'; DROP TABLE statements; --", "%", "", "...", "SELECT", None, "a" * 10_000])
def test_search_for_strange_words(con: duckdb.DuckDBPyConnection, asked: str | None) -> None:
    """Whatever is searched for is text, and finds nothing here."""
    assert con.execute("SELECT * FROM search_statements(?)", [asked]).fetchall() == []


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("SELECT score > 4 AS good, speaker_id FROM search_statements('article 5 attack') LIMIT 1",
         "good,speaker_id\ntrue,senior-nato-official\n"),
        ("SELECT DISTINCT speaker FROM said_by('kallas')", "speaker\nKaja Kallas\n"),
        ("SELECT bool_and(list_contains(named, 'NATO')) AS b FROM about('nato')", "b\ntrue\n"),
        ("SELECT count(*) > 0 AS b, min(coalesce(period_end, year(published_on))) >= 2022 AS c "
         "FROM spent_by('POL', 2022, 2025)", "b,c\ntrue,true\n"),
    ],
    ids=["search_statements", "said_by", "about", "spent_by"],
)  # fmt: skip
def test_macros_are_published(sample_database: Path, tmp_path: Path, question: str, expected: str) -> None:
    """The published file has them, and they answer where nothing but its tables may be read."""
    answer(sample_database, question, "csv", tmp_path / "answer.csv")
    assert (tmp_path / "answer.csv").read_text(encoding="utf-8") == expected


def test_macros_name_no_database(sample_database: Path) -> None:
    """The staging database has another name than the published one, and so may the copy that an analyst attaches."""
    with duckdb.connect() as connection:
        connection.execute(f"ATTACH '{sample_database}' AS mine (READ_ONLY)")
        connection.execute("USE mine")
        assert connection.execute("SELECT count(*) > 0 FROM search_statements('attack')").fetchall() == [(True,)]
        assert connection.execute("SELECT count(*) > 0 FROM said_by('kallas')").fetchall() == [(True,)]
