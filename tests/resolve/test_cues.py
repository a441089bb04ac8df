"""Cue words, and how near they stand to a figure."""

from __future__ import annotations

from spacy.language import Language

from pipeline.extract import model
from pipeline.extract.records import Figure, Span
from pipeline.resolve.cues import Lexicon, Words, sites
from pipeline.resolve.defence import without_conversions


def _figure(text: str, words: str, unit: str = "EUR") -> Figure:
    at = text.index(words)
    return Figure(Span(at, at + len(words)), "money", 1.0, 1.0, None, unit, Span(0, len(text)))


def test_the_longer_term_wins(nlp: Language) -> None:
    """Of two terms that start at the same word only the longer is found, by word or lemma."""
    words = Words(nlp("Patrol boats and a boat were ordered."))
    lexicon = Lexicon([("patrol", "x", 1.0), ("patrol boat", "y", 2.0), ("order", "z", 3.0)])
    assert [(hit.term, hit.label) for hit in lexicon.find(words)] == [("patrol boat", "y"), ("order", "z")]


def test_a_figure_owns_its_part_of_the_sentence(nlp: Language) -> None:
    """The words between two figures belong to both, those beyond the neighbour count less."""
    text = "Radars cost 2 million euros and tanks 9 million euros."
    words = Words(model.parse(nlp, text))
    first, second = sites(words, [_figure(text, "2 million euros"), _figure(text, "9 million euros")])
    tanks = words.lower.index("tanks")
    radars = words.lower.index("radars")
    assert first.nearness(radars) == first.nearness(tanks) == second.nearness(tanks) == 1.0
    assert second.nearness(radars) < 1.0


def test_a_conversion_is_left_out() -> None:
    """Of a sum and its conversion in brackets, the first stays; sums of one currency both stay."""
    text = "It cost 3 million euros (about $4 million) and 5 million euros, 6 million euros."
    figures = [
        _figure(text, "3 million euros"),
        _figure(text, "about $4 million", "USD"),
        _figure(text, "5 million euros"),
        _figure(text, "6 million euros"),
    ]
    kept = without_conversions(text, figures)
    assert [figure.span.of(text) for figure in kept] == ["3 million euros", "5 million euros", "6 million euros"]
