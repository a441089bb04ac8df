"""Finding who said what: cues by the lexicon, and what goes on across sentences, put together to attributions.

The words for the speaker are found in `speakers`, contents in `contents`, turns of transcripts in `turns`,
quotations in `quotes`. Which actor a speaker is belongs to `pipeline.resolve.actors`.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence

from spacy.attrs import LEMMA
from spacy.tokens import Token

from pipeline.extract import columns
from pipeline.extract.bounds import Said, is_outer
from pipeline.extract.contents import contents_of
from pipeline.extract.cues import Cue, cues, is_negated, lemmas, modality
from pipeline.extract.media import find_medium
from pipeline.extract.passage import Passage
from pipeline.extract.quotes import Quote
from pipeline.extract.records import BY_ORDER, Attribution, Span
from pipeline.extract.speakers import phrase, speakers_of
from pipeline.extract.turns import find_headings, find_signed, find_turns

_ACCORDING = re.compile(r"\b(?:according to|in the words of)\s", re.IGNORECASE)
_MODALS = {"would", "could", "may", "might", "should", "must", "can", "will", "'ll", "’ll"}
_NEGATIONS = {"not", "n't", "n’t", "never"}
_DENIABLE = {("rule", "out"), ("exclude", "")}
_ABBREVIATED = re.compile(r"\b(?:[A-Z]|Mr|Mrs|Ms|Dr|Gen|Lt|Col|Maj|Adm|Capt|Sgt|Sen|Rep|Gov|Jr|Sr|St|Prof|Rev)\.")
_LINKED = re.compile(r"\s(?:(?:that|of|as|by|it|with|saying)\s)*")
_BEFORE_QUOTE = re.compile(r"[^.!?“\"„;]*(?:[:,]|\b(?:that|of|as|by saying))?\s*")
_CLOSING = frozenset({'"', "”", "’", "'", "''", "»"})
_AFTER_QUOTE = re.compile(r"[^.!?\n“\"„;]*")


def find_attributions(passage: Passage) -> list[Attribution]:
    """Find the attributions of a parsed text, in its order; all spans are characters of the text."""
    turns, transcript = find_turns(passage)
    found = [_turn(passage, *turn) for turn in turns]
    found += [_turn(passage, *heading) for heading in _headings(passage, transcript)]
    found += [_turn(passage, *signed) for signed in find_signed(passage)]
    colons = [span for attribution in found for span in attribution.content]
    said, speakers = _cues(passage, transcript)
    contents = [contents_of(passage, one) for one in said]
    quotes = _assign(passage, said, contents, transcript)
    for number, one in enumerate(said):
        if _repeats(number, said, contents) or _holds(colons, one.span.start):
            continue
        found += _attributions(passage, one, speakers[number], contents[number], quotes.get(number, []))
    found += _according(passage, transcript)
    unique = {(a.content, a.speaker): a for a in sorted(found, key=BY_ORDER, reverse=True)}
    return sorted(unique.values(), key=BY_ORDER)


def _holds(spans: Sequence[Span], place: int) -> bool:
    number = bisect_right(spans, (place, float("inf"))) - 1
    return number >= 0 and place < spans[number].end


# Cues


def _cues(passage: Passage, transcript: Sequence[Span]) -> tuple[list[Said], list[list[Span]]]:
    """Return the cues outside quotations and transcripts, with the speakers of each."""
    said: list[Said] = []
    speakers: list[list[Span]] = []
    for place, lemma in enumerate(columns.texts(passage.doc, LEMMA, str.lower)):
        if lemma not in lemmas():
            continue
        verb = passage.doc[place]
        if not _is_verb(verb) or not _is_finite_speech(verb):
            continue
        if _holds(transcript, verb.idx) or passage.quote_at(verb.idx) is not None:
            continue
        cue, last = _lookup(verb)
        denied = any(child.lower_ in _NEGATIONS for child in verb.children)
        if cue is None or (denied and (verb.lemma_.lower(), last.lower_ if last is not verb else "") not in _DENIABLE):
            continue
        names, nobody = speakers_of(passage, _owner_of(verb))
        if nobody or any(name.of(passage.text).lower() in ("you", "i") for name in names):
            continue
        said.append(Said(verb, cue, _cue_span(verb, last, denied), names[0] if names else None))
        speakers.append(names)
    return said, speakers


def _is_verb(token: Token) -> bool:
    """Tell a verb, also one that the tagger took for a plural though the parser gave it a subject ("he reckons")."""
    return token.pos_ in ("VERB", "AUX") or (token.tag_ == "NNS" and any(c.dep_ == "nsubj" for c in token.lefts))


def _is_finite_speech(verb: Token) -> bool:
    """Tell that the text reports the act: not as a wish, a condition, a purpose or an attribute."""
    bare = verb.tag_ == "VBN" and verb.dep_ in ("advcl", "acl") and not any(verb.lefts)
    if verb.dep_ == "amod" or (bare and not _ends_aside(verb)):
        return False
    for child in verb.children:
        if child.dep_ == "aux" and (child.lower_ in _MODALS or (child.lower_ == "to" and verb.tag_ == "VB")):
            return False
        if child.dep_ == "preconj" and child.lower_ == "neither":
            return False
    if verb.tag_ == "VB" and verb.dep_ == "conj":
        return _is_finite_speech(verb.head)
    return True


def _ends_aside(verb: Token) -> bool:
    """Tell the verb after an aside that the tagger took for a participle: “We pay,” Anna Lind, who knows, posted."""
    name = verb.head
    if name.pos_ != "PROPN" or not name.i + 1 < verb.i - 1 or verb.nbor(-1).text != ",":
        return False
    before = name.i - 1
    while before >= 0 and verb.doc[before].pos_ == "PROPN":
        before -= 1
    return before >= 0 and verb.doc[before].text in _CLOSING


def _lookup(verb: Token) -> tuple[Cue | None, Token]:
    """Return the entry of the lexicon for a verb, and the last token of its cue."""
    lexicon, lemma = cues(), verb.lemma_.lower()
    if verb.i + 1 < len(verb.doc):
        particle = verb.nbor(1)
        cue = lexicon.get((lemma, particle.lower_))
        if cue is not None:
            return cue, particle
        if particle.dep_ == "prt":
            return None, verb
    return lexicon.get((lemma, "")), verb


def _owner_of(verb: Token) -> Token:
    """Return the cue that a second cue goes on with, where the parse hung that on the first one's content."""
    if verb.dep_ != "conj" or any(child.dep_ == "nsubj" for child in verb.children):
        return verb
    head = verb.head
    while head.dep_ == "conj":
        head = head.head
    outer = head.head
    if head.dep_ == "ccomp" and outer.lemma_.lower() in lemmas():
        cue, last = _lookup(outer)
        if cue is not None and is_outer(Said(outer, cue, _cue_span(outer, last, False), None), verb):
            return outer
    return verb


def _cue_span(verb: Token, last: Token, denied: bool) -> Span:
    first = verb
    if denied:
        first = min((c for c in verb.children if c.dep_ in ("aux", "neg")), key=lambda child: child.i, default=verb)
    return Span(min(first.idx, verb.idx), last.idx + len(last))


# Quotations that stand apart


def _assign(
    passage: Passage, said: Sequence[Said], contents: Sequence[Sequence[Span]], transcript: Sequence[Span]
) -> dict[int, list[Quote]]:
    """Give each quotation that is speech to a cue, by the cue's number. Words quoted inside a content are not free."""
    owned: dict[int, list[Quote]] = {}
    starts = [one.span.start for one in said]
    around = sorted((span, number) for number, pieces in enumerate(contents) for span in pieces)
    previous: tuple[Quote, int] | None = None
    for quote in passage.quotes:
        if _holds(transcript, quote.outer.start):
            continue
        place = bisect_right(around, ((quote.inner.start, quote.inner.end), len(said)))
        inside = [
            number for span, number in around[max(0, place - 4) : place + 1]
            if span.start <= quote.inner.start and quote.inner.end <= span.end + 2
        ]  # fmt: skip
        if inside:
            previous = (quote, inside[-1])
            continue
        owner = _owner(passage, quote, said, starts)
        if owner is None:
            owner = _carried(passage, quote, said, starts, previous)
        if owner is not None:
            owned.setdefault(owner, []).append(quote)
            previous = (quote, owner)
    return owned


def _owner(passage: Passage, quote: Quote, said: Sequence[Said], starts: Sequence[int]) -> int | None:
    """Return the number of the cue right after or right before a quotation, or None."""
    text = passage.text
    place = bisect_right(starts, quote.outer.start)
    options = []
    near = range(place, min(place + 3, len(said)))
    after = next((number for number in near if not said[number].describes), len(said))
    if after < len(said):
        between = text[quote.outer.end : said[after].span.start]
        ends = text[quote.inner.end - 1]
        closed = ends in ",?!…—" or (between[:1] == "," and _is_sentence(text, quote))
        if len(between) < 90 and closed and _AFTER_QUOTE.fullmatch(_ABBREVIATED.sub("", between)):
            options.append((len(between), after))
    if place > 0:
        between = text[said[place - 1].span.end : quote.outer.start]
        introduced = between.rstrip()[-1:] in (":", ",") or _LINKED.fullmatch(between)
        plain = _BEFORE_QUOTE.fullmatch(_ABBREVIATED.sub("", between))
        if len(between) < 120 and introduced and plain and between.count("\n") <= 1:
            options.append((len(between), place - 1))
    return min(options)[1] if options else None


def _carried(
    passage: Passage, quote: Quote, said: Sequence[Said], starts: Sequence[int], previous: tuple[Quote, int] | None
) -> int | None:
    """Return the cue that a quotation without one goes on with: that of the quotation or of the sentence before it."""
    text = passage.text
    if previous is not None:
        before, owner = previous
        if before.open and text[before.outer.end : quote.outer.start].strip() == "":
            return owner
    if not _is_sentence(text, quote):
        return None
    place = bisect_right(starts, quote.outer.start) - 1
    if place < 0:
        return None
    between = text[said[place].span.end : quote.outer.start]
    outside = re.sub(r"[\"“„«‘][^\"”“»\n]*[\"”“»’]", "", between)
    if "\n" in between or len(re.findall(r"[.!?:](?=\s|$)", outside)) > 1 or len(between) > 400:
        return None
    if (previous is not None and previous[1] == place) or outside.rstrip()[-1:] in (".", ":", ",", ""):
        return place
    return None


def _is_sentence(text: str, quote: Quote) -> bool:
    """Tell quoted speech from quoted words: it begins like a sentence, where one can begin, and ends like one."""
    inner = quote.inner.of(text)
    begins = inner[:1].isupper() and (text[: quote.outer.start].rstrip()[-1:] in '.:,!?"”»’' or quote.outer.start == 0)
    ends = inner.rstrip()[-1:] in ".!?,—…" or text[quote.outer.end : quote.outer.end + 1] in (".", ",")
    return begins and (quote.open or ends)


# Putting together


def _repeats(number: int, said: Sequence[Said], contents: Sequence[Sequence[Span]]) -> bool:
    """Tell a cue inside the content of another that only tells what that speaker's own state does not rule out."""
    one = said[number]
    return one.span.start != one.verb.idx and any(
        other is not one and any(span.start <= one.span.start < span.end for span in pieces)
        for other, pieces in zip(said[max(0, number - 6) : number], contents[max(0, number - 6) : number], strict=True)
    )


def _attributions(
    passage: Passage, one: Said, speakers: Sequence[Span], pieces: Sequence[Span], quotes: Sequence[Quote]
) -> Iterator[Attribution]:
    """Yield the attribution of a cue to each of its speakers."""
    contents = _merge(passage, pieces, quotes)
    medium = find_medium(passage, one.verb, contents)
    if medium is not None:
        contents = _without(passage, contents, medium, one)
    if not contents:
        return
    kind = passage.kind(contents)
    if not speakers and kind != "direct":
        return
    outside = [s for s in speakers if not any(c.start <= s.start < c.end for c in contents)]
    if speakers and not outside:
        return
    for speaker in outside if outside else (None,):
        yield Attribution(
            content=tuple(contents),
            cue=one.span,
            speaker=speaker,
            kind=kind,
            cue_lemma=one.verb.lemma_.lower(),
            cue_class=one.cue.cue_class,
            medium=medium,
            confidence=_confidence(passage, one, speaker, kind),
            negated=is_negated(one.verb),
            modality=modality(one.verb),
        )


def _merge(passage: Passage, pieces: Sequence[Span], quotes: Sequence[Quote]) -> list[Span]:
    """Return clause and quotations as pieces that do not overlap; quoted speech without its marks."""
    contents = [inner for span in pieces for inner in passage.without_marks(span)]
    for quote in quotes:
        inner = passage.trim(*quote.inner)
        if inner is None or any(s.start <= inner.start < s.end for s in contents):
            continue
        contents = [s for s in contents if not (inner.start <= s.start and s.end <= inner.end)]
        if not any(s.start < inner.end and inner.start < s.end for s in contents):
            contents.append(inner)
    return sorted(set(contents))


def _without(passage: Passage, contents: Sequence[Span], medium: Span, one: Said) -> list[Span]:
    """Leave out the medium at the end of a content: "announced an operation in a televised address"."""
    kept: list[Span] = []
    for span in contents:
        if not span.start < medium.start < span.end:
            kept.append(span)
            continue
        tail = re.search(r",? (?:in|on|at|during|by|to|with)(?: \w+){0,3} *$", passage.text[span.start : medium.start])
        cut = passage.trim(span.start, span.start + tail.start()) if tail is not None and tail.start() > 0 else span
        kept += [cut] if cut is not None else []
    return kept


def _confidence(passage: Passage, one: Said, speaker: Span | None, kind: str) -> float:
    """Return a rough probability: named speakers of quoted speech highest, weak cues lowest."""
    base = {"direct": 0.95, "mixed": 0.9, "indirect": 0.88}[kind] * (0.55 + 0.45 * one.cue.strength)
    if speaker is None:
        return round(base * 0.5, 2)
    named = any(character.isupper() for character in speaker.of(passage.text))
    return round(base if named else base * 0.95, 2)


# Without a verb


def _turn(passage: Passage, speaker: Span, colon: Span, contents: Sequence[Span] | Span) -> Attribution:
    whole = (contents,) if isinstance(contents, Span) else contents
    pieces = tuple(inner for span in whole for inner in passage.without_marks(span))
    return Attribution(pieces, colon, speaker, passage.kind(pieces), ":", "say", None, 0.9)


def _headings(passage: Passage, transcript: Sequence[Span]) -> Iterator[tuple[Span, Span, Span]]:
    for heading in find_headings(passage):
        if not _holds(transcript, heading[0].start):
            yield heading


def _according(passage: Passage, transcript: Sequence[Span]) -> Iterator[Attribution]:
    """Yield "according to X": the rest of the sentence is the content."""
    text = passage.text
    for match in _ACCORDING.finditer(text):
        if passage.quote_at(match.start()) is not None or _holds(transcript, match.start()):
            continue
        token = passage.doc.char_span(match.start(), match.end() - 1, alignment_mode="expand")
        source = None if token is None else next((c for c in token[-1].children if c.dep_ == "pobj"), None)
        speaker = phrase(passage, source) if source is not None else None
        if token is None or source is None or speaker is None:
            continue
        sentence = passage.sentence(match.start())
        breaks = re.finditer(r"[;:] ", text[sentence.start : match.start()])
        start = max((sentence.start + found.end() for found in breaks), default=sentence.start)
        stop = text.find(";", speaker.end, sentence.end)
        after = _after_source(passage, source, speaker, sentence.end if stop < 0 else stop)
        pieces = [span for span in (passage.trim(start, match.start()), after) if span is not None]
        pieces = [inner for span in pieces for inner in passage.without_marks(span)]
        if pieces and (len(pieces) > 1 or len(pieces[0].of(text).split()) >= 3):
            medium = find_medium(passage, token[0], pieces, source)
            cue = Span(match.start(), match.end() - 1)
            yield Attribution(tuple(pieces), cue, speaker, passage.kind(pieces), "accord", "say", medium, 0.85)


def _after_source(passage: Passage, source: Token, speaker: Span, end: int) -> Span | None:
    """Return what follows the source, where that is the sentence itself and no aside on the source."""
    edge = max(source.right_edge.idx + len(source.right_edge), speaker.end)
    comma = re.match(r"[^,;.\n]{0,60},", passage.text[edge:end]) or re.match(r",", passage.text[edge - 1 : end])
    if comma is None:
        return None
    span = passage.trim(edge + comma.end() - (not comma[0][:-1] and passage.text[edge - 1] == ","), end)
    tokens = None if span is None else passage.doc.char_span(*span, alignment_mode="expand")
    if tokens is None or tokens[0].tag_ in ("WP", "WDT") or len(tokens) < 3:
        return None
    return span if any(t.tag_ in ("VBD", "VBZ", "VBP", "MD") for t in tokens) else None
