"""Finding quotations by their marks. Who speaks in them, and whether they are speech, is for `attributions`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from pipeline.extract.records import Span

_CLOSERS = {
    "“": ("”",), "„": ("“", "”"), "«": ("»",), "»": ("«",), '"': ('"',), "”": ("”",), "``": ("''",), "''": ("''",),
}  # fmt: skip
_DOUBLE = re.compile(r"[\"“”„«»]|''|``")  # two single marks stand for a double one in texts of some agencies
_OPENERS = ('"', "“", "„", "«", "``", "''")
_SINGLE_OPEN = re.compile(r"(?<![\w’'])['‘](?=\w)")
_SINGLE_CLOSE = re.compile(r"(?<=[^\s\w(])['’](?!\w)|(?<=\w)['’](?!\w)")
_PARAGRAPH = re.compile(r"[^\n]+")


@dataclass(frozen=True, slots=True)
class Quote:
    """A quotation: `inner` without its marks, `outer` with them. `open` where the next paragraph goes on with it."""

    inner: Span
    outer: Span
    open: bool = False


def find_quotes(text: str) -> list[Quote]:
    """Find the outermost quotations of a text, in its order, in linear time.

    A mark that nothing closes in its paragraph opens a quotation only if the next paragraph begins with a mark too:
    so printers set speech of several paragraphs. Single marks count where no double ones stand in the paragraph;
    apostrophes are none.
    """
    paragraphs = [Span(*match.span()) for match in _PARAGRAPH.finditer(text)]
    found: list[Quote] = []
    for number, paragraph in enumerate(paragraphs):
        following = paragraphs[number + 1] if number + 1 < len(paragraphs) else None
        goes_on = following is not None and text.startswith(_OPENERS, following.start)
        quotes = list(_double(text, paragraph, goes_on))
        found += quotes or _single(text, paragraph)
    return found


def _double(text: str, paragraph: Span, goes_on: bool) -> Iterator[Quote]:
    opened: re.Match[str] | None = None
    for mark in _DOUBLE.finditer(text, paragraph.start, paragraph.end):
        if opened is None:
            if mark[0] != "”" or _opens(text, mark.start()):
                opened = mark
        elif mark[0] in _CLOSERS[opened[0]] and not (mark[0] == '"' and _inch(text, mark.start())):
            if mark.start() > opened.end():
                yield Quote(Span(opened.end(), mark.start()), Span(opened.start(), mark.end()))
            opened = None
    if opened is not None and goes_on and paragraph.end > opened.end():
        yield Quote(Span(opened.end(), paragraph.end), Span(opened.start(), paragraph.end), open=True)


def _opens(text: str, place: int) -> bool:
    return (place == 0 or text[place - 1].isspace()) and place + 1 < len(text) and not text[place + 1].isspace()


def _inch(text: str, place: int) -> bool:
    """Tell a mark that stands for inches, and opens before a letter, from one that closes."""
    after = text[place + 1 : place + 2]
    return text[place - 1].isspace() and after.isalnum()


def _single(text: str, paragraph: Span) -> Iterator[Quote]:
    place = paragraph.start
    while opening := _SINGLE_OPEN.search(text, place, paragraph.end):
        closing = _SINGLE_CLOSE.search(text, opening.end() + 1, paragraph.end)
        while closing is not None and _possessive(text, closing.start(), paragraph.end):
            closing = _SINGLE_CLOSE.search(text, closing.end(), paragraph.end)
        if closing is None:
            return
        yield Quote(Span(opening.end(), closing.start()), Span(opening.start(), closing.end()))
        place = closing.end()


def _possessive(text: str, place: int, end: int) -> bool:
    """Tell "the ministers' plan" from the end of a quotation: a plural, then a word, and a mark still to come."""
    if text[place - 1] not in "sS" or not text[place + 1 : place + 2].isspace():
        return False
    return (
        _SINGLE_CLOSE.search(text, place + 1, min(end, place + 400)) is not None
        and text[place + 2 : place + 3].islower()
    )
