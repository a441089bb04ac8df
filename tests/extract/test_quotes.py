"""Quotations by their marks: every style, over paragraphs, and what is none."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.extract.quotes import find_quotes


def inner(text: str) -> list[str]:
    """Return the words of each quotation."""
    return [quote.inner.of(text) for quote in find_quotes(text)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('She said: "We go."', ["We go."]),
        ("“We go,” she said. “Now.”", ["We go,", "Now."]),
        ("„Wir gehen“, he said.", ["Wir gehen"]),
        ("He said «we go» twice.", ["we go"]),
        ("He said: ‘We can’t go.’", ["We can’t go."]),
        ("The ministers' plan and the general's view.", []),
        ("It’s the allies’ turn.", []),
        ("\"He told me 'no' twice,\" she said.", ["He told me 'no' twice,"]),
        ('An open mark " and nothing after it.\nNext paragraph.', []),
        ("''We go,'' she said. ''Now.''", ["We go,", "Now."]),
        ("``We go,'' she said.", ["We go,"]),
        ("“First part.\n“Second part.”", ["First part.", "Second part."]),
        ("", []),
    ],
)
def test_quotations(text: str, found: list[str]) -> None:
    """Each style of marks is read, and apostrophes are none."""
    assert inner(text) == found


@given(st.text(alphabet="ab .,\n\"“”„«»‘’'", max_size=200))
def test_quotations_are_ordered_and_apart(text: str) -> None:
    """Quotations stand in the text's order, do not overlap, and lie inside one paragraph."""
    end = 0
    for quote in find_quotes(text):
        assert end <= quote.outer.start < quote.inner.start < quote.inner.end <= quote.outer.end <= len(text)
        assert "\n" not in quote.outer.of(text)
        end = quote.outer.end


@pytest.mark.parametrize("piece", ['"', "“", "'a ", "s' b", "“a\n", '"a" '])
def test_long_repetition_is_endured(piece: str) -> None:
    """Ten thousands of marks are read to their end; quadratic work would not get there."""
    text = piece * 50_000
    found = find_quotes(text)
    assert all(left.outer.end <= right.outer.start for left, right in pairwise(found))
    assert all(quote.outer.end <= len(text) for quote in found)
