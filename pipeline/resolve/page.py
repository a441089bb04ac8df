"""One document while its actors are settled: its text and parse, who has been found so far and where.

What the steps share stands here, and no decision: names are settled in `naming`, what refers to them in `referring`.
"""

from __future__ import annotations

import bisect
from collections.abc import Sequence

from spacy.tokens import Doc, Token

from pipeline.extract import columns
from pipeline.extract.records import Document, LocalActor, Mention, Span
from pipeline.resolve import gazetteer
from pipeline.resolve.coreference import Story
from pipeline.resolve.places import Setting
from pipeline.resolve.roster import Roster

Found = tuple[str, str, str | None]
"""Of a mention: its type (name, nominal, pronoun), the recogniser's label, and the actor_id."""


class Page:
    """The state of reading one document. `order` holds the mentions' spans sorted, once the names are settled."""

    def __init__(self, document: Document, doc: Doc, speakers: Sequence[Span]) -> None:
        self.text = document.text
        self.title = document.title
        self.day = document.published_on
        self.doc = doc
        self.speakers = sorted({span for span in speakers if 0 <= span.start < span.end <= len(self.text)})
        self.actors = Roster()
        self.found: dict[Span, Found] = {}
        self.order: list[Span] = []
        self.starts = columns.starts(doc)
        self.story = Story([start for start, _ in columns.sentence_bounds(doc)] or [0], self.text)
        self.setting = Setting(self.text, self.title, ())

    def token(self, at: int) -> Token | None:
        """Return the token at a character, or the last one before it."""
        index = bisect.bisect_right(self.starts, at) - 1
        return self.doc[index] if index >= 0 else None

    def add(self, span: Span, kind: str, label: str, actor_id: str | None) -> None:
        """Note a mention; one of the same span is replaced."""
        if span not in self.found:
            bisect.insort(self.order, span)
        self.found[span] = (kind, label, actor_id)

    def inside(self, span: Span) -> list[tuple[Span, Found]]:
        """Return the mentions inside a stretch of text, in order."""
        first = bisect.bisect_left(self.order, (span.start, 0))
        last = bisect.bisect_left(self.order, (span.end, 0))
        return [(s, self.found[s]) for s in self.order[first:last] if s.end <= span.end]

    def mentions(self) -> list[Mention]:
        """Return the mentions, sorted by span."""
        return [Mention(span, kind, label, actor) for span, (kind, label, actor) in sorted(self.found.items())]

    def local_actors(self) -> list[LocalActor]:
        """Return the actors that have a mention, sorted by actor_id."""
        used = {actor for _, _, actor in self.found.values() if actor is not None}
        return [
            LocalActor(a.actor_id, a.name, a.actor_type, a.country, a.role or a.rank, tuple(sorted(a.aliases)),
                       a.wikidata_id, a.named, a.placed or a.is_known, a.is_known)
            for key, a in sorted(self.actors.items())
            if key in used
        ]


def country_of_name(words: str) -> str | None:
    """Return the state that a body's own name tells, None if none or several: "Export Bank of Korea"."""
    found = {hit.known.country for hit in gazetteer.find(words)
             if hit.known.actor_type == "state" and hit.form in ("name", "adjective")}
    return found.pop() if len(found) == 1 else None
