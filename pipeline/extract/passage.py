"""A parsed text with what the rules of attribution ask of it: quotations, sentences, tidy spans.

No rule of attribution belongs here; they are in `speakers`, `contents`, `turns` and `attributions`.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from spacy.tokens import Doc, Token

from pipeline.extract import columns
from pipeline.extract.quotes import Quote, find_quotes
from pipeline.extract.records import Span

_TRIM = " \t\n,.;:–—-"
_DATELINE = re.compile(
    r"(?:[A-Z/ .'’-]{3,30}|[A-Z][\w/ ]{2,30})(?:, [^\n–—-]{1,40})?(?: \([^)\n]{1,30}\))? [–—-] (?=\w)"
)


class Passage:
    """A parsed text, its quotations, and the bounds of its sentences and lines."""

    def __init__(self, doc: Doc) -> None:
        """Find the quotations and the bounds once, in linear time."""
        self.doc, self.text = doc, doc.text
        self.quotes = find_quotes(self.text)
        self._quote_starts = [quote.outer.start for quote in self.quotes]
        self.sentences = [Span(*bounds) for bounds in columns.sentence_bounds(doc)]
        self._sentence_starts = [span.start for span in self.sentences]
        self._datelines = {
            match.start(): match.end()
            for line in re.finditer(r"^.+", self.text, re.MULTILINE)
            if (match := _DATELINE.match(self.text, line.start(), line.end())) is not None and match[0][:2].isupper()
        }

    def quote_at(self, place: int) -> Quote | None:
        """Return the quotation around a character, its marks included."""
        number = bisect_right(self._quote_starts, place) - 1
        if number >= 0 and place < self.quotes[number].outer.end:
            return self.quotes[number]
        return None

    def quotes_in(self, span: Span) -> list[Quote]:
        """Return the quotations that meet a span."""
        first = max(0, bisect_right(self._quote_starts, span.start) - 1)
        last = bisect_left(self._quote_starts, span.end)
        return [quote for quote in self.quotes[first:last] if quote.outer.end > span.start]

    def sentence(self, place: int) -> Span:
        """Return the sentence around a character, without the dateline of an agency before it."""
        number = max(0, bisect_right(self._sentence_starts, place) - 1)
        span = self.sentences[number]
        start = self._datelines.get(span.start, span.start)
        return Span(start, span.end) if start <= place else span

    def in_dateline(self, place: int) -> bool:
        """Tell a character of an agency's dateline: "KYIV, Feb 8 - "."""
        line = self.text.rfind("\n", max(0, place - 100), place) + 1
        return self._datelines.get(line if line else 0, -1) > place

    def trim(self, start: int, end: int) -> Span | None:
        """Take blanks, a dateline and the marks of a sentence's end off a span; None where no letter is left."""
        if start in self._datelines and self._datelines[start] < end:
            start = self._datelines[start]
        while end > start and self.text[end - 1] in _TRIM:
            end -= 1
        while start < end and self.text[start] in _TRIM:
            start += 1
        if not any(character.isalnum() for character in self.text[start:end]):
            return None
        return Span(start, end)

    def without_marks(self, span: Span) -> list[Span]:
        """Return the inside of a quotation where the span is one from end to end, else the span."""
        quote = self.quote_at(span.start)
        if quote is not None and quote.outer.start >= span.start - 1 and span.end <= quote.outer.end + 1:
            inner = self.trim(*quote.inner)
            return [inner] if inner is not None else []
        return [span]

    def kind(self, contents: Sequence[Span]) -> str:
        """Return the kind of a statement by the marks alone: direct, mixed or indirect."""
        quoted = [self.quote_at(span.start) for span in contents]
        pairs = list(zip(quoted, contents, strict=True))
        if all(q is not None and q.inner.start <= s.start and s.end <= q.inner.end + 1 for q, s in pairs):
            return "direct"
        return "mixed" if any(self.quotes_in(span) for span in contents) else "indirect"

    def ahead(self, token: Token, last: int | None = None) -> list[Token]:
        """Return the tokens after one, up to the end of its sentence (or up to `last`, a token's number)."""
        end = self.sentence(token.idx).end
        found: list[Token] = []
        for number in range(token.i + 1, len(self.doc) if last is None else min(last + 1, len(self.doc))):
            other = self.doc[number]
            if other.idx >= end or "\n" in other.text:
                break
            found.append(other)
        return found
