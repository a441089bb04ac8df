"""Texts run together through spaCy's components: what is found is what spaCy finds in each alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from spacy.lang.en import English
from spacy.language import Language
from spacy.tokens import Doc, Token

from pipeline.extract import components, transitions, words

NEWS = (
    "Kaja Kallas said on Monday that the European Union will spend 800 billion euros by 2030.",
    "“It isn't Lockheed Martin's problem,” he told the New York Times.\n\nThere's no plan, y'all; let's wait.",
    "He ain't gonna pay, ain't he? They've gotta c'mon. There were two. Nothin' came, an' nuthin' will.",
    "The U.S. Department of the Treasury, in Washington, D.C.,",
    "Poland",
    "  \n\n ",
    "",
)
CHARACTERS = "abé I'n’t\n .,“”\"$€3%-–(Ł"


def annotations(doc: Doc) -> list[tuple[Any, ...]]:
    """Return all that is set of each word."""

    def told(token: Token) -> tuple[Any, ...]:
        sent = token.is_sent_start
        name = token.ent_iob_, token.ent_type_
        return token.text, token.tag_, token.pos_, str(token.morph), token.lemma_, token.dep_, token.head.i, sent, *name

    return list(map(told, doc))


def check(nlp: Language, texts: Sequence[str]) -> None:
    """Check that texts run together are annotated as spaCy annotates each of them."""
    found = components.annotate(nlp, [nlp.make_doc(text) for text in texts])
    assert [annotations(doc) for doc in found] == [annotations(nlp(text)) for text in texts]


def test_every_component_of_the_model_is_known(nlp: Language) -> None:
    """The parser, the recogniser, the ruler and the lemmatizer of the shipped model take the short way."""
    parser, recogniser, ruler, lemmatizer = map(nlp.get_pipe, ("parser", "ner", "attribute_ruler", "lemmatizer"))
    assert transitions.parses(parser) and transitions.recognises(recogniser)
    assert words.rules(ruler) and words.lemmatizes(lemmatizer)


def test_texts_run_together_are_annotated_as_each_alone(nlp: Language) -> None:
    """Sentences of news, colloquial pairs of words, blanks, one word and none."""
    check(nlp, NEWS)
    check(nlp, [" ".join(NEWS) * 5, *NEWS])


@settings(max_examples=30, deadline=None)
@given(texts=st.lists(st.text(alphabet=CHARACTERS, max_size=60), min_size=1, max_size=4))
def test_odd_texts_are_annotated_as_each_alone(nlp: Language, texts: list[str]) -> None:
    """Signs in any order, several texts together."""
    check(nlp, texts)


def test_a_memory_that_is_full_is_emptied(nlp: Language, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is remembered of words is bounded, and forgetting it changes nothing."""
    monkeypatch.setattr(words, "REMEMBERED", 3)
    for _ in range(2):
        check(nlp, NEWS)


@pytest.mark.parametrize(
    ("patterns", "attributes"),
    [
        ([[{"LOWER": "go"}, {"POS": "VERB"}]], {"LEMMA": "go"}),
        ([[{"LOWER": "go", "OP": "+"}]], {"LEMMA": "go"}),
        ([[{"LOWER": {"FUZZY": "go"}}]], {"LEMMA": "go"}),
        ([[{"LOWER": "go"}]], {"NORM": "go"}),
    ],
)
def test_rules_of_other_kinds_run_as_spacy_runs_them(patterns: Any, attributes: dict[str, str]) -> None:
    """A pipeline with rules that look at more, or set more, than this module knows takes the long way."""
    nlp = English()
    ruler: Any = nlp.add_pipe("attribute_ruler")
    ruler.add(patterns, attributes)
    assert not words.rules(ruler)
    check(nlp, ["Go! They go go now."])


def test_of_two_rules_the_later_has_the_last_say() -> None:
    """Also where the one looks at two words and the other at one, and where a place is counted from the end."""
    nlp = English()
    ruler: Any = nlp.add_pipe("attribute_ruler")
    ruler.add([[{"LOWER": "went"}]], {"LEMMA": "go", "POS": "VERB"})
    ruler.add([[{"LOWER": {"REGEX": "^w"}}, {"LOWER": "on"}]], {"LEMMA": "go on", "TAG": "VBD"})
    ruler.add([[{"LOWER": "he"}, {"LOWER": {"NOT_IN": ["he", "is"]}}]], {"LEMMA": "do"}, index=-1)
    ruler.add([[{"LOWER": "on"}]], {"TAG": "RP"})
    assert words.rules(ruler)
    check(nlp, ["He went on.", "They went on.", "went", "He", "he he is went went on"])


@pytest.mark.parametrize("sizes", [[3], [3, 3, 3], [0, 9, 1, 1], [], [0, 0]])
def test_runs_keep_all_texts_in_order(sizes: list[int]) -> None:
    """A text longer than a run is a run by itself."""
    nlp = English()
    docs = [nlp.make_doc("a " * size) for size in sizes]
    found = list(components.runs(docs, 6))
    assert [doc for run in found for doc in run] == docs
    assert all(sum(map(len, run)) <= 6 or len(run) == 1 for run in found)
