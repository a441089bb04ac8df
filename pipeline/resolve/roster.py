"""The actors of one document while it is read: made once each, from the reference tables or from the text.

How a text refers to them is in `naming` and `referring`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from pipeline.resolve import gazetteer
from pipeline.resolve.gazetteer import Known
from pipeline.resolve.names import parts, same_person, slug


@dataclass(slots=True)
class Actor:
    """An actor while the document is read. `placed` says that the text itself tells the country (or that none is)."""

    actor_id: str
    name: str
    actor_type: str
    country: str | None = None
    role: str | None = None
    rank: str | None = None
    placed: bool = False
    wikidata_id: str | None = None
    gender: str | None = None
    is_known: bool = False
    named: bool = True
    aliases: set[str] = field(default_factory=set)


class Roster(dict[str, Actor]):
    """The actors by actor_id."""

    def make(self, actor_id: str, name: str, actor_type: str) -> Actor:
        """Return the actor of that id, made if it is new."""
        key = actor_id or slug(name) or name
        if key not in self:
            self[key] = Actor(key, name, actor_type)
        return self[key]

    def known(self, known: Known) -> Actor:
        """Return an actor of the reference tables."""
        actor = self.make(known.actor_id, known.name, known.actor_type)
        if not actor.is_known:
            actor.country, actor.wikidata_id, actor.is_known = known.country, known.wikidata_id, True
            actor.gender = known.gender
        return actor

    def body(self, name: str, actor_type: str, country: str | None) -> Actor:
        """Return a body of a state: the one that the reference tables know by that name, else one named after both."""
        prefix = gazetteer.adjective(country) + " " if country else ""
        known = gazetteer.entry(prefix + name) or gazetteer.entry(prefix + name.lower())
        if known is not None:
            return self.known(known)
        actor = self.make(slug(prefix + name), prefix + name, actor_type)
        actor.country = country
        return actor


class People:
    """The persons of a document by the words of their names."""

    def __init__(self) -> None:
        self._by_last: dict[str, list[tuple[str, Actor]]] = {}
        self._by_word: dict[str, list[Actor]] = {}

    def add(self, name: str, actor: Actor) -> None:
        """Remember a name of a person, and the name in the reference tables."""
        for form in dict.fromkeys((name, actor.name)):
            words = parts(form)
            known = self._by_last.setdefault(words[-1], []) if words else []
            if words and (form, actor) not in known:
                known.append((form, actor))
            for word in words if len(words) > 1 else ():
                if actor not in self._by_word.setdefault(word, []):
                    self._by_word[word].append(actor)

    def named(self, name: str) -> list[Actor]:
        """Return the persons whom a name may mean: by the end of their names, else by any single word of them."""
        words = parts(name)
        if not words:
            return []
        ids = {actor.actor_id: actor for form, actor in self._by_last.get(words[-1], ()) if same_person(name, form)}
        return list(ids.values()) or (self._by_word.get(words[0], []) if len(words) == 1 else [])


def tidy(name: str) -> str:
    """Return a name for display: shouted names in title case, blanks single."""
    name = re.sub(r"\s+", " ", name)
    return name.title() if name.isupper() and " " in name else name
