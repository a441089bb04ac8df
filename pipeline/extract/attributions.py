"""Finding who said what: cues by the lexicon, contents by the parse and the quotation marks, speakers by the grammar.

Which actor a speaker is belongs to `pipeline.resolve.actors`. The rules work a sentence at a time and join what goes on
across sentences: a quotation after its cue, a turn of a transcript.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from spacy.tokens import Doc, Token

from pipeline.extract.cues import Cue, cues
from pipeline.extract.media import find_medium
from pipeline.extract.quotes import Quote, find_quotes
from pipeline.extract.records import Attribution, Span

_MARKS = "\"“”„«»‘’'"
_TRIM = " \t\n,.;:–—-"
_TURN = re.compile(
    r"^(?P<speaker>(?:(?:[A-Z][A-Z.'’\-]+|[Tt]he|of|for|de|von|van)\s){0,6}[A-Z][A-Z.'’\-]+(?:\s[A-Z]\.)?)(?:\s\([^)\n]{1,40}\))?(?P<cue>:)\s",
    re.MULTILINE,
)
_QUESTION = re.compile(r"^(?:Q|QUESTION|Question)\b[:.]?\s", re.MULTILINE)
_ACCORDING = re.compile(r"\b(?:according to|in the words of)\s", re.IGNORECASE)
_EMPTY_SUBJECTS = {"that", "this", "which", "what", "there"}
_SPOKEN = frozenset(
    {"say", "announce", "claim", "admit", "deny", "warn", "promise", "demand", "criticise", "praise", "propose"}
)
_LEFT_OUT = {"relcl", "acl", "appos", "punct", "cc", "conj"}


@dataclass(frozen=True, slots=True)
class _Said:
    """A cue with its subject, before its contents are known."""

    verb: Token
    cue: Cue
    span: Span
    speaker: Span | None


class _Text:
    """A parsed text with its quotations and the places of its tokens."""

    def __init__(self, doc: Doc) -> None:
        self.doc, self.text = doc, doc.text
        self.quotes = find_quotes(self.text)
        self._starts = [quote.outer.start for quote in self.quotes]

    def quote_at(self, place: int) -> Quote | None:
        """Return the quotation around a character."""
        number = bisect_right(self._starts, place) - 1
        if number >= 0 and place < self.quotes[number].outer.end:
            return self.quotes[number]
        return None

    def trim(self, start: int, end: int) -> Span | None:
        """Take blanks and the marks of a sentence's end off a span; None where no letter is left."""
        while end > start and self.text[end - 1] in _TRIM:
            end -= 1
        while start < end and self.text[start] in _TRIM:
            start += 1
        if not any(character.isalnum() for character in self.text[start:end]):
            return None
        return Span(start, end)


def find_attributions(doc: Doc) -> list[Attribution]:
    """Find the attributions of a parsed text, in its order."""
    text = _Text(doc)
    turns = list(_turns(text))
    inside = [span for turn in turns for span in turn.content]
    said = [found for found in _cues(text) if not any(s.start <= found.span.start < s.end for s in inside)]
    clauses = [_clause(text, found) for found in said]
    taken = _assign(text, said, clauses)
    attributions = [*turns]
    for number, (found, clause) in enumerate(zip(said, clauses, strict=True)):
        if _is_part_of_another(found, said, clauses):
            continue
        quotes = [quote for quote, owner in taken.items() if owner == number]
        attribution = _attribution(text, found, clause, quotes)
        if attribution is not None:
            attributions.append(attribution)
    attributions += _according(text, [s for a in attributions for s in a.content])
    unique = {(a.content, a.speaker): a for a in sorted(attributions, key=_order)}
    return list(unique.values())


def _order(attribution: Attribution) -> tuple[int, int, int]:
    cue = attribution.cue or attribution.content[0]
    return (attribution.content[0].start, -attribution.content[-1].end, cue.start)


# Cues and speakers


def _cues(text: _Text) -> Iterator[_Said]:
    lexicon = cues()
    for token in text.doc:
        if token.pos_ not in ("VERB", "AUX") or token.lemma_.lower() not in lexicon or text.quote_at(token.idx):
            continue
        cue = lexicon[token.lemma_.lower()]
        if token.dep_ == "amod" or (
            token.tag_ == "VB" and any(child.dep_ == "aux" and child.lower_ == "to" for child in token.children)
        ):
            continue
        denied = any(child.dep_ == "neg" for child in token.children)
        if denied and not (token.lemma_ == "rule" and _particle(token) is not None):
            continue
        if token.lemma_ == "rule" and _particle(token) is None:
            continue
        speaker = _speaker(text, token)
        yield _Said(token, cue, _cue_span(token, denied), speaker)


def _particle(token: Token) -> Token | None:
    return next((child for child in token.children if child.dep_ == "prt" and child.i == token.i + 1), None)


def _cue_span(token: Token, denied: bool) -> Span:
    particle = _particle(token)
    last = particle or token
    first = token
    if denied:
        first = min((child for child in token.children if child.dep_ in ("aux", "neg")), key=lambda child: child.i)
    return Span(first.idx, last.idx + len(last))


def _subject(verb: Token) -> Token | None:
    for child in verb.children:
        if child.dep_ == "nsubj":
            return child
    return None


def _speaker(text: _Text, verb: Token) -> Span | None:
    """Return the words for the speaker: the verb's subject, or that of the verb it depends on."""
    agent = next((child for child in verb.children if child.dep_ == "agent"), None)
    passive = any(child.dep_ in ("nsubjpass", "auxpass") for child in verb.children)
    if agent is not None:
        return next((_phrase(text, child) for child in agent.children if child.dep_ == "pobj"), None)
    if passive:
        quoted = next((child for child in verb.children if child.dep_ == "nsubjpass"), None)
        return _phrase(text, quoted) if quoted is not None and verb.lemma_ == "quote" else None
    token = verb
    for _ in range(6):
        subject = _subject(token)
        if subject is not None:
            if subject.lower_ in ("who", "that", "which") and token.dep_ == "relcl":
                return _phrase(text, token.head)
            return None if subject.lower_ in _EMPTY_SUBJECTS else _phrase(text, subject)
        if token.dep_ in ("conj", "advcl", "xcomp", "dep", "parataxis") or (
            token.dep_ == "acl" and token.head.pos_ == "VERB"
        ):
            token = token.head
        elif token.dep_ in ("acl", "relcl"):
            return _phrase(text, token.head)
        else:
            return None
    return None


def _phrase(text: _Text, head: Token) -> Span | None:
    """Return the noun phrase of a head without relative clauses and appositions after it."""
    if head.pos_ not in ("NOUN", "PROPN", "PRON", "ADJ", "NUM", "DET"):
        return None
    tokens = [head]
    todo = [
        child
        for child in head.children
        if child.dep_ not in _LEFT_OUT or (child.dep_ in ("cc", "conj") and child.i < head.i)
    ]
    joined = [child for child in head.children if child.dep_ == "conj" and child.pos_ in ("NOUN", "PROPN")]
    if joined and head.pos_ == "NOUN":
        todo += [child for child in head.children if child.dep_ in ("cc", "conj")]
    while todo:
        token = todo.pop()
        tokens.append(token)
        todo += [child for child in token.children if child.dep_ not in ("relcl", "punct")]
    first, last = min(t.i for t in tokens), max(t.i for t in tokens)
    start, end = text.doc[first].idx, text.doc[last].idx + len(text.doc[last])
    if "\n" in text.text[start:end]:
        return Span(head.idx, head.idx + len(head))
    return text.trim(start, end)


# Contents


def _assign(text: _Text, said: Sequence[_Said], clauses: Sequence[Span | None]) -> dict[Quote, int]:
    """Give each quotation that is speech to the cue it belongs to; words quoted inside a clause are part of that."""
    owners: dict[Quote, int] = {}
    starts = [found.span.start for found in said]
    around = sorted(clause for clause in clauses if clause is not None)
    previous: tuple[Quote, int] | None = None
    for quote in text.quotes:
        place = bisect_right(around, quote.inner)
        if any(
            span.start < quote.outer.start and quote.inner.start < span.end
            for span in around[max(0, place - 3) : place]
        ):
            continue
        owner = _owner(text, quote, said, starts)
        if owner is None and previous is not None:
            owner = _carried(text, quote, previous)
        if owner is not None:
            owners[quote] = owner
            previous = (quote, owner)
    return owners


def _owner(text: _Text, quote: Quote, said: Sequence[_Said], starts: Sequence[int]) -> int | None:
    """Return the number of the cue right after or right before a quotation, or None."""
    place = bisect_right(starts, quote.outer.start)
    options = []
    if place < len(said):
        between = text.text[quote.outer.end : said[place].span.start]
        closed = text.text[quote.inner.end - 1] in ",?!.…—" or between[:1] in ",."
        if len(between) < 90 and closed and not re.search(r"[.!?\n“\"„]", between.lstrip(",.")):
            options.append((len(between), place))
    if place > 0:
        between = text.text[said[place - 1].span.end : quote.outer.start]
        if len(between) < 120 and re.fullmatch(r"[^.!?“\"„]*[:,]\s*", between) and between.count("\n") <= 1:
            options.append((len(between), place - 1))
    return min(options)[1] if options else None


def _carried(text: _Text, quote: Quote, previous: tuple[Quote, int]) -> int | None:
    """Return the cue of the quotation before, where this one goes on with it."""
    before, owner = previous
    between = text.text[before.outer.end : quote.outer.start]
    if before.open and between.strip() == "":
        return owner
    sentence = len(quote.inner.of(text.text).split()) >= 4 and text.text[quote.inner.start].isupper()
    after_cue = re.fullmatch(r"[^.!?\n]*[.!?]?\s*", between) is not None and len(between) < 160
    whole = text.text[quote.outer.start - 1 : quote.outer.start].isspace() and between.rstrip()[-1:] in (".", ",", "")
    return owner if sentence and after_cue and whole else None


def _is_part_of_another(found: _Said, said: Sequence[_Said], clauses: Sequence[Span | None]) -> bool:
    """Tell a cue that only goes on with what its own subject is said to say, or that denies inside a content."""
    for other, clause in zip(said, clauses, strict=True):
        if other is found or clause is None or not clause.start <= found.span.start < clause.end:
            continue
        if found.verb.lemma_ == "rule" or (found.speaker is not None and found.speaker == other.speaker):
            return True
    return False


def _attribution(text: _Text, found: _Said, clause: Span | None, quotes: Sequence[Quote]) -> Attribution | None:
    contents: list[Span] = []
    if clause is not None:
        contents = _without_marks(text, clause)
    for quote in quotes:
        inner = text.trim(*quote.inner)
        if inner is not None and not any(s.start <= inner.start < s.end for s in contents):
            contents = [s for s in contents if not (inner.start <= s.start and s.end <= inner.end)]
            contents.append(inner)
    if not contents:
        return None
    contents.sort()
    kind = _kind(text, contents)
    if found.speaker is None and kind == "indirect":
        return None
    if found.speaker is not None and any(s.start <= found.speaker.start < s.end for s in contents):
        return None
    confidence = (
        0.5 + 0.2 * (kind == "direct") + 0.2 * (found.speaker is not None) + 0.05 * (found.cue.cue_class in _SPOKEN)
    )
    return Attribution(
        content=tuple(contents),
        cue=found.span,
        speaker=found.speaker,
        kind=kind,
        cue_lemma=found.verb.lemma_.lower(),
        cue_class=found.cue.cue_class,
        medium=find_medium(found.verb),
        confidence=round(confidence, 2),
    )


def _clause(text: _Text, found: _Said) -> Span | None:
    """Return the words that the grammar makes the content of a cue: a clause, an infinitive or a noun phrase."""
    verb, cue = found.verb, found.cue
    children = list(verb.children)
    if cue.clause:
        for child in children:
            if child.dep_ == "ccomp" or (child.dep_ == "parataxis" and child.i < verb.i):
                return _subtree(text, child, found)
        if verb.dep_ == "parataxis" or (
            verb.dep_ in ("ccomp", "dep") and verb.head.i < verb.i and verb.head.pos_ in ("VERB", "AUX")
        ):
            before = verb.sent.start_char
            end = min(found.speaker.start if found.speaker else verb.idx, verb.idx)
            if text.text[:end].rstrip().endswith(","):
                return text.trim(before, end)
    if cue.infinitive:
        for child in children:
            if child.dep_ in ("xcomp", "ccomp") and any(c.lower_ == "to" for c in child.children):
                addressee = next((c for c in children if c.dep_ == "dobj"), None)
                first = addressee.left_edge if addressee is not None and cue.cue_class == "demand" else child.left_edge
                return _between(text, first, child.right_edge, found)
    for child in children:
        if child.dep_ == "prep" and child.lower_ in cue.prepositions and child.i > verb.i:
            inner = list(child.children)
            if inner:
                return _between(text, inner[0].left_edge, child.right_edge, found)
    if cue.phrase:
        for child in children:
            if child.dep_ in ("dobj", "obj") and child.i > verb.i and child.pos_ not in ("PRON",):
                last = max(
                    (
                        c.right_edge
                        for c in children
                        if c.i > child.i and c.dep_ in ("prep", "oprd", "acl", "advcl", "xcomp")
                    ),
                    key=lambda t: t.i,
                    default=child.right_edge,
                )
                return _between(text, child.left_edge, last, found)
    return None


def _subtree(text: _Text, head: Token, found: _Said) -> Span | None:
    first = head.left_edge
    if first.lower_ == "that" and first.dep_ == "mark":
        first = text.doc[first.i + 1]
    return _between(text, first, head.right_edge, found)


def _between(text: _Text, first: Token, last: Token, found: _Said) -> Span | None:
    """Return the span from one token to another, cut off where the cue or its speaker stands in it."""
    start, end = first.idx, last.idx + len(last)
    for other in (found.span, found.speaker):
        if other is not None and start < other.end and other.start < end:
            if other.start - start >= end - other.end:
                end = other.start
            else:
                start = other.end
    quote = text.quote_at(end - 1)
    if quote is not None and quote.outer.start >= start:
        end = quote.outer.end
    line = text.text.find("\n", start, end)
    span = text.trim(start, end if line < 0 else line)
    return span if span is None or len(span.of(text.text).split()) >= 2 else None


def _without_marks(text: _Text, span: Span) -> list[Span]:
    """Return the inside of a quotation where the span is one from end to end, else the span."""
    quote = text.quote_at(span.start)
    if quote is not None and quote.outer.start >= span.start - 1 and span.end <= quote.outer.end + 1:
        inner = text.trim(*quote.inner)
        return [inner] if inner is not None else []
    return [span]


def _kind(text: _Text, contents: Sequence[Span]) -> str:
    quoted = [text.quote_at(span.start) for span in contents]
    if all(
        q is not None and q.inner.start <= s.start and s.end <= q.inner.end + 1
        for q, s in zip(quoted, contents, strict=True)
    ):
        return "direct"
    if any(mark in span.of(text.text) for span in contents for mark in '"“”„«»') or any(quoted):
        return "mixed"
    return "indirect"


# What stands outside the grammar of verbs


def _turns(text: _Text) -> Iterator[Attribution]:
    """Yield one attribution for each turn of a transcript: one content a paragraph, the cue a colon."""
    turns = list(_TURN.finditer(text.text))
    if len(turns) < 2:
        return
    stops = sorted([match.start() for match in turns] + [match.start() for match in _QUESTION.finditer(text.text)])
    for match in turns:
        if match["speaker"] in ("Q", "QUESTION"):
            continue
        number = bisect_right(stops, match.start())
        end = stops[number] if number < len(stops) else len(text.text)
        contents = [
            span for line in re.finditer(r"[^\n]+", text.text[match.end() : end])
            if (span := text.trim(match.end() + line.start(), match.end() + line.end())) is not None
        ]  # fmt: skip
        if contents:
            yield Attribution(
                content=tuple(contents),
                cue=Span(*match.span("cue")),
                speaker=Span(*match.span("speaker")),
                kind=_kind(text, contents),
                cue_lemma=":",
                cue_class="say",
                confidence=0.9,
            )


def _according(text: _Text, taken: Sequence[Span]) -> Iterator[Attribution]:
    """Yield "according to X": the rest of the sentence is the content."""
    for match in _ACCORDING.finditer(text.text):
        if text.quote_at(match.start()) is not None:
            continue
        token = text.doc.char_span(match.start(), match.end() - 1, alignment_mode="expand")
        if token is None:
            continue
        source = next((child for child in token[-1].children if child.dep_ == "pobj"), None)
        speaker = _phrase(text, source) if source is not None else None
        if speaker is None:
            continue
        sentence = token.sent
        before = text.trim(sentence.start_char, match.start())
        after = text.trim(speaker.end, sentence.end_char)
        pieces = [span for span in (before, after) if span is not None and len(span.of(text.text).split()) >= 3]
        if not pieces:
            continue
        cue = Span(match.start(), match.end() - 1)
        attribution = Attribution(tuple(pieces), cue, speaker, _kind(text, pieces), "accord", "say", None, 0.85)
        if any(span == pieces[0] for span in taken):
            attribution = replace(attribution, confidence=0.6)
        yield attribution
