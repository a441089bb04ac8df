"""The article that the project began with, from the sample inbox: what must be read out of it, in one refresh."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipeline.settings import ROOT
from tests.warehouses import run

KALLAS, PUTIN, KOSINIAK = "kaja-kallas", "vladimir-putin", "wladyslaw-kosiniak-kamysz"

STATEMENTS = [
    (KALLAS, "Estonian Prime Minister Kaja Kallas", "revealed", "indirect", "NATO member states have initiated"),
    (KALLAS, "Kallas", "stated", "direct", "There are countries that are already training"),
    (KALLAS, "Kallas", "acknowledged", "indirect", "these nations are acting independently"),
    (KALLAS, "She", "clarified", "indirect", "if a Russian attack were to injure NATO instructors"),
    (KALLAS, "she", "explained", "direct", "I can't imagine that if someone gets hurt there"),
    (KALLAS, "Kallas", "emphasized", "indirect", "countries sending personnel into Ukraine"),
    (KALLAS, "Kallas", "mentioned", "direct", "This is an open public debate"),
    (
        "estonian-and-baltic-officials",
        "Estonian and Baltic officials",
        "fearing",
        "indirect",
        "a Ukrainian defeat could embolden",
    ),
    (
        "military-officials-from-at-least-10-nato-countries",
        "military officials from at least 10 NATO countries",
        "stated",
        "indirect",
        "potential Russian aggression against the alliance",
    ),
    (
        KOSINIAK,
        "Polish Defense Minister Władysław Kosiniak-Kamysz",
        "indicated",
        "indirect",
        "Poland does not rule out an attack",
    ),
    (PUTIN, "Russian President Vladimir Putin", "dismissed", "mixed", "claims of Russia's intentions"),
    (PUTIN, "he", "accused", "indirect", "the West of provoking conflicts worldwide"),
]


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """Refresh the article alone and open the published tables."""
    folder = tmp_path_factory.mktemp("founding")
    (folder / "inbox").mkdir()
    shutil.copy(ROOT / "seeds" / "inbox" / "founding-article.txt", folder / "inbox")
    assert run(folder / "inbox", folder / "warehouse").succeeded
    with duckdb.connect(str(folder / "warehouse" / "communique.duckdb"), read_only=True) as connection:
        yield connection


def ask(tables: duckdb.DuckDBPyConnection, question: str) -> list[tuple[Any, ...]]:
    """Return all rows of an answer."""
    return tables.execute(question).fetchall()


@pytest.mark.parametrize("expected", STATEMENTS, ids=lambda expected: f"{expected[1]} {expected[2]}")
def test_statement(tables: duckdb.DuckDBPyConnection, expected: tuple[str, ...]) -> None:
    """Each of the twelve statements has its speaker, resolved where he is a pronoun, its cue and its kind."""
    *wanted, opening = expected
    found = ask(tables, "SELECT speaker_id, speaker_text, cue_text, kind, content FROM statements")
    assert tuple(wanted) in [row[:4] for row in found if row[4].startswith(opening)]


def test_no_speaker_is_wrong(tables: duckdb.DuckDBPyConnection) -> None:
    """At most one statement is found beyond the twelve, beliefs aside, and nobody speaks who does not."""
    found = ask(tables, "SELECT speaker_id FROM statements WHERE cue_class NOT IN ('think', 'plan')")
    assert len(STATEMENTS) <= len(found) <= len(STATEMENTS) + 1
    assert {row[0] for row in found} == {row[0] for row in STATEMENTS}


def test_contents_end_where_the_speaker_ends(tables: duckdb.DuckDBPyConnection) -> None:
    """Direct speech is the words between the marks, the marks left out; a paraphrase keeps its quoted words' marks."""
    contents = [row[0] for row in ask(tables, "SELECT content FROM statements")]
    assert "This is an open public debate, but I think we shouldn't exclude anything at this point" in contents
    assert 'claims of Russia\'s intentions to attack Europe as "nonsense."' in contents


def test_defence_spending(tables: duckdb.DuckDBPyConnection) -> None:
    """Poland's contracts are the one sum, with the bound that "over" means, and it is in euros as it stands."""
    found = ask(
        tables,
        "SELECT amount_text, low, high, currency, spender, spender_id, recipient, flow, status, item, low_eur, "
        "high_eur FROM defence_spending",
    )
    poland = ("over 4 billion euros", 4e9, None, "EUR", "Poland", "POL", "domestic defense firms")
    assert found == [(*poland, "procurement", "signed", "arms", 4e9, None)]


@pytest.mark.parametrize(
    "expected",
    [
        ("EST", "Estonia", "state", "EST", None),
        ("UKR", "Ukraine", "state", "UKR", None),
        ("RUS", "Russia", "state", "RUS", None),
        ("POL", "Poland", "state", "POL", None),
        ("nato", "NATO", "bloc", None, None),
        ("the-west", "the West", "bloc", None, None),
        ("baltic-states", "Baltic states", "bloc", None, None),
        (KALLAS, "Kaja Kallas", "person", "EST", "Prime Minister"),
        (PUTIN, "Vladimir Putin", "person", "RUS", "President"),
        (KOSINIAK, "Władysław Kosiniak-Kamysz", "person", "POL", "Defense Minister"),
    ],
    ids=lambda expected: str(expected[0]),
)
def test_actor(tables: duckdb.DuckDBPyConnection, expected: tuple[str | None, ...]) -> None:
    """States, blocs and persons are actors of the right type, with the state they are or serve."""
    found = ask(tables, "SELECT actor_id, name, actor_type, country, role FROM actors")
    assert expected in found


def test_figures_and_medium(tables: duckdb.DuckDBPyConnection) -> None:
    """The count of countries has its bound, and the newspaper that asked is the medium."""
    assert ("count", 10.0, None, "at least") in ask(tables, "SELECT kind, low, high, qualifier FROM figures")
    assert ("Financial Times",) in ask(tables, "SELECT medium FROM statements WHERE cue_text = 'revealed'")


def test_text_is_the_file(tables: duckdb.DuckDBPyConnection) -> None:
    """A clean text stays as it is, character for character, below its front matter."""
    file = Path(ROOT / "seeds" / "inbox" / "founding-article.txt").read_text(encoding="utf-8")
    assert file.strip().endswith(ask(tables, "SELECT text FROM documents")[0][0].strip())
