"""Parsing texts of any length, in pieces that joined are the text."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from spacy.language import Language

from pipeline.extract import model
from pipeline.extract.records import ModelNotInstalled


@given(st.text(alphabet="ab. \n”!", max_size=200), st.integers(1, 50))
def test_pieces_joined_are_the_text(text: str, size: int) -> None:
    """Nothing is lost where a text is cut, and no piece is too long."""
    found = list(model.pieces(text, size))
    assert "".join(found) == text
    assert all(len(piece) <= size for piece in found)


@pytest.mark.parametrize("text", ["", "$" * 15_000, "One.\nTwo. " * 3_000, "word" * 8_000, "\n" * 500])
def test_offsets_are_those_of_the_text(nlp: Language, text: str) -> None:
    """However long the text and its words, tokens stand where their characters stand."""
    doc = model.parse(nlp, text)
    assert doc.text == text
    assert all(text[token.idx : token.idx + len(token)] == token.text for token in doc)


def test_texts_parsed_together_are_parsed_as_each_alone(nlp: Language) -> None:
    """Long texts are put together again, and all are in their order."""
    texts = ["One said no.\nTwo. " * 1_500, "", "He said “yes”.", "One said no.\nTwo. " * 1_400, "word " * 9_000]
    for text, doc in zip(texts, model.parse_all(nlp, texts), strict=True):
        alone = model.parse(nlp, text)
        assert doc.text == text
        assert [(t.idx, t.tag_, t.head.i, t.dep_, t.lemma_, t.ent_type_, t.is_sent_start) for t in doc] == [
            (t.idx, t.tag_, t.head.i, t.dep_, t.lemma_, t.ent_type_, t.is_sent_start) for t in alone
        ]


def test_sentence_starts_after_a_line_break(nlp: Language) -> None:
    """A headline without a full stop is a sentence of its own."""
    doc = model.parse(nlp, "Rising concerns in the north\nThe minister spoke.")
    assert [sentence.text.strip() for sentence in doc.sents] == ["Rising concerns in the north", "The minister spoke."]


@pytest.mark.parametrize(("chosen", "threads"), [(None, "1"), ("3", "3")])
def test_matrices_take_one_thread_unless_the_user_says_otherwise(chosen: str | None, threads: str) -> None:
    """The package chooses before numpy is loaded, and what stands in the environment is kept."""
    kept = {name: value for name, value in os.environ.items() if name != "OPENBLAS_NUM_THREADS"}
    told = "import pipeline, os, sys; print(os.environ['OPENBLAS_NUM_THREADS'], 'numpy' in sys.modules)"
    environment = kept if chosen is None else kept | {"OPENBLAS_NUM_THREADS": chosen}
    done = subprocess.run([sys.executable, "-c", told], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.split() == [threads, "False"]


def test_missing_model_is_named_with_a_way_out() -> None:
    """The error names the model and the setting."""
    with pytest.raises(ModelNotInstalled, match=r"no_such_model.*COMMUNIQUE_MODEL"):
        model.load("no_such_model")
