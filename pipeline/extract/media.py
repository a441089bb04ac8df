"""Finding the medium of a statement: the outlet, event or form that the sentence of the cue names.

Who speaks and what is said are for `speakers` and `contents`.
Which outlet a name means is for `pipeline.resolve.actors`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

from spacy.tokens import Token

from pipeline.extract.passage import Passage
from pipeline.extract.records import Span
from pipeline.reference import rows

_PREPOSITIONS = {"in", "on", "at", "to", "during", "with", "by", "via", "through", "before", "for", "from"}
_LINKS = ("prep", "dative", "agent", "prt")
_REACH = 40
_PIECES = ("interview", "piece", "article", "column", "essay", "op-ed", "commentary")
_FORMAL = ("address", "letter", "reply", "filing", "message", "speech")
_ANONYMOUS = ("reporters", "journalists", "lawmakers", "mps", "deputies", "soldiers", "us", "him", "her", "them", "me")


@cache
def _words(kind: str) -> frozenset[str]:
    return frozenset(row["word"] for row in rows("media_words") if row["kind"] == kind)


def find_medium(passage: Passage, verb: Token, contents: Sequence[Span], source: Token | None = None) -> Span | None:
    """Return the words for where something was said: "an interview with the Financial Times" → "Financial Times".

    `source` is the noun of "according to": a report is its own medium.
    """
    if source is not None:
        return _span(passage, source) if source.lemma_.lower() in _words("form") else None
    speaker = next((c for c in verb.children if c.dep_ == "nsubj"), None)
    if speaker is not None and speaker.lemma_.lower() in _words("form"):
        return _span(passage, speaker)
    sentence = passage.sentence(verb.idx)
    told = _addressee(verb)
    if told is not None and sentence.start <= told.idx and not _inside(told, contents):
        return _span(passage, told)
    for preposition in _around(passage, verb, sentence):
        if preposition.lower_ not in _PREPOSITIONS or (
            _inside(preposition, contents) and not _last(preposition, contents)
        ):
            continue
        for thing in preposition.children:
            if thing.dep_ not in ("pobj", "dobj"):
                continue
            found = _named(passage, verb, preposition, thing)
            if found is not None:
                return found
    return None


def _inside(token: Token, contents: Sequence[Span]) -> bool:
    return any(span.start <= token.idx < span.end for span in contents)


def _last(preposition: Token, contents: Sequence[Span]) -> bool:
    """Tell the last phrase of a content, which may belong to the cue: "announced an operation in an address"."""
    end = preposition.right_edge.idx + len(preposition.right_edge)
    finite = any(t.tag_ in ("VBD", "VBZ") for t in preposition.doc[preposition.i : preposition.right_edge.i + 1])
    return len(contents) == 1 and end >= contents[0].end - 1 and not finite


def _around(passage: Passage, verb: Token, sentence: Span) -> list[Token]:
    """Return the prepositions of the cue's sentence, those of the cue itself first."""
    tokens = [
        t for t in passage.doc[max(0, verb.i - _REACH) : verb.i + _REACH] if sentence.start <= t.idx < sentence.end
    ]
    found = [t for t in tokens if t.dep_ in _LINKS and t.lower_ in _PREPOSITIONS]
    return sorted(found, key=lambda t: (t.head != verb, abs(t.i - verb.i)))


def _addressee(verb: Token) -> Token | None:
    """Return the outlet, house or event that is told: "told CNN", "told a news conference", "assured parliament"."""
    for child in verb.rights:
        if child.dep_ in ("dobj", "dative", "obj", "nsubj") and child.i - verb.i < 6:
            return child if _hears(child) else None
        if child.dep_ == "ccomp" and verb.lemma_ == "tell":
            first = next((t for t in child.lefts if t.dep_ in ("nsubj", "dep", "npadvmod")), None)
            return first if first is not None and first.i - verb.i < 4 and first.ent_type_ == "ORG" else None
    return None


def _hears(thing: Token) -> bool:
    if not _has_listener(thing.head) or thing.lower_ in _ANONYMOUS:
        return False
    if thing.lemma_.lower() in _words("event") | _words("house") or thing.lower_ in _words("house"):
        return True
    return thing.pos_ == "PROPN" and (thing.ent_type_ in ("ORG", "EVENT", "WORK_OF_ART") or _is_outlet(thing))


def _has_listener(verb: Token) -> bool:
    """Tell a verb whose object is the listener."""
    return verb.lemma_.lower() in ("tell", "assure", "inform", "remind", "warn", "address", "brief")


def _is_outlet(thing: Token) -> bool:
    parts = (thing, *(child for child in thing.children if child.dep_ == "compound"))
    return any(token.text in _words("outlet") for token in parts)


def _named(passage: Passage, verb: Token, preposition: Token, thing: Token) -> Span | None:
    lemma = thing.lemma_.lower()
    if lemma in _PIECES:
        outlet = _outlet(thing)
        if outlet is not None:
            return _span(passage, outlet)
        return None if lemma == "interview" else _span(passage, thing)
    if thing.text in _words("network"):
        return _span(passage, thing)
    verbal = preposition.head in (verb, verb.head) or preposition.head.pos_ in ("VERB", "AUX")
    if not verbal and preposition.i < verb.i:
        return None
    if lemma in _words("form") | _words("event") or thing.lower_ in _words("event"):
        return _span(passage, thing)
    if preposition.head == verb and thing.lower_ in _words("house") and preposition.lower_ in ("in", "to", "before"):
        return _span(passage, thing)
    towards = preposition.head == verb and preposition.lower_ in ("to", "by", "on")
    if towards and thing.pos_ == "PROPN" and _is_outlet(thing):
        return _span(passage, thing)
    return None


def _outlet(piece: Token) -> Token | None:
    for child in piece.children:
        if child.dep_ in ("prep", "dative") and child.lower_ in ("with", "to", "on", "for", "in"):
            for thing in child.children:
                if thing.dep_ == "pobj" and (thing.pos_ == "PROPN" or thing.lower_ in ("paper", "newspaper")):
                    return thing
    return None


def _span(passage: Passage, head: Token) -> Span | None:
    """Return the words for a medium: no article, no place, but whom a letter is to."""
    lefts = [c for c in head.lefts if c.dep_ in ("compound", "amod", "nmod", "nummod") or c.lower_ == "this"]
    first = min((c.left_edge for c in lefts), key=lambda t: t.i, default=head)
    last = head
    if head.lower_ in _FORMAL:
        to = next((c for c in head.rights if c.dep_ in ("prep", "dative") and c.lower_ in ("to", "with")), None)
        if to is not None and to.i == head.i + 1:
            last = to.right_edge
    elif head.pos_ == "PROPN":
        of = next((c for c in head.rights if c.dep_ == "prep" and c.lower_ == "of" and c.i == head.i + 1), None)
        last = of.right_edge if of is not None else head
        number = head.nbor(1) if head.i + 1 < len(head.doc) else head
        if number.like_num and number.ent_iob_ == "I":
            last = number
    start = first.idx
    match = re.match(r"(?:the|a|an|The|A|An|same) ", passage.text[start:])
    return passage.trim(start + (match.end() if match else 0), last.idx + len(last))
