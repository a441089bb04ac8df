"""How cues are classed, and what the lexicons promise."""

from __future__ import annotations

import pytest
from spacy.language import Language

from pipeline.extract.cues import classed, is_negated, modality
from pipeline.reference import rows


def test_lexicons_do_not_contradict_each_other() -> None:
    """No word of `cue_words` stands twice, or is an entry of the verbs; all its classes are known there."""
    words = [row["word"] for row in rows("cue_words")]
    assert words == sorted(set(words))
    assert not set(words) & {row["lemma"] for row in rows("cues") if not row["particle"]}
    assert {row["class"] for row in rows("cue_words")} <= {row["class"] for row in rows("cues")}


@pytest.mark.parametrize(
    ("cue", "lemma", "cue_class"),
    [
        ("has promised", "promise", "promise"),
        ("called for", "call", "demand"),
        ("called", "call", "describe"),
        ("expressed concern", "concern", "fear"),
        ("her pledge", "pledge", "promise"),
        ("wants", "want", "plan"),
        ("were convinced", "convinced", "think"),
        ("xyzzy", None, None),
    ],
)
def test_class(nlp: Language, cue: str, lemma: str | None, cue_class: str | None) -> None:
    """The word that carries a cue decides; a light verb only where nothing else does."""
    token, found = classed(list(nlp(cue)))
    assert found == cue_class
    assert token is None if lemma is None else token is not None and token.lemma_.lower().startswith(lemma[:6])


@pytest.mark.parametrize(
    ("text", "verb", "negated", "manner"),
    [
        ("He did not rule out a veto.", "rule", True, "actual"),
        ("She never said that it was over.", "said", True, "actual"),
        ("The minister will announce that the fleet grows.", "announce", False, "future"),
        ("Critics would say that it is late.", "say", False, "hypothetical"),
        ("If she says that it is late, we leave.", "says", False, "hypothetical"),
        ("She says that it is late.", "says", False, "actual"),
    ],
)
def test_manner(nlp: Language, text: str, verb: str, negated: bool, manner: str) -> None:
    """Whether the act is denied, and whether it took place."""
    token = next(token for token in nlp(text) if token.text == verb)
    assert (is_negated(token), modality(token)) == (negated, manner)
