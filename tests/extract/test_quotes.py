"""Quotations by their marks: every style, over paragraphs, and what is none."""

from __future__ import annotations

import time

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
def test_many_marks_take_time_in_proportion(piece: str) -> None:
    """Ten times the marks take far less than a hundred times as long."""

    def seconds(text: str) -> float:
        start = time.perf_counter()
        find_quotes(text)
        return time.perf_counter() - start

    small = min(seconds(piece * 2_000) for _ in range(3))
    assert seconds(piece * 20_000) < 60 * max(small, 1e-3)
