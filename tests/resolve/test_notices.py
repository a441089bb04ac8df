"""Notices of contracts: what they are for, in the words of their template."""

from __future__ import annotations

import pytest
from spacy.language import Language

from pipeline.extract import model
from pipeline.extract.records import Figure, Span
from pipeline.resolve.cues import Words, sites
from pipeline.resolve.notices import goods

CONTRACTS = frozenset(("contract", "order", "modification", "option", "agreement"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "Ash was awarded a $5,000,000 contract for repairs to buildings 5 and 6.",
            "repairs to buildings 5 and 6",
        ),
        (
            "Ash is awarded $5,000,000 for firm-fixed-price order 7 under a contract for the testing of masts.",
            "testing of masts",
        ),
        (
            "Ash has been awarded a $5,000,000 contract for fuel, with an estimated completion date in May.",
            "fuel",
        ),
        ("Ash was awarded a $5,000,000 modification to an earlier contract.", None),
        ("$5,000,000 for", None),
    ],
)
def test_what_a_notice_is_for(nlp: Language, text: str, expected: str | None) -> None:
    """It is what follows the first "for" that leads to no contract, up to the date of completion."""
    start = text.index("$5,000,000")
    figure = Figure(Span(start, start + 10), "money", 5e6, 5e6, None, "USD", Span(0, len(text)))
    words = Words(model.parse(nlp, text))
    (site,) = sites(words, [figure])
    found = goods(words, site, CONTRACTS)
    assert (found and words.doc[found[0] : found[1]].text) == expected
