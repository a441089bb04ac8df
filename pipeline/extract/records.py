"""The records that extraction yields: plain, immutable, with character offsets into the text they came from.

Here stand only the shapes that the steps of extraction and resolution hand to each other. How they are found is in
`mentions`, `attributions` and `figures`; how they become rows of a table is in `pipeline.resolve`.
All offsets are characters into the document's text, end exclusive.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from operator import attrgetter
from typing import NamedTuple


class ModelNotInstalled(RuntimeError):
    """The spaCy model that the settings name cannot be loaded; the message says how to get it."""


class Span(NamedTuple):
    """A stretch of text: characters `start` up to, and without, `end`."""

    start: int
    end: int

    def of(self, text: str) -> str:
        """Return the words that the span covers."""
        return text[self.start : self.end]

    def trimmed(self, text: str) -> Span:
        """Return the span without the blanks around its words."""
        raw = self.of(text)
        start = self.start + len(raw) - len(raw.lstrip())
        return Span(start, start + len(raw.strip()))


@dataclass(frozen=True, slots=True)
class Document:
    """What extraction needs to know of a document."""

    doc_id: str
    text: str
    source: str | None = None
    title: str | None = None
    published_on: date | None = None


@dataclass(frozen=True, slots=True)
class Mention:
    """One place where the text names an actor."""

    span: Span
    mention_type: str  # name, nominal, pronoun
    entity_label: str  # spaCy's label (PERSON, GPE, ...) or the gazetteer's
    actor_id: str | None = None  # a LocalActor of the same document, None where it refers to no known actor


@dataclass(frozen=True, slots=True)
class LocalActor:
    """An actor as one document knows it; `actor_id` is the same in every document and on every machine."""

    actor_id: str
    name: str
    actor_type: str  # person, state, bloc, government_body, armed_force, company, media, party, organisation, group
    country: str | None = None  # ISO 3166-1 alpha-3
    role: str | None = None
    aliases: tuple[str, ...] = ()
    wikidata_id: str | None = None
    named: bool = True  # False for a mere description: "a senior official"
    placed: bool = False  # whether the words at the name give the country, and not the context
    listed: bool = False  # whether the reference tables know it


@dataclass(frozen=True, slots=True)
class Attribution:
    """Who said what: a speaker, a cue and the content, in pieces where the cue splits it."""

    content: tuple[Span, ...]
    cue: Span | None
    speaker: Span | None
    kind: str  # direct, indirect, mixed
    cue_lemma: str | None
    cue_class: str  # say, deny, accuse, promise, warn, demand, ..., think, plan
    medium: Span | None = None
    confidence: float = 0.5
    negated: bool = False
    modality: str = "actual"  # actual, future, hypothetical

    @property
    def order(self) -> tuple[int, int, int, int]:
        """The key by which attributions stand in the order of the text, outer before inner ones."""
        cue = self.cue or self.content[0]
        speaker = self.speaker or cue
        return (self.content[0].start, -self.content[-1].end, cue.start, speaker.start)


BY_ORDER = attrgetter("order")


@dataclass(frozen=True, slots=True)
class Figure:
    """A quantity: money in full units, a percentage or a count, with its bounds (None where it is open)."""

    span: Span
    kind: str  # money, percent, count
    low: float | None
    high: float | None
    qualifier: str | None
    unit: str  # ISO 4217, "percent", or the words for the thing counted
    sentence: Span


@dataclass(frozen=True, slots=True)
class Spending:
    """A figure that is defence money, with who pays whom for what."""

    figure: Figure
    amount: Span  # the figure; for a share of GDP with "of GDP"
    measure: str  # amount, share_of_gdp
    spender_id: str | None
    spender: str | None
    recipient_id: str | None
    recipient: str | None
    flow: str  # budget, procurement, aid, investment, loan
    status: str  # proposed, planned, approved, signed, spent
    item: str | None
    period: str | None  # YYYY or YYYY-YYYY
    confidence: float = 0.5
