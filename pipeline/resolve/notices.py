"""Notices of contracts, as ministries of defence publish them: who awards, to whom, and what for.

They follow a template, "X, of Y, is awarded $Z for …. W is the contracting activity", which is taken at its word.
"""

from __future__ import annotations

import re

from pipeline.extract.records import LocalActor
from pipeline.resolve.cast import Cast, Party, verbs
from pipeline.resolve.cues import REACH, Site, Words

_OFFICE = re.compile(
    r"^\W*(?:The\s+)?([A-Z][^,(]{2,80}?)\s*[,(].{0,120}?\b(?:is|are)\s+the\s+contracting\s+activit"
    r"|contracting\s+activity\s+is\s+(?:the\s+)?([A-Z][^,(]{2,80})",
    re.DOTALL,
)


def contracting_office(cast: Cast, site: Site) -> LocalActor | None:
    """Return the office that the notice around a figure names, read once."""
    if site.start not in cast.offices:
        cast.offices[site.start] = _read_office(cast, site)
    return cast.offices[site.start]


def _read_office(cast: Cast, site: Site) -> LocalActor | None:
    """Return the office that a contract notice names: "Army Contracting Command, ..., is the contracting activity"."""
    words = cast.words
    last = words.paragraph(site.start)[1]
    last = min(last, site.start + 4 * REACH)
    for i in range(site.start, last - 1):
        if words.lower[i] == "contracting" and words.lower[i + 1] in ("activity", "activities"):
            start, end = words.sentence(i)
            line = words.text[words.starts[start] : words.starts[min(end, last) - 1]]
            match = _OFFICE.search(line)
            if match is None:
                return None
            name = (match[1] or match[2]).strip()
            at = words.starts[start] + line.index(name)
            first, after = words.tokens(at, at + len(name))
            known = [c for c in cast.within(first, first + 1) if c.form != "adjective" and c.end + 1 >= after]
            return known[0].actor if known else LocalActor("", name, "government_body")
    return None


_NAME = re.compile(r"[A-Z0-9][^,;(*]{2,80}(?:, (?:Inc|LLC|Ltd|Co|Corp)\.?)?")


def awardee(cast: Cast, site: Site) -> Party | None:
    """Return who "is awarded" the contract, in the words of the text up to the first comma."""
    for token in site.path:
        if token.lemma_.lower() in verbs("award"):
            subject = next((c for c in token.children if c.dep_ == "nsubjpass"), None)
            if subject is None or subject.left_edge.i > site.start:
                return None
            start = subject.left_edge.idx
            match = _NAME.match(cast.words.text, start, site.figure.span.start)
            return Party(match[0].strip()) if match else None
    return None


_ENDS = frozenset((".", ";", "("))


def goods(words: Words, site: Site, contract_words: frozenset[str]) -> tuple[int, int] | None:
    """Return the tokens of what a notice is for: from the first "for" that leads to no contract, to the clause's end.

    "$5 million for delivery order 0002 against a contract for repairs to buildings 5 and 6" is for the repairs.
    """
    last = site.sentence[1]
    places = [i for i in range(site.end, last) if words.lower[i] == "for"]
    for number, place in enumerate(places):
        following = places[number + 1] if number + 1 < len(places) else last
        lead = words.lemma[place + 1 : min(following, place + _LEAD)]
        if not contract_words.isdisjoint(lead):
            continue
        end = place + 1
        while end < last and words.lower[end] not in _ENDS and not _turns(words, end):
            end += 1
        first = place + 2 if words.lower[place + 1 : place + 2] in (["the"], ["a"], ["an"]) else place + 1
        return (first, end) if end > first else None
    return None


_LEAD = 8
"""Words after "for" among which a contract is looked for."""


def _turns(words: Words, i: int) -> bool:
    """Return whether a notice goes on to its date of completion, or to its programme."""
    return words.lower[i] == "," and words.lower[i + 1 : i + 2] in (["with"], ["which"], ["and"])
