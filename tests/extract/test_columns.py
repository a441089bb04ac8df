"""What is read off a parse by columns is what a walk over its words gives."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from spacy.language import Language

from pipeline.extract import columns, model

TEXTS = (
    "",
    "One.",
    "NATO: Rutte asks for more.\n\nHe said: “We need 5%.” It was late…\n",
    "  \n\nKYIV (AP) - Ukraine will get 12 tanks. Who pays? Nobody knows.\t\n ",
)


@pytest.mark.parametrize("text", TEXTS)
def test_sentences(nlp: Language, text: str) -> None:
    """Sentences are those of spaCy, blanks at their ends included."""
    doc = model.parse(nlp, text)
    assert columns.sentence_bounds(doc) == [(sent.start_char, sent.end_char) for sent in doc.sents]
    assert columns.sentences(doc) == [(sent.start, sent.end) for sent in doc.sents]
    assert columns.sentence_starts(doc) == [sent.start for sent in doc.sents]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from(["Kallas", "said", ".", "!", "\n", " ", "that", "five", "jets", ":", "“", "”"])))
def test_sentences_of_any_words(nlp: Language, words: list[str]) -> None:
    """So it is for whatever words in a row."""
    doc = model.parse(nlp, " ".join(words))
    assert columns.sentence_bounds(doc) == [(sent.start_char, sent.end_char) for sent in doc.sents]
