"""The reader: windows that hold every word once, tags and links that become well-formed attributions."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from spacy.language import Language

from pipeline.extract import model, reader
from pipeline.extract.attributions import find_attributions
from pipeline.extract.decoding import CONTENT, CUE, SOURCE, TAGS, Reading, best_tags, decode
from pipeline.extract.passage import Passage
from pipeline.extract.records import ModelNotInstalled, Span
from pipeline.extract.windows import CLS, FEATURES, SEP, SIZE, windows

TEXT = st.text(alphabet=st.sampled_from("abcé Aß,.\"“”'‘’«»\n\t–—$1三🙂 say"), max_size=400)


@settings(max_examples=60, deadline=None)
@given(text=TEXT)
def test_windows_hold_every_word_once(text: str, nlp: Language) -> None:
    """Whatever the text, its words stand in the windows in their order, none twice, each with its first piece."""
    read = reader.load()
    passage = Passage(model.parse(nlp, text))
    made = list(windows(passage, find_attributions(passage), read.tokenizer, read.inventory))
    words = [word for window in made for word in window.words]
    assert words == sorted(words)
    assert all(one.end <= other.start for one, other in itertools.pairwise(words))
    covered = {place for word in words for place in range(word.start, word.end)}
    assert all(place in covered for place, sign in enumerate(text) if sign.isalnum())
    for window in made:
        assert window.ids[0] == CLS and window.ids[-1] == SEP
        assert window.features.shape == (len(window.ids), len(FEATURES))
        assert (window.features < np.array(read.inventory.sizes)).all() and (window.features >= 0).all()
        assert len(window.first) == len(window.words)


def test_long_paragraph_is_cut_between_sentences(nlp: Language) -> None:
    """A paragraph longer than a window is cut where a sentence ends, and no window exceeds its size."""
    text = " ".join(["The minister said that the army would buy new tanks next year."] * 60)
    read = reader.load()
    made = list(windows(Passage(model.parse(nlp, text)), [], read.tokenizer, read.inventory))
    assert len(made) > 3
    assert max(len(window.ids) for window in made) <= SIZE + 2
    assert all(text[window.words[-1].start : window.words[-1].end] == "." for window in made)


def test_introduction_goes_with_its_quotation(nlp: Language) -> None:
    """A paragraph that ends with a colon is read in one window with the next, where that has room for both."""
    filler = "\n".join(["Nothing of note happened in the harbour on that long grey day."] * 13)
    text = f"{filler}\nMinister Anna Berg then added:\n“We will pay for every ship that sails, and for every crew.”"
    read = reader.load()
    made = list(windows(Passage(model.parse(nlp, text)), [], read.tokenizer, read.inventory))
    assert len(made) == 2
    last = text[made[-1].words[0].start : made[-1].words[-1].end]
    assert last.startswith("Minister Anna Berg then added:\n“We will pay")


def test_features_tell_marks_and_grammar(nlp: Language) -> None:
    """A word inside quotation marks is told from one outside, and what the grammar found is painted on its words."""
    text = 'Kallas said: "We will pay."'
    read = reader.load()
    passage = Passage(model.parse(nlp, text))
    (window,) = windows(passage, find_attributions(passage), read.tokenizer, read.inventory)
    quote, grammar = FEATURES.index("quote"), FEATURES.index("grammar")
    by_word = {
        text[word.start : word.end]: window.features[place]
        for word, place in zip(window.words, window.first, strict=True)
    }
    assert [by_word[word][quote] for word in ("said", "We", "pay")] == [0, 1, 1]
    assert [by_word[word][grammar] for word in ("Kallas", "said", "We", "will")] == [SOURCE, CUE, CONTENT, CONTENT + 1]


def reading(tags: list[int], cue: dict[int, int], source: dict[int, int]) -> Reading:
    """Return a reading that is nearly sure: tags by word; the cue of a content word, the source of a cue word."""
    size = len(tags)

    def sure(rows: int, columns: int, chosen: dict[int, int]) -> np.ndarray:
        table = np.full((rows, columns), np.log(0.01), dtype=np.float32)
        for row, column in chosen.items():
            table[row, column] = np.log(0.95)
        return table

    tagged = sure(size, TAGS, dict(enumerate(tags)))
    words = tuple(Span(3 * number, 3 * number + 2) for number in range(size))
    return Reading(words, tagged, tagged, sure(size, size + 1, cue), sure(size, size + 1, source))


def test_a_source_is_shared_by_two_cues() -> None:
    """ "X said A and warned B": two attributions with one source; each content goes to the cue that it points to."""
    tags = [SOURCE, CUE, CONTENT, CONTENT + 1, 0, CUE, CONTENT]
    found = decode(reading(tags, {2: 2, 3: 2, 6: 6}, {1: 1, 5: 1}))
    assert [(one.source, one.cue, one.content) for one in found] == [
        (Span(0, 2), Span(3, 5), (Span(6, 11),)),
        (Span(0, 2), Span(15, 17), (Span(18, 20),)),
    ]


def test_content_is_split_by_its_cue_and_may_have_no_cue() -> None:
    """ "A", said X, "B": one attribution of two pieces; a content that points to nothing has no cue."""
    tags = [CONTENT, CUE, SOURCE, CONTENT, 0, CONTENT]
    found = decode(reading(tags, {0: 2, 3: 2, 5: 0}, {1: 3}))
    assert [(one.cue, one.content) for one in found] == [
        (Span(3, 5), (Span(0, 2), Span(9, 11))),
        (None, (Span(15, 17),)),
    ]


def test_content_of_a_word_that_is_no_cue_is_left_alone() -> None:
    """A content that points to a word which is not taken for a cue does not go to the next best cue there is."""
    tags = [CUE, CONTENT, 0, 0, CONTENT]
    found = decode(reading(tags, {1: 1, 4: 4}, {0: 0}))  # the second points to the word before it
    assert [(one.cue, one.content) for one in found] == [
        (Span(0, 2), (Span(3, 5),)),
        (None, (Span(12, 14),)),
    ]


@settings(max_examples=100, deadline=None)
@given(seed=st.integers(0, 10_000), size=st.integers(1, 30))
def test_spans_are_well_formed(seed: int, size: int) -> None:
    """Whatever the network says, no span goes on that has not begun, and decoding yields disjoint contents in order."""
    chance = np.random.default_rng(seed)
    scores = np.log(chance.dirichlet(np.ones(TAGS) * 0.3, size).astype(np.float32) + 1e-6)
    tags = best_tags(scores)
    for before, tag in zip([0, *tags], tags, strict=False):
        if tag in (SOURCE + 1, CUE + 1, CONTENT + 1):
            assert before in (tag - 1, tag)
    links = np.log(chance.dirichlet(np.ones(size + 1), size).astype(np.float32) + 1e-6)
    words = tuple(Span(2 * number, 2 * number + 1) for number in range(size))
    pieces = sorted(span for one in decode(Reading(words, scores, scores, links, links)) for span in one.content)
    assert all(one.end <= other.start for one, other in itertools.pairwise(pieces))


def test_same_window_same_answer(nlp: Language) -> None:
    """What is read depends on the text alone, not on what was read before."""
    passage = Passage(model.parse(nlp, "Kallas said that Estonia would pay more. Critics doubt it."))
    read = reader.load()
    first = [decode(one) for one in read.read(passage, [])]
    list(read.read(Passage(model.parse(nlp, "Merz warned of delays. " * 50)), []))
    assert [decode(one) for one in read.read(passage, [])] == first


def test_missing_model_names_the_way_out(tmp_path: Path) -> None:
    """A folder without the model is a clear error."""
    with pytest.raises(ModelNotInstalled, match="restore the folder from the repository"):
        reader.Reader(tmp_path)


def test_shipped_model_tells_nothing_of_a_machine() -> None:
    """The exporter keeps lines of code with their paths; the shipped file does not."""
    assert b"site-packages" not in (reader.FOLDER / "reader.onnx").read_bytes()


def test_shipped_model_reads_one_window_without_a_mask() -> None:
    """The exported graph is compacted (`training.compact`): nothing in it is for padding."""
    assert [one.name for one in reader.load()._session.get_inputs()] == ["ids", "features"]
