"""Names in a text, before it is settled who is meant."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from spacy.language import Language

from pipeline.extract import mentions, model


def found(nlp: Language, text: str) -> list[tuple[str, str]]:
    return [(c.span.of(text), c.actor_type) for c in mentions.find(text, model.parse(nlp, text)).candidates]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Latvia and NATO planners met in the spring.", [("Latvia", "state"), ("NATO", "bloc")]),
        ("The Latvian border was closed.", []),
        ("The Danes voted against it.", [("Danes", "state")]),
        ("The NATO Shipping Centre warned Estonia.", [("NATO Shipping Centre", "organisation"), ("Estonia", "state")]),
        ("The Bundestag rejected the draft of the Dutch defence ministry.",
         [("Bundestag", "government_body"), ("Dutch defence ministry", "government_body")]),
        ("Latvian military spending rose again.", []),
        ("Treasury Secretary Jane Newbold resigned.", [("Jane Newbold", "person")]),
        ("They fired three Patriot missiles, he wrote on Telegram.", []),
        ("Unification Minister Bae Su-jin left.", [("Bae Su-jin", "person")]),
    ],
)
def test_names_of_a_text(nlp: Language, text: str, expected: list[tuple[str, str]]) -> None:
    """Names are found with their type; adjectives, weapons and names inside names are left out."""
    assert found(nlp, text) == expected


def test_the_state_of_a_body(nlp: Language) -> None:
    """A possessive is a mention of the state of its own, and tells whose body it is."""
    text = "Latvia's defence ministry said nothing."
    names = mentions.find(text, model.parse(nlp, text)).candidates
    assert [(c.span.of(text), c.country) for c in names] == [("Latvia", None), ("defence ministry", "LVA")]


@settings(max_examples=40, deadline=None)
@given(text=st.text(max_size=120))
def test_any_text(nlp: Language, text: str) -> None:
    """On any string the names lie inside it, in order, and do not overlap."""
    end = 0
    for candidate in mentions.find(text, model.parse(nlp, text)).candidates:
        assert end <= candidate.span.start < candidate.span.end <= len(text)
        end = candidate.span.end
