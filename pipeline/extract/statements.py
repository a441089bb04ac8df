"""Who said what, put together from two readings of a text: that of the grammar, and that of the network.

The grammar (`attributions`) knows where a statement begins and ends, and statements inside statements; the network
(`reader`) knows far more ways to attribute. Where they agree on an attribution, the network's content is taken, with
the grammar's bounds where they are nearly the same. How either reads is not decided here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt
from spacy.tokens import Token

from pipeline.extract.attributions import find_attributions
from pipeline.extract.confidence import Evidence, confidence
from pipeline.extract.cues import UNSAID, classed, is_negated, modality
from pipeline.extract.decoding import CUE, Candidate, Reading, decode
from pipeline.extract.media import find_medium
from pipeline.extract.passage import Passage
from pipeline.extract.reader import Reader
from pipeline.extract.records import BY_ORDER, Attribution, Span
from pipeline.extract.turns import find_capitals, find_turns

SAME = 0.5
"""Contents that share so much of their union (Jaccard) are one."""
ALIKE = 0.8
"""From here on the grammar's bounds are taken: it knows where a clause ends, and leaves out marks and "that"."""
LEAST_CUE = 0.15
"""What only the grammar finds stands if the network gives its cue this probability."""
SURE_SOURCE = 0.9
"""From here on the network's speaker is preferred to another one of the grammar's."""
UNSPOKEN = 0.3
"""A cue with a lower probability of carrying a statement attributes a stance: "presented the plan"."""

_NARRATOR = frozenset({"i", "me", "my", "we", "us", "our", "you", "your"})
_BARE = frozenset({"a", "an", "and", "of", "or", "that", "the", "to"})
_NAME_BESIDE = re.compile(r"[-\w]*,? (?:(?!who|that|which)[a-z]+ ){0,6}[A-ZÀ-Þ]")
_BEHIND = re.compile(r"\b(?:at|for|from|in|of|on|to|with)\s$")
_NAMELESS = re.compile(r"(?:An?|His|Her|Its|My|Our|The|Their|[a-zß-ÿ][\w-]*)(?: [a-zß-ÿ][\w-]*)*")

Judge = Callable[[Evidence], float]


def find_statements(passage: Passage, reader: Reader, judge: Judge = confidence) -> list[Attribution]:
    """Find the statements of a text, belief and intention among them, in its order; `judge` tells how sure each is."""
    grammar = find_attributions(passage)
    candidates: list[Candidate] = []
    chances = np.zeros(len(passage.text) + 1, dtype=np.float32)  # for each character, that its word belongs to a cue
    for reading in reader.read(passage, grammar):
        candidates += decode(reading)
        for word, chance in zip(reading.words, _cue_chances(reading).tolist(), strict=True):
            chances[word.start : word.end] = chance
    return _merge(passage, grammar, candidates, chances, judge)


def _cue_chances(reading: Reading) -> npt.NDArray[np.float32]:
    """Return for each word the probability that it belongs to a cue of either kind."""
    either = np.exp(np.stack([reading.tags, reading.speech])[:, :, CUE : CUE + 2]).sum(axis=2)
    return np.asarray(either.max(axis=0))


def _merge(
    passage: Passage,
    grammar: Sequence[Attribution],
    candidates: Sequence[Candidate],
    chances: npt.NDArray[np.float32],
    judge: Judge,
) -> list[Attribution]:
    candidates = without_foreign(len(passage.text), candidates, grammar)
    owner = _owners(len(passage.text), candidates)
    plain = [one for one in grammar if one.cue_lemma == ":"]
    grammar = [one for one in grammar if one.cue_lemma != ":"]
    partners = _partners(grammar, candidates, owner)
    _, transcript = find_turns(passage)
    signed = (span for one in plain for span in (*one.content, one.cue or one.content[0]))
    plainly = _covered(len(passage.text), (*transcript, *signed, *find_capitals(passage)))

    def alone(one: Attribution) -> Evidence:
        return Evidence.of_grammar(one, _mean(chances, one.cue))

    found = [replace(one, confidence=judge(alone(one))) for one in plain]
    for one, partner in zip(grammar, partners, strict=True):
        if partner is not None:
            number, alike = partner
            other = candidates[number]
            same = _meet(one.speaker, other.source)
            # Without a cue it stands in another window, and only the grammar has seen it.
            evidence = alone(one) if other.cue is None else Evidence.of_both(one, other, alike, same)
            found.append(replace(_joined(passage, one, other, alike, owner), confidence=judge(evidence)))
        elif one.cue is not None and owner[one.cue.start] >= 0:
            found += [one] if one.cue_class not in UNSAID else []  # inside another, of which the network knows nothing
        elif _mean(chances, one.cue) >= LEAST_CUE:
            found.append(replace(one, confidence=judge(alone(one))))
    known = {partner[0] for partner in partners if partner is not None}
    for number, candidate in enumerate(candidates):
        cue = candidate.cue
        if number not in known and cue is not None and not plainly[cue.start : cue.end].any():
            found += _new(passage, candidate, judge)
    sound = [one for one in (_apart(passage, one) for one in found) if one.content]
    unique = {(one.content, one.speaker): one for one in sorted(sound, key=BY_ORDER, reverse=True)}
    return sorted(unique.values(), key=BY_ORDER)


def without_foreign(length: int, candidates: Sequence[Candidate], grammar: Sequence[Attribution]) -> list[Candidate]:
    """Return the candidates, those of several pieces without quotations to which the grammar gives another cue."""
    spoken = [one for one in grammar if one.kind == "direct" and one.speaker is not None]
    owner = _owners(length, spoken)

    def foreign(piece: Span, cue: Span) -> bool:
        number = owner[(piece.start + piece.end) // 2]
        return (
            number >= 0
            and not _meet(spoken[number].cue, cue)
            and any(_overlap(piece, span) >= ALIKE for span in spoken[number].content)
        )

    found = []
    for one in candidates:
        cue = one.cue
        kept = () if cue is None else tuple(piece for piece in one.content if not foreign(piece, cue))
        found.append(replace(one, content=kept) if kept else one)
    return found


def _overlap(one: Span, other: Span) -> float:
    """Return the share of what two spans cover that both do (Jaccard), below 0 where they are apart."""
    return (min(one.end, other.end) - max(one.start, other.start)) / (
        max(one.end, other.end) - min(one.start, other.start)
    )


def _apart(passage: Passage, one: Attribution) -> Attribution:
    """Return an attribution whose content leaves out the words for its speaker."""
    if one.speaker is None or not any(_meet(one.speaker, span) for span in one.content):
        return one
    start, end = one.speaker
    pieces = [
        part
        for span in one.content
        for part in (
            [passage.trim(span.start, min(start, span.end)), passage.trim(max(end, span.start), span.end)]
            if _meet(one.speaker, span)
            else [span]
        )
        if part is not None
    ]
    return replace(one, content=tuple(pieces), kind=passage.kind(pieces))


def _owners(length: int, found: Sequence[Candidate | Attribution]) -> npt.NDArray[np.int32]:
    """Return for each character the number of the one whose content it is, or -1."""
    owner = np.full(length + 1, -1, dtype=np.int32)
    for number, one in enumerate(found):
        for span in one.content:
            owner[span.start : span.end] = number
    return owner


def _covered(length: int, spans: Iterable[Span]) -> npt.NDArray[np.bool_]:
    covered = np.zeros(length + 1, dtype=np.bool_)
    for span in spans:
        covered[span.start : span.end] = True
    return covered


def _mean(chances: npt.NDArray[np.float32], span: Span | None) -> float:
    return 0.0 if span is None else float(chances[span.start : span.end].mean())


def _size(spans: Sequence[Span]) -> int:
    return sum(span.end - span.start for span in spans)


def _meet(one: Span | None, other: Span | None) -> bool:
    return one is not None and other is not None and one.start < other.end and other.start < one.end


def _partners(
    grammar: Sequence[Attribution], candidates: Sequence[Candidate], owner: npt.NDArray[np.int32]
) -> list[tuple[int, float] | None]:
    """Return for each attribution of the grammar the candidate that is the same one, and how far their contents agree.

    Those with one cue are the same if their contents meet; two speakers of one cue have one candidate. Without, the
    contents must be nearly the same, and nearer than those of another.
    """
    partners: list[tuple[int, float] | None] = [None] * len(grammar)
    rivals: dict[int, tuple[float, int]] = {}
    taken: set[int] = set()
    for place, one in enumerate(grammar):
        owned = np.concatenate([owner[span.start : span.end] for span in one.content])
        numbers, counts = np.unique(owned[owned >= 0], return_counts=True)
        for number, shared in zip(numbers.tolist(), counts.tolist(), strict=True):
            candidate = candidates[number]
            alike = shared / (_size(one.content) + _size(candidate.content) - shared)
            if _meet(one.cue, candidate.cue):
                partners[place] = number, alike
                taken.add(number)
            elif alike >= SAME:
                rivals[number] = max(rivals.get(number, (0.0, 0)), (alike, place))
    for number, (alike, place) in rivals.items():
        if number not in taken and partners[place] is None:
            partners[place] = number, alike
    return partners


def _joined(
    passage: Passage, one: Attribution, other: Candidate, alike: float, owner: npt.NDArray[np.int32]
) -> Attribution:
    """Return an attribution that both readings find, whose contents agree so far (0 to 1)."""
    content = one.content
    if alike < ALIKE:
        content = _tidy(passage, other.content)
        content += tuple(  # a quotation that goes on where the network does not look
            span
            for span in one.content
            if passage.quote_at(span.start) is not None and (owner[span.start : span.end] < 0).all()
        )
        content = _disjoint(content) or one.content
    speaker = _speaker(passage.text, one.speaker, other)
    if any(_meet(speaker, span) for span in content):
        speaker = one.speaker
    return replace(one, content=content, speaker=speaker, kind=passage.kind(content))


def _speaker(text: str, speaker: Span | None, other: Candidate) -> Span | None:
    """Return the words for the speaker: the grammar's, but where it has none, or the network is sure of others.

    So it is where they are parts of each other, and only the network's hold a name: "His co-host, Boris Pistorius".
    """
    if speaker is None or other.source is None:
        return speaker or other.source
    longer = other.source.start < speaker.start and speaker.end <= other.source.end
    if longer and _BEHIND.search(text[max(0, speaker.start - 6) : speaker.start]):
        return other.source  # "a woman in a scarf said": the grammar has taken the scarf
    if _meet(speaker, other.source):
        nameless = _NAMELESS.fullmatch(speaker.of(text)) is not None
        beside = _NAME_BESIDE.match(text, speaker.end, other.source.end)
        return other.source if nameless and beside is not None else speaker
    return other.source if other.source_p >= SURE_SOURCE else speaker


def _new(passage: Passage, candidate: Candidate, judge: Judge) -> Iterator[Attribution]:
    """Yield the attribution that only the network finds."""
    content = _tidy(passage, candidate.content)
    if not content or candidate.cue is None:
        return
    tokens = passage.doc.char_span(*candidate.cue, alignment_mode="expand")
    words: list[Token] = [] if tokens is None else [token for token in tokens if not token.is_punct]
    verb, cue_class = classed(words)
    verb = verb or next((token for token in words if token.pos_ == "VERB"), words[0] if words else None)
    if cue_class is None:
        cue_class = "say" if candidate.speech_p >= SAME else "think"
    elif candidate.speech_p < UNSPOKEN and cue_class not in UNSAID:
        cue_class = "think"
    if cue_class == "predict" and candidate.source is None:  # "is expected": nobody is said to have said so
        cue_class = "think"
    narrated = candidate.source is not None and candidate.source.of(passage.text).lower() in _NARRATOR
    if narrated and cue_class in UNSAID:  # "I know": whoever narrates has no need to attribute
        return
    yield Attribution(
        content=content,
        cue=candidate.cue,
        speaker=candidate.source,
        kind=passage.kind(content),
        cue_lemma=candidate.cue.of(passage.text).lower() if verb is None else verb.lemma_.lower(),
        cue_class=cue_class,
        medium=None if verb is None else find_medium(passage, verb, content),
        confidence=judge(Evidence.of_network(candidate)),
        negated=verb is not None and is_negated(verb),
        modality="actual" if verb is None else modality(verb),
    )


def _tidy(passage: Passage, pieces: Sequence[Span]) -> tuple[Span, ...]:
    """Return pieces as the grammar would give them: quoted speech without its marks, clauses without "that"."""
    found: list[Span] = []
    for piece in pieces:
        start = piece.start + (5 if piece.of(passage.text)[:5].lower() == "that " else 0)
        trimmed = passage.trim(start, piece.end)
        if trimmed is not None and trimmed.of(passage.text).lower() not in _BARE:
            found += passage.without_marks(trimmed)
    return _disjoint(found)


def _disjoint(spans: Iterable[Span]) -> tuple[Span, ...]:
    """Return spans in order, those that meet as one: a piece grown to its quotation takes in the next."""
    found: list[Span] = []
    for span in sorted(set(spans)):
        if _meet(span, found[-1] if found else None):
            found[-1] = Span(found[-1].start, max(found[-1].end, span.end))
        else:
            found.append(span)
    return tuple(found)
