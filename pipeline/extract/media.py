"""Finding the medium of a statement: the outlet, event or form that the sentence of the cue names."""

from __future__ import annotations

from spacy.tokens import Token

from pipeline.extract.records import Span
from pipeline.reference import rows

_PREPOSITIONS = {"in", "on", "at", "to", "during", "with", "by", "via", "through"}


def _events() -> frozenset[str]:
    return frozenset(row["word"] for row in rows("media_words"))


def find_medium(verb: Token) -> Span | None:
    """Return the words for where something was said: "an interview with the Financial Times" → "Financial Times"."""
    events = _events()
    for preposition in verb.subtree:
        if preposition.dep_ not in ("prep", "dative") or preposition.lower_ not in _PREPOSITIONS:
            continue
        if verb not in (preposition.head, preposition.head.head):
            continue
        for thing in preposition.children:
            if thing.dep_ not in ("pobj", "dobj"):
                continue
            if thing.lower_ == "interview":
                outlet = _outlet(thing)
                if outlet is not None:
                    return _span(outlet)
            elif thing.lower_ in events or thing.text in events:
                return _span(thing, whole=True)
    return None


def _outlet(interview: Token) -> Token | None:
    for child in interview.children:
        if child.dep_ == "prep" and child.lower_ in ("with", "to", "on", "for"):
            for thing in child.children:
                if thing.dep_ == "pobj" and thing.pos_ == "PROPN":
                    return thing
    return None


def _span(head: Token, whole: bool = False) -> Span:
    tokens = [child for child in head.children if child.dep_ in ("compound", "amod", "nmod") and child.i < head.i] + [
        head
    ]
    if whole and head.lower_ in ("address", "letter", "conference", "statement"):
        tokens += [t for c in head.children if c.dep_ == "prep" and c.lower_ == "to" for t in c.subtree]
    first, last = min(tokens, key=lambda t: t.i), max(tokens, key=lambda t: t.i)
    return Span(first.idx, last.idx + len(last))
