"""Annotated documents as the reader learns from them: a tag for each word, a cue for each content."""

from __future__ import annotations

import pytest
from spacy.language import Language

from pipeline.extract import model, reader
from pipeline.extract.confidence import Evidence
from pipeline.extract.decoding import CONTENT, CUE, SOURCE
from pipeline.extract.passage import Passage
from pipeline.extract.records import Attribution, Span
from pipeline.extract.windows import windows
from training import IGNORED
from training.confidence import fit, is_right
from training.examples import Annotated, Annotation, example
from training.reader_examples import arrays, joined

TEXT = "Kallas said that Merz had promised tanks."


def spans(*words: str) -> tuple[Span, ...]:
    """Return the spans of words of TEXT."""
    return tuple(Span(TEXT.index(word), TEXT.index(word) + len(word)) for word in words)


OUTER = Annotation(spans("Kallas"), spans("said"), spans("that Merz had promised tanks"))
INNER = Annotation(spans("Merz"), spans("promised"), spans("tanks"))


@pytest.mark.parametrize("speech", [True, False])
def test_targets(nlp: Language, speech: bool) -> None:
    """The outer attribution is learned with its links; of the gold documents' nested ones nothing is."""
    document = Annotated("d", TEXT, (OUTER, INNER) if speech else (OUTER,), speech)
    read = reader.load()
    (window,) = windows(Passage(model.parse(nlp, TEXT)), [], read.tokenizer, read.inventory)
    learned = example(document, window)
    tags = dict(zip([TEXT[word.start : word.end] for word in window.words], learned.tags.tolist(), strict=True))
    assert tags["Kallas"] == SOURCE and tags["said"] == CUE and tags["that"] == CONTENT
    assert tags["Merz"] == tags["tanks"] == CONTENT + 1 and tags["."] == 0
    piece = {
        TEXT[word.start : word.end]: place for word, place in zip(window.words, window.first.tolist(), strict=True)
    }
    order = list(piece)
    assert learned.links[0, order.index("tanks")] == piece["said"]
    assert learned.links[1, order.index("said")] == piece["Kallas"]
    assert learned.links[0, order.index("Kallas")] == IGNORED
    assert learned.speech is speech


def test_cue_of_another_window_is_none(nlp: Language) -> None:
    """A content whose cue stands in another window points to [CLS], and so does a cue without a source."""
    read = reader.load()
    (window,) = windows(Passage(model.parse(nlp, "tanks")), [], read.tokenizer, read.inventory)
    far = Annotation((), (Span(900, 904),), (Span(0, 5),))
    assert example(Annotated("d", "tanks", (far,), False), window).links[0].tolist() == [0]


def test_columns_hold_what_windows_held(nlp: Language) -> None:
    """Windows laid end to end keep each word's target at its first wordpiece, and nothing at the others."""
    read = reader.load()
    found = []
    for text, said in ((TEXT, (OUTER,)), ("Rheinmetall resumed.", ())):
        (window,) = windows(Passage(model.parse(nlp, text)), [], read.tokenizer, read.inventory)
        found.append(example(Annotated("d", text, said, False), window))
    columns = joined([arrays(found[:1], "news"), arrays(found[1:], "more")])
    assert columns["sets"].tolist() == ["news", "more"]
    stops = columns["lengths"].cumsum().tolist()
    for one, start, stop in zip(found, [0, *stops], stops, strict=False):
        assert columns["ids"][start:stop].tolist() == one.window.ids.tolist()
        assert columns["features"][start:stop].tolist() == one.window.features.tolist()
        first = columns["first"][start:stop]
        assert first.nonzero()[0].tolist() == one.window.first.tolist()
        assert columns["tags"][start:stop][first].tolist() == one.tags.tolist()
        assert columns["links"][start:stop][first].T.tolist() == one.links.tolist()
        assert set(columns["tags"][start:stop][~first].tolist()) == {IGNORED}
    assert len(found[1].window.ids) > len(found[1].window.first) + 2


def test_right_needs_content_and_speaker() -> None:
    """A statement is right with half of the content's union and a speaker that meets the source; without, none."""
    one = Attribution(spans("Merz had promised tanks"), spans("said")[0], spans("Kallas")[0], "indirect", "say", "say")
    assert is_right(one, [OUTER])
    assert not is_right(one, [INNER])
    assert not is_right(Attribution(one.content, one.cue, None, "indirect", "say", "say"), [OUTER])


def test_fit_separates() -> None:
    """The fit gives a higher probability to what is right more often."""
    seen = [(Evidence({"both": 1.0}), number % 10 > 0) for number in range(100)]
    seen += [(Evidence({"network": 1.0}), number % 2 > 0) for number in range(100)]
    weights = fit(seen)
    assert weights["both"] > 1.5
    assert abs(weights["network"]) < 0.3
