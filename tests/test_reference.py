"""The reference tables say where their facts come from, and none contradicts itself or another."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import date
from itertools import combinations, pairwise
from pathlib import Path

import pytest

from pipeline.reference import FOLDER, rows

FILES = sorted(FOLDER.glob("*.csv"))
# Where the facts of a table may come from, in the words of the comment heads.
SOURCES = re.compile(
    r"general knowledge|public knowledge|compiled for this project|collected|learned by|python -m training"
    r"|ISO \d+|World Factbook",
    re.IGNORECASE,
)
# The columns that no two rows of a table share together, and those by which a table is sorted.
KEYS = {
    "bodies": ("words",),
    "countries": ("alpha3",),
    "cue_words": ("word",),
    "cues": ("lemma", "particle", "content"),
    "currencies": ("form", "code", "place", "near"),
    "defence_terms": ("term",),
    "documents": ("noun",),
    "exchange_rates": ("currency", "year"),
    "flow_cues": ("term", "flow"),
    "item_cues": ("term", "role"),
    "media_words": ("kind", "word"),
    "memberships": ("bloc", "country"),
    "military_expenditure": ("iso3", "year"),
    "not_actors": ("kind",),
    "number_contexts": ("word", "role"),
    "number_words": ("form", "kind"),
    "officials": ("name", "country"),
    "page_words": ("kind", "words"),
    "organisations": ("name",),
    "payer_cues": ("term", "role"),
    "qualifiers": ("form", "bound", "place"),
    "spending_weights": ("decision", "feature"),
    "statement_confidence": ("figure",),
    "status_cues": ("term", "form"),
    "terms_of_office": ("name", "office", "country", "since"),
    "titles": ("word", "kind"),
}
ORDERS = {
    "exchange_rates": ("currency", "year"),
    "memberships": ("bloc", "country"),
    "military_expenditure": ("iso3", "year"),
    "terms_of_office": ("country", "office", "since", "name"),
}
COUNTRY_COLUMNS = ("alpha3", "country", "iso3", "only", "never")
# Longest time that two persons may seem to hold one office while one hands it over to the other.
HANDOVER_DAYS = 31


def _values(cell: str) -> list[str]:
    return [value for value in cell.split("|") if value]


def _repeated(values: Iterable[object]) -> list[object]:
    return [value for value, count in Counter(values).items() if count > 1]


def _shared(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """Return the values that more than one owner has, with these."""
    owners: dict[str, set[str]] = defaultdict(set)
    for value, owner in pairs:
        owners[value].add(owner)
    return {value: sorted(found) for value, found in owners.items() if len(found) > 1}


def _states() -> set[str]:
    return {row["alpha3"] for row in rows("countries")}


def _backwards(table: str) -> list[dict[str, str]]:
    return [row for row in rows(table) if row["since"] and row["until"] and row["since"] > row["until"]]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_head_says_where_the_facts_come_from(file: Path) -> None:
    """Every table begins with a comment that names the source of its facts."""
    lines = file.read_text(encoding="utf-8").splitlines()
    head = [line for line in lines if line.startswith("#")]
    assert lines[: len(head)] == head, "comments stand above the table only"
    assert SOURCES.search(" ".join(head))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_files_are_clean(file: Path) -> None:
    """Every table is UTF-8 without a byte order mark, trailing blanks, empty lines or foreign line ends."""
    text = file.read_bytes().decode("utf-8")
    assert not text.startswith("\ufeff") and "\r" not in text and text.endswith("\n")
    lines = text.removesuffix("\n").split("\n")
    assert [number for number, line in enumerate(lines, 1) if line != line.rstrip() or not line] == []


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_rows_have_every_column(file: Path) -> None:
    """No row has more or fewer values than the table has columns, and none is there twice."""
    table = rows(file.stem)
    assert table
    assert [row for row in table if None in row or None in row.values()] == []
    assert _repeated(tuple(row.values()) for row in table) == []


@pytest.mark.parametrize("table", KEYS)
def test_keys_are_unique(table: str) -> None:
    """What names a row names no other."""
    assert _repeated(tuple(row[column] for column in KEYS[table]) for row in rows(table)) == []


@pytest.mark.parametrize("table", ORDERS)
def test_tables_are_sorted(table: str) -> None:
    """Tables that are kept in order are in order."""
    found = [tuple(row[column] for column in ORDERS[table]) for row in rows(table)]
    assert [pair for pair in pairwise(found) if pair[0] > pair[1]] == []


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_states_are_known(file: Path) -> None:
    """Every alpha-3 code of any table is one of countries.csv."""
    codes = {
        code for row in rows(file.stem) for column in COUNTRY_COLUMNS if column in row for code in _values(row[column])
    }
    assert codes - _states() == set()


@pytest.mark.parametrize("table", ["memberships", "officials", "terms_of_office"])
def test_days_are_dates(table: str) -> None:
    """Days are written as dates that exist."""
    for row in rows(table):
        for column in ("since", "until"):
            if row.get(column):
                assert date.fromisoformat(row[column]).isoformat() == row[column], row


@pytest.mark.parametrize("column", ["name", "aliases", "adjectives", "inhabitants", "capitals"])
def test_words_for_a_state_mean_one_state(column: str) -> None:
    """A name, an adjective, a capital belongs to one state only."""
    assert _shared((value, row["alpha3"]) for row in rows("countries") for value in _values(row[column])) == {}


def test_capitals_and_seats_differ() -> None:
    """No city stands both for a state and for an organisation."""
    capitals = {city for row in rows("countries") for city in _values(row["capitals"])}
    seats = {city for row in rows("organisations") for city in _values(row["seats"])}
    assert capitals & seats == set()


def test_organisations_share_no_names() -> None:
    """A name or alias stands for one organisation only, and is written once in its row."""
    named = [(row["name"], [row["name"], *_values(row["aliases"])]) for row in rows("organisations")]
    assert _shared((form, name) for name, forms in named for form in forms) == {}
    assert {name: found for name, forms in named if (found := _repeated(forms))} == {}


def test_organisations_are_not_called_like_states() -> None:
    """No name or alias of an organisation is also a name of a state."""
    states = {name for row in rows("countries") for name in (row["name"], *_values(row["aliases"]))}
    bodies = {name for row in rows("organisations") for name in (row["name"], *_values(row["aliases"]))}
    assert states & bodies == set()


def test_officials_share_no_names() -> None:
    """A name or alias stands for one official only, who has one gender."""
    forms = [(form, row["name"]) for row in rows("officials") for form in (row["name"], *_values(row["aliases"]))]
    assert _shared(forms) == {}
    assert _shared((row["name"], row["gender"]) for row in rows("officials")) == {}


def test_officials_serve_in_turn() -> None:
    """Of several rows of an official, each but the last has an end, later than the one before."""
    ends: dict[str, list[str]] = defaultdict(list)
    for row in rows("officials"):
        ends[row["name"]].append(row["until"] or "9999")
    assert {name: found for name, found in ends.items() if found != sorted(set(found))} == {}


def test_wikidata_ids_name_one_thing() -> None:
    """An id of Wikidata looks like one and stands for one name."""
    ids = [
        (row["wikidata_id"], row["name"])
        for table in ("countries", "organisations", "officials")
        for row in rows(table)
        if row["wikidata_id"]
    ]
    assert [found for found in ids if not re.fullmatch(r"Q[1-9]\d*", found[0])] == []
    assert _shared(ids) == {}


def test_members_join_blocs() -> None:
    """What states are members of are blocs of organisations.csv."""
    blocs = {row["name"] for row in rows("organisations") if row["type"] == "bloc"}
    assert {row["bloc"] for row in rows("memberships")} - blocs == set()


def test_memberships_end_after_they_begin() -> None:
    """No state leaves a bloc before it joined."""
    assert _backwards("memberships") == []


@pytest.mark.parametrize(
    ("bloc", "count"), [("NATO", 32), ("European Union", 27), ("G7", 7), ("G20", 19), ("ASEAN", 11)]
)
def test_blocs_are_complete(bloc: str, count: int) -> None:
    """The blocs that news names most have as many members as they have today."""
    assert sum(row["bloc"] == bloc and not row["until"] for row in rows("memberships")) == count


def test_office_holders_are_officials() -> None:
    """Whoever has a term of office is in officials.csv, and the words for the office are used there."""
    officials = rows("officials")
    terms = rows("terms_of_office")
    assert {row["name"] for row in terms} - {row["name"] for row in officials} == set()
    offices = {office for row in officials for office in _values(row["offices"])}
    assert {row["office"] for row in terms} - offices == set()


def test_terms_end_after_they_begin() -> None:
    """Every term has a beginning, and none ends before it."""
    assert [row for row in rows("terms_of_office") if not row["since"]] == []
    assert _backwards("terms_of_office") == []


def test_offices_have_one_holder() -> None:
    """Two terms of one office of a state overlap by no more than a handover, and by a day for one person."""
    held: dict[tuple[str, str], list[dict[str, str]]] = defaultdict(list)
    for row in rows("terms_of_office"):
        if row["country"]:
            held[row["country"], row["office"]].append(row)
    clashes = []
    for terms in held.values():
        for one, other in combinations(terms, 2):
            begin = max(date.fromisoformat(term["since"]) for term in (one, other))
            end = min(date.fromisoformat(term["until"]) if term["until"] else date.max for term in (one, other))
            if (end - begin).days > (0 if one["name"] == other["name"] else HANDOVER_DAYS):
                clashes.append((one, other))
    assert clashes == []
