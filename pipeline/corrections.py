"""What a user corrects by hand: `seeds/corrections.yaml`, read and checked as far as it can be without a warehouse.

Here stands what a correction may say. What it does to the tables is SQL's (`sql/actor_links.sql`, `sql/actors.sql`);
whether the actors it names exist is asked where the tables are built (`pipeline.store.staging`).
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from pipeline import entries
from pipeline.resolve import gazetteer
from pipeline.resolve.names import slug
from pipeline.tables import ACTOR_TYPES

_TARGETS = {"merge": "into", "split": "into", "rename": "to", "retype": "to", "relocate": "to", "block": None}
"""What a correction may do → the key under which it names what becomes of the actor."""

_NOWHERE = "none"
_CONDITIONS = ("documents", "sources", "name", "country", "role", "from", "until")


class CorrectionError(ValueError):
    """A correction cannot be used; the message names file, line and the way out."""


@dataclass(frozen=True, slots=True)
class Where:
    """The documents in which a split holds: those that meet every condition given; an empty one is none.

    `documents` are doc_ids, external_ids or raw_uris; `name`, `country` and `role` are what the document says of the
    actor (`role` a part of it), letter case apart; `since` and `until` bound the day of publication.
    """

    documents: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    name: str | None = None
    country: str | None = None
    role: str | None = None
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Correction:
    """One correction of one actor. `value` is an actor_id, a name, a type or a country; None for `block`."""

    line: int
    action: str
    actor_id: str
    value: str | None
    because: str | None = None
    where: Where = Where()

    def __str__(self) -> str:
        """Return the correction in one line, as `./run status` lists it."""
        told = f"{self.action} {self.actor_id}"
        if self.action in ("rename", "retype", "relocate"):
            told += f" to {self.value or _NOWHERE}"
        elif self.value is not None:
            told += f" into {self.value}"
        return told


class _Entry:
    """One entry of the file while it is checked."""

    def __init__(self, path: Path, line: int, found: dict[str, Any]) -> None:
        self.place, self.line, self.found = f"{path.name}, line {line}", line, found

    def error(self, message: str) -> CorrectionError:
        return CorrectionError(f"{self.place}: {message}")

    def text(self, key: str, value: Any) -> str:
        if isinstance(value, bool) or not isinstance(value, str | int | float) or not str(value).strip():
            raise self.error(f"{key}: {value!r} is no text; put it in quotation marks if it is meant as one")
        return str(value).strip()

    def texts(self, key: str, value: Any) -> tuple[str, ...]:
        return tuple(self.text(key, one) for one in (value if isinstance(value, list) else [value]))

    def day(self, key: str, value: Any) -> date:
        if isinstance(value, date):
            return date(value.year, value.month, value.day)
        raise self.error(f"{key}: {value!r} is no day such as 2024-03-31")

    def corrections(self) -> list[Correction]:
        actions = [key for key in self.found if key in _TARGETS]
        if len(actions) != 1:
            raise self.error(f"a correction does one of {', '.join(_TARGETS)}; found: {', '.join(actions) or 'none'}")
        action = actions[0]
        target = _TARGETS[action]
        allowed = [key for key in (action, target, "because", "where" if action == "split" else None) if key]
        for key in self.found:
            if key not in allowed:
                raise self.error(f"{key!r} does not belong here; {action} takes {', '.join(allowed)}")
        if target is not None and self.found.get(target) is None:
            raise self.error(f"{action} needs {target!r}")
        actors = self.texts(action, self.found[action])
        if not actors:
            raise self.error(f"{action} names no actor")
        if len(actors) > 1 and action not in ("merge", "block"):
            raise self.error(f"{action} takes one actor; write one correction for each")
        value = None if target is None else self._value(action, target)
        because = self.text("because", self.found["because"]) if "because" in self.found else None
        where = self._where() if action == "split" else Where()
        for actor in actors:
            if value == actor:
                raise self.error(f"{action} {actor}: {target} names the same actor")
        return [Correction(self.line, action, actor, value, because, where) for actor in actors]

    def _value(self, action: str, key: str) -> str | None:
        value = self.text(key, self.found[key])
        if action == "retype" and value not in ACTOR_TYPES:
            raise self.error(f"{value!r} is no type of actor; there are {', '.join(ACTOR_TYPES)}")
        if action == "relocate":
            return None if value == _NOWHERE else self._country(value)
        if action == "split" and value != slug(value) and value not in gazetteer.countries():
            raise self.error(f"an actor_id has small letters, digits and hyphens: write {slug(value) or 'a-name'!r}")
        return value

    def _country(self, value: str) -> str:
        if value not in gazetteer.countries():
            codes = {known.name: code for code, known in gazetteer.countries().items()}
            meant = codes.get(value) or next(iter(difflib.get_close_matches(value.upper(), codes.values(), 1)), "EST")
            raise self.error(f"{value!r} is no ISO 3166-1 alpha-3 code of a state such as {meant}")
        return value

    def _where(self) -> Where:
        found = self.found.get("where")
        if not isinstance(found, dict) or not found:
            raise self.error(f"split needs 'where' with one or more of {', '.join(_CONDITIONS)}")
        for key in found:
            if key not in _CONDITIONS:
                raise self.error(f"where: {key!r} is none of {', '.join(_CONDITIONS)}")
        return Where(
            documents=self.texts("documents", found["documents"]) if "documents" in found else (),
            sources=self.texts("sources", found["sources"]) if "sources" in found else (),
            name=self.text("name", found["name"]) if "name" in found else None,
            country=self._country(self.text("country", found["country"])) if "country" in found else None,
            role=self.text("role", found["role"]) if "role" in found else None,
            since=self.day("from", found["from"]) if "from" in found else None,
            until=self.day("until", found["until"]) if "until" in found else None,
        )


def read(path: Path) -> list[Correction]:
    """Read a file of corrections, one an actor, in the order of the file; no file is none.

    Of a chain of merges, each goes to the actor at its end.

    Raises:
        CorrectionError: the file cannot be read, is no list of corrections, or they contradict each other.
    """
    found = entries.read(path, CorrectionError, "correction", "merge: …")
    return _consistent(path, [each for line, entry in found for each in _Entry(path, line, entry).corrections()])


def _consistent(path: Path, found: list[Correction]) -> list[Correction]:
    """Return the corrections, each merge with the actor at the end of its chain.

    Raises:
        CorrectionError: two corrections say different things of one actor, or merges go in a circle.
    """

    def error(one: Correction, message: str) -> CorrectionError:
        return CorrectionError(f"{path.name}, line {one.line}: {message}")

    once: dict[tuple[str, str], Correction] = {}
    for one in found:
        if one.action == "split":
            continue
        other = once.setdefault((one.action, one.actor_id), one)
        if other is not one:
            raise error(one, f"line {other.line} has a {one.action} of {one.actor_id} already; remove one of them")
    merged = {actor: one for (action, actor), one in once.items() if action == "merge"}
    blocked = {actor: one for (action, actor), one in once.items() if action == "block"}
    for one in found:
        gone = merged.get(one.actor_id) or blocked.get(one.actor_id)
        if gone is not None and gone is not one and one.action != "split":
            raise error(one, f"{one.actor_id} is no actor any more after line {gone.line} ({gone}); correct that one")
        if one.action in ("merge", "split") and one.value in blocked:
            raise error(one, f"{one.value} is blocked in line {blocked[one.value].line}; remove one of them")
    out = []
    for one in found:
        end, seen = one.value, [one.actor_id]
        while one.action == "merge" and end in merged:
            seen.append(end or "")
            if end in seen[:-1]:
                raise error(one, f"these merges go in a circle: {' → '.join(seen)}; remove one of them")
            end = merged[end].value
        out.append(replace(one, value=end))
    return out


def suggestion(wrong: str, known: Iterable[str]) -> str:
    """Return a hint to the ids most like a wrong one, the empty string if none is near."""
    near = difflib.get_close_matches(wrong, list(known), 3, 0.7)
    return f"; did you mean {' or '.join(near)}?" if near else ""
