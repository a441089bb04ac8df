"""Finding the turns of transcripts and interviews, headlines of the form "Rutte: Europe must pay more", signed quotes.

Here a name and a colon attribute what follows, or a dash and a name what precedes; verbs and quotation marks are for
`attributions`.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator

from spacy.attrs import ORTH

from pipeline.extract import columns
from pipeline.extract.passage import Passage
from pipeline.extract.records import Span

_CAPS = re.compile(
    r"^(?P<speaker>(?:(?:[A-Z][A-Z.'’\-]+|[Tt]he|of|for|de|von|van)\s){0,6}[A-Z][A-Z.'’\-]+(?:\s[A-Z]\.)?)"
    r"(?:\s\([^)\n]{1,40}\))?(?P<cue>:)\s",
    re.MULTILINE,
)
_HEADING = re.compile(r"^(?=[^a-zß-ÿ:\n]{0,80}[A-ZÀ-Þ]{2})[^a-zß-ÿ:\n]{2,80}:(?=\s)", re.MULTILINE)
_NAMED = re.compile(
    r"^(?P<speaker>[A-Z][\w.'’\-]*(?: (?:[A-Z][\w.'’\-]*|of|de|von|van|der)){0,5})(?P<cue>:) (?=\S)", re.MULTILINE
)
_TITLED = re.compile(
    r"(?:THE |The )?(?:MR|MRS|MS|DR|SIR|LORD|LADY|PRESIDENT|VICE|PRIME|PREMIER|CHANCELLOR|SECRETARY|MINISTER|FOREIGN|"
    r"DEFEN[CS]E|GENERAL|GEN|ADMIRAL|ADM|COLONEL|COL|LIEUTENANT|LT|MAJOR|MAJ|SENATOR|SEN|REP|REPRESENTATIVE|CONGRESS\w+|GOVERNOR|"
    r"AMBASSADOR|COMMISSIONER|CHAIR\w*|SPOKES\w+|SPEAKER|MODERATOR|HOST|INTERVIEWER|DIRECTOR|DEPUTY|SENIOR|KING|QUEEN)\b"
)
_LABEL = 14
"""Words of a sentence at most up to the colon of a heading."""
_QUESTION = re.compile(r"^(?:Q|QUESTION|Question|Reporter|REPORTER|Journalist|JOURNALIST)\b[:.]?\s", re.MULTILINE)
_ASKERS = {"q", "question", "reporter", "journalist", "interviewer", "moderator"}
_STAGE = re.compile(r"\s*[(\[](?:Laughter|Applause|Crosstalk|Inaudible)[^)\]]{0,40}[)\]]\s*", re.IGNORECASE)
_SIGNED = re.compile(
    r"\s{0,2}(?P<cue>[―—–]|--)[ \u00a0]?(?P<speaker>(?:[A-Z][\w.'’-]+ ){1,4}[A-Z][\w.'’-]+)[ \u00a0]?(?=[,(\n]|$)"
)
_FIRST_PERSON = re.compile(r"\b(?:I|we|our|us|me|my|you|your|We|Our|You|My)\b")
_NARRATED = re.compile(r"\b(?:said|told|announced|complained|asked|added|warned|extract|urged|called)\b")


def find_turns(passage: Passage) -> tuple[list[tuple[Span, Span, tuple[Span, ...]]], list[Span]]:
    """Return the turns of a transcript, as speaker, colon and paragraphs, and all stretches that are transcript.

    The interviewer's questions are no turns, but belong to the transcript.
    """
    labels = _labels(passage.text)
    if not labels:
        return [], []
    questions = [match.start() for match in _QUESTION.finditer(passage.text)]
    stops = sorted({*(match.start() for match in labels), *questions})
    turns, stretches = [], []
    for match in labels:
        number = bisect_right(stops, match.start())
        end = stops[number] if number < len(stops) else len(passage.text)
        paragraphs = list(_paragraphs(passage, match, end, last=number >= len(stops)))
        stretches.append(Span(match.start(), paragraphs[-1].end if paragraphs else match.end()))
        if paragraphs and match["speaker"].lower() not in _ASKERS:
            turns.append((Span(*match.span("speaker")), Span(*match.span("cue")), tuple(paragraphs)))
    for start in questions:
        line = passage.text.find("\n", start)
        stretches.append(Span(start, line if line >= 0 else len(passage.text)))
    return turns, sorted(stretches)


def _labels(text: str) -> list[re.Match[str]]:
    """Return the labels of turns: names in capitals, or a name that opens several lines."""
    caps = list(_CAPS.finditer(text))
    if _are_turns(text, [match["speaker"] for match in caps]):
        return caps
    named = list(_NAMED.finditer(text))
    often = Counter(match["speaker"] for match in named)
    return [match for match in named if often[match["speaker"]] >= 2]


def _are_turns(text: str, labels: list[str]) -> bool:
    """Tell speakers in capitals from headings in capitals: one speaks twice, is asked, or has a title.

    A speech has one label: "THE PRESIDENT: Thank you all."
    """
    asked = len(labels) > 1 and _QUESTION.search(text) is not None
    return asked or len(set(labels)) < len(labels) or any(_TITLED.match(label) for label in labels)


def _paragraphs(passage: Passage, label: re.Match[str], end: int, last: bool) -> Iterator[Span]:
    """Yield the paragraphs of a turn; an unlabelled question ends it, and after the last turn narration does.

    Narration tells of speaking, and nobody says "I" or "you" any more.
    """
    lines = list(re.finditer(r"[^\n]+", passage.text[label.end() : end]))
    spoken = max((number for number, line in enumerate(lines) if _speaks_of_self(line[0])), default=0)
    for number, line in enumerate(lines):
        start, stop = label.end() + line.start(), label.end() + line.end()
        words = passage.text[start:stop]
        if number:
            following = passage.text[stop : end + 1].strip("\n")
            if words.rstrip().endswith("?") and not following[1:]:
                return
            if last and number > spoken and _NARRATED.search(words):
                return
        stage = _STAGE.search(words)
        if stage is not None and stage.end() == len(words):
            stop = start + stage.start()
        span = passage.trim(start, stop)
        if span is not None:
            yield span


def _speaks_of_self(words: str) -> bool:
    return _FIRST_PERSON.search(re.sub(r"[\"“][^\"”]*[\"”]", "", words)) is not None


def find_capitals(passage: Passage) -> list[Span]:
    """Return headings in capitals, colon included, "NO MORE DELAY:"; none where capitals are labels of turns."""
    if _are_turns(passage.text, [match["speaker"] for match in _CAPS.finditer(passage.text)]):
        return []
    return [Span(*match.span()) for match in _HEADING.finditer(passage.text)]


def find_headings(passage: Passage) -> Iterator[tuple[Span, Span, Span]]:
    """Yield headlines and notes of the form "Jens Stoltenberg: the alliance has 120 jets": speaker, colon, content."""
    colons = [*columns.places(passage.doc, ORTH, ":"), len(passage.doc)]
    for start, end in columns.sentences(passage.doc):
        place = colons[bisect_left(colons, start)]
        if not start < place < min(end, start + _LABEL) or passage.quote_at(passage.doc[place].idx) is not None:
            continue
        colon = passage.doc[place]
        label = passage.doc[start:place]
        if any(token.pos_ in ("VERB", "AUX", "PUNCT") or token.like_num for token in label):
            continue
        name = next((entity for entity in label.ents if entity.label_ == "PERSON"), None)
        if name is None or not (name.end == place or passage.doc[name.end].lower_ in ("on", "in", "at", "of", "to")):
            continue
        content = passage.trim(colon.idx + 1, passage.doc[start:end].end_char)
        speaker = passage.trim(label.start_char, name.end_char)
        if content is None or speaker is None or "\n" in content.of(passage.text):
            continue
        if any(token.tag_ in ("VBD", "VBZ", "VBP", "MD") for token in passage.doc[place + 1 : end]):
            yield speaker, Span(colon.idx, colon.idx + 1), content


def find_signed(passage: Passage) -> Iterator[tuple[Span, Span, Span]]:
    """Yield quotations that a dash and a name sign, “We are tired.” ― Maria Lopez: speaker, dash, content."""
    for quote in passage.quotes:
        signature = _SIGNED.match(passage.text, quote.outer.end)
        content = passage.trim(*quote.inner)
        if signature is not None and content is not None:
            yield Span(*signature.span("speaker")), Span(*signature.span("cue")), content
