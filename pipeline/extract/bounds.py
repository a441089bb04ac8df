"""Where a content ends: cuts at the words with which the narrator, or another cue, takes over from the speaker.

Where contents begin is for `contents`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from spacy.tokens import Token

from pipeline.extract.cues import Cue, lemmas, summing_nouns
from pipeline.extract.passage import Passage
from pipeline.extract.records import Span

STOPS = {",", ";", ":", ".", "?", "!", "—", "–", "-", "(", ")"}
_TIME = re.compile(
    r"(?:,? (?:(?:late|early) )?(?:on|in|at|last|this|next|within|earlier) (?:the |last |this )?"
    r"(?:(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|January|February|March|April|May|June|July|August|September|October|"
    r"November|December|week|month|year|hour|\d{1,2} [A-Z][a-z]+)\b[^,]{0,12}| yesterday| today)$"
)


@dataclass(frozen=True, slots=True)
class Said:
    """A cue with its speaker, before its contents are known."""

    verb: Token
    cue: Cue
    span: Span
    speaker: Span | None

    @property
    def last(self) -> int:
        """The number of the cue's last token."""
        return self.verb.i + (self.span.end > self.verb.idx + len(self.verb))

    @property
    def describes(self) -> bool:
        """Whether it tells who somebody is: “We pay,” Anna Lind, who advises the minister, said."""
        who = any(child.dep_ == "nsubj" and child.lower_ in ("who", "that", "which") for child in self.verb.lefts)
        return who and self.verb.dep_ == "relcl"


def cut(passage: Passage, said: Said, tokens: Sequence[Token]) -> Span | None:
    """Return the span of tokens up to where the outer sentence takes over."""
    if not tokens:
        return None
    start, end = tokens[0].idx, tokens[-1].idx + len(tokens[-1])
    for number, token in enumerate(tokens[1:], 1):
        before = tokens[number - 1]
        if _ends_content(passage, said, before, token) and not _inside_quote(passage, start, token.idx):
            end = before.idx if before.text in STOPS or before.pos_ == "CCONJ" else token.idx
            break
    return tidy(passage, said, start, end)


def _inside_quote(passage: Passage, start: int, place: int) -> bool:
    quote = passage.quote_at(place)
    return quote is not None and quote.outer.start >= start - 1


def _ends_content(passage: Passage, said: Said, before: Token, token: Token) -> bool:
    """Tell the token with which the narrator, or another cue of the same speaker, takes over."""
    if token.text == ";" or token.idx == said.span.start:
        return True
    if before.text in (",", "–", "—"):
        following = token.nbor(1) if token.i + 1 < len(token.doc) else token
        if token.tag_ == "VBG" and token.lemma_.lower() in lemmas():
            return True
        if (
            token.lower_ in ("before", "while", "after")
            and following.tag_ == "VBG"
            and following.lemma_.lower() in lemmas()
        ):
            return True
        if token.lower_ == "without" and following.tag_ == "VBG":
            return True
        if token.lower_ == "according" and following.lower_ == "to":
            return True
        if token.lower_ in ("a", "an", "the") and following.lemma_.lower() in summing_nouns():
            return True
    if before.pos_ == "CCONJ":
        verb = next((t for t in passage.doc[token.i : token.i + 3] if t.pos_ == "VERB"), None)
        return verb is not None and is_outer(said, verb)
    return False


def is_outer(said: Said, verb: Token) -> bool:
    """Tell a second cue of the same speaker from a verb of the content: "said that A lay with B, and described C".

    The parse hangs both on the content; a cue without a subject, in the tense of the first, belongs to the speaker
    where a comma parts it from the content, the tenses differ, or the content's own subject is a thing.
    """
    if verb.lemma_.lower() not in lemmas() or verb.dep_ != "conj" or any(c.dep_ == "nsubj" for c in verb.children):
        return False
    if verb.head.i == said.verb.i:
        return True
    finite = "VBD" if said.verb.tag_ in ("VBD", "VBN") else said.verb.tag_
    tag = "VBD" if verb.tag_ == "VBN" else verb.tag_
    if tag != finite:
        return False
    joint = next((token for token in reversed(verb.doc[verb.head.i : verb.i]) if token.pos_ == "CCONJ"), None)
    before = list(verb.doc[verb.head.i : joint.i]) if joint is not None else []
    if next((token.text for token in reversed(before) if not token.is_quote), "") == ",":
        return True
    if verb.tag_ == "VBD" and verb.head.tag_ == "VBN" and any(child.dep_ == "aux" for child in verb.head.lefts):
        return True
    if verb.head.tag_ not in ("VBD", "VBN") if finite == "VBD" else verb.head.tag_ != finite:
        return True
    subject = next((child for child in verb.head.children if child.dep_ in ("nsubj", "nsubjpass", "expl")), None)
    return subject is not None and (subject.dep_ == "expl" or (subject.pos_ == "NOUN" and subject.ent_iob_ == "O"))


def tidy(passage: Passage, said: Said, start: int, end: int) -> Span | None:
    """Return the trimmed span: without cue and speaker at its edges, with the whole of a quotation that it enters."""
    for other in (said.span, said.speaker):
        if other is not None and start < other.end and other.start < end:
            if other.start - start >= end - other.end:
                end = other.start
            else:
                start = other.end
    quote = passage.quote_at(end - 1) if end > start else None
    if quote is not None and quote.outer.start >= start:
        end = quote.outer.end
    line = passage.text.find("\n", start, end)
    return passage.trim(start, end if line < 0 else line) if end > start else None


def run(passage: Passage, first: Token, last: Token) -> list[Token]:
    """Return the tokens from the first to the last, as far as their sentence goes."""
    if first.i == 0:
        return list(passage.doc[: last.i + 1])
    return passage.ahead(passage.doc[first.i - 1], last.i)


def cut_relative(passage: Passage, span: Span | None) -> Span | None:
    """Leave out the aside at the end of a phrase: ", which costs 3 billion", ", in the roughest clash so far"."""
    if span is None:
        return None
    match = re.search(r", (?:which|who|whose|where|in (?:the|a|an)|saying|adding) ", span.of(passage.text))
    if match is None or passage.quote_at(span.start + match.start()) is not None:
        return span
    return passage.trim(span.start, span.start + match.start())


def cut_time(passage: Passage, span: Span | None) -> Span | None:
    """Leave out the time of speaking at the end of a phrase: "the attack on Monday"."""
    if span is None:
        return None
    match = _TIME.search(span.of(passage.text))
    return span if match is None or match.start() == 0 else passage.trim(span.start, span.start + match.start())
