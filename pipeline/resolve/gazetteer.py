"""The gazetteer: known states, bodies, companies, media and office holders, and where a text names them.

Here stand loading and matching, on words alone. Whether a match is a mention is decided in
`pipeline.extract.mentions`. The facts are in `seeds/reference/{countries,organisations,officials}.csv`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import NamedTuple

from pipeline import reference
from pipeline.resolve.names import fold, slug

WORD = re.compile(r"[^\W_]+|[^\w\s]")
"""What counts as one word of a name: a run of letters and digits, or one sign."""


@dataclass(frozen=True, slots=True)
class Known:
    """An actor that the reference tables know."""

    actor_id: str
    name: str
    actor_type: str
    country: str | None
    gender: str | None = None
    wikidata_id: str | None = None
    offices: tuple[str, ...] = ()


class Hit(NamedTuple):
    """A place where a text has a name of the gazetteer; `form` tells which kind of name.

    `name`, `capital`, `inhabitants` and `adjective` are forms of a state, `entry` of an organisation, `person` of an
    official; `none` is the name of something that is no actor.
    """

    start: int
    end: int
    form: str
    known: Known


Index = dict[str, list[tuple[tuple[str, ...], str, Known]]]


def words(name: str) -> tuple[str, ...]:
    """Return the folded words of a name, as they are matched."""
    return tuple(WORD.findall(fold(name)))


def _values(cell: str) -> list[str]:
    return [value for value in cell.split("|") if value]


@cache
def countries() -> dict[str, Known]:
    """Return the states by alpha-3 code."""
    return {
        row["alpha3"]: Known(row["alpha3"], row["name"], "state", row["alpha3"], None, row.get("wikidata_id") or None)
        for row in reference.rows("countries")
    }


@cache
def adjective(alpha3: str) -> str:
    """Return the first adjective of a state ("Polish"), else its name."""
    for row in reference.rows("countries"):
        if row["alpha3"] == alpha3:
            return (_values(row["adjectives"]) or [row["name"]])[0]
    return alpha3


@cache
def officials() -> dict[str, tuple[tuple[date | None, str | None], ...]]:
    """Return for each official's id the states served: (last day, alpha-3), in order of time."""
    out: dict[str, list[tuple[date | None, str | None]]] = {}
    for row in reference.rows("officials"):
        until = date.fromisoformat(row["until"]) if row["until"] else None
        out.setdefault(slug(row["name"]), []).append((until, row["country"] or None))
    return {key: tuple(value) for key, value in out.items()}


def country_served(actor_id: str, day: date | None) -> str | None:
    """Return the state that an official serves on a day (the latest if the day is unknown), None if no state."""
    terms = officials().get(actor_id, ())
    for until, country in terms:
        if until is None or (day is not None and day <= until):
            return country
    return terms[-1][1] if terms else None


@cache
def _terms() -> dict[str, tuple[tuple[str, date, date | None], ...]]:
    """Return for each official's id the terms whose days are known: (office, first day, last day)."""
    out: dict[str, list[tuple[str, date, date | None]]] = {}
    for row in reference.rows("terms_of_office"):
        until = date.fromisoformat(row["until"]) if row["until"] else None
        out.setdefault(slug(row["name"]), []).append((row["office"], date.fromisoformat(row["since"]), until))
    return {key: tuple(value) for key, value in out.items()}


def offices(known: Known, day: date | None) -> tuple[str, ...]:
    """Return the offices that "the French president" may mean of an official on a day.

    An office whose terms are known counts in its terms alone; one of unknown terms, or a text without a day, always.
    """
    terms = _terms().get(known.actor_id, ())
    if day is None or not terms:
        return known.offices
    dated = {office for office, _, _ in terms}
    held = {office for office, since, until in terms if since <= day and (until is None or day <= until)}
    return tuple(sorted(held | (set(known.offices) - dated)))


@cache
def given_names() -> dict[str, str]:
    """Return the gender (m, f) of given names, folded and in lower case; names of both genders are left out."""
    seen: dict[str, set[str]] = {}
    for row in reference.rows("officials"):
        first = fold(row["name"]).split()[0].casefold()
        if len(first) > 2:
            seen.setdefault(first, set()).add(row["gender"])
    for row in reference.rows("given_names"):
        for name in row["names"].split():
            seen.setdefault(fold(name).casefold(), set()).add(row["gender"])
    return {name: genders.pop() for name, genders in seen.items() if len(genders) == 1}


@cache
def index() -> Index:
    """Return all names by their first word, the longest first."""
    out: Index = {}
    taken: set[tuple[str, ...]] = set()

    def add(name: str, form: str, known: Known) -> None:
        key = words(name)
        if key and key not in taken:
            taken.add(key)
            out.setdefault(key[0], []).append((key, form, known))

    for row in reference.rows("countries"):
        state = countries()[row["alpha3"]]
        for name in (row["name"], *_values(row["aliases"])):
            bare = name.removeprefix("the ")
            add(bare, "name", state)
            if len(bare) > 3:
                add(bare.upper(), "name", state)
        for column, form in (("capitals", "capital"), ("inhabitants", "inhabitants"), ("adjectives", "adjective")):
            for name in _values(row[column]):
                add(name, form, state)
    for row in reference.rows("organisations"):
        known = Known(slug(row["name"]), row["name"], row["type"], row["country"] or None, None,
                      row["wikidata_id"] or None)
        for name in (row["name"], *_values(row["aliases"])):
            add(name, "entry", known)
        for name in _values(row["seats"]):
            add(name, "capital", known)
    for row in reference.rows("officials"):
        known = Known(slug(row["name"]), row["name"], "person", row["country"] or None, row["gender"],
                      row["wikidata_id"] or None, tuple(_values(row["offices"])))
        for name in (row["name"], *_values(row["aliases"])):
            add(name, "person", known)
            add(name.upper(), "person", known)
    for row in reference.rows("not_actors"):
        known = Known("", row["kind"], row["kind"], None)
        for name in _values(row["names"]):
            add(name, "none", known)
    for entries in out.values():
        entries.sort(key=lambda entry: -len(entry[0]))
    return out


def entry(name: str) -> Known | None:
    """Return the organisation that has exactly this name or alias."""
    key = words(name)
    for candidate, form, known in index().get(key[0], ()) if key else ():
        if candidate == key and form == "entry":
            return known
    return None


def find(text: str) -> Iterator[Hit]:
    """Yield the names of the gazetteer in a text, from left to right, the longest at each place, none overlapping."""
    names = index()
    spans = [(match.start(), match.end()) for match in WORD.finditer(text)]
    tokens = [text[start:end] for start, end in spans]
    if not text.isascii():
        tokens = [fold(token) for token in tokens]
    at, count = 0, len(tokens)
    while at < count:
        for key, form, known in names.get(tokens[at], ()):
            size = len(key)
            if (size == 1 or tuple(tokens[at : at + size]) == key) and at + size <= count:
                yield Hit(spans[at][0], spans[at + size - 1][1], form, known)
                at += size
                break
        else:
            at += 1
