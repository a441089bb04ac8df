"""Running a spaCy pipeline over many texts at once: each component in the way that is quickest and changes nothing.

What a component finds is its own business; those that take the time are reproduced in `transitions` and `words`, all
others run as spaCy runs them. Which texts are run together is decided in `model`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache, partial
from typing import Any

from spacy.language import Language
from spacy.pipeline import Tagger, Tok2Vec
from spacy.tokens import Doc

from pipeline.extract import transitions, words

Step = Callable[[Sequence[Doc]], Sequence[Doc]]


def annotate(nlp: Language, docs: Sequence[Doc]) -> Sequence[Doc]:
    """Run the components of a pipeline over tokenized texts; the result is that of `nlp.pipe`."""
    for step in _steps(nlp):
        docs = step(docs)
    return docs


def runs(docs: Sequence[Doc], size: int) -> Iterator[Sequence[Doc]]:
    """Yield texts in runs of at most `size` words; a longer text is a run by itself."""
    start = words_ = 0
    for number, doc in enumerate(docs):
        if number > start and words_ + len(doc) > size:
            yield docs[start:number]
            start, words_ = number, 0
        words_ += len(doc)
    if docs[start:]:
        yield docs[start:]


@lru_cache(maxsize=2)
def _steps(nlp: Language) -> list[Step]:
    return [_step(component) for _, component in nlp.pipeline]


def _step(component: Any) -> Step:
    if transitions.parses(component):
        return _in_place(partial(transitions.parse, component))
    if transitions.recognises(component):
        return _in_place(_each(partial(transitions.recognise, component)))
    if words.rules(component):
        return _in_place(_each(words.Ruler(component)))
    if words.lemmatizes(component):
        return _in_place(_each(words.Lemmas(component)))
    if type(component) in (Tok2Vec, Tagger):
        return _in_place(_each(partial(_predict, component)))
    return lambda docs: [component(doc) for doc in docs]


def _predict(component: Any, doc: Doc) -> None:
    component.set_annotations([doc], component.predict([doc]))


def _in_place(work: Callable[[Sequence[Doc]], None]) -> Step:
    def step(docs: Sequence[Doc]) -> Sequence[Doc]:
        work(docs)
        return docs

    return step


def _each(work: Callable[[Doc], None]) -> Callable[[Sequence[Doc]], None]:
    def step(docs: Sequence[Doc]) -> None:
        for doc in docs:
            work(doc)

    return step
