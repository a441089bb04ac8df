"""Who said what, as both readings together find it: forms that the grammar alone misses, and those it knows better."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from spacy.language import Language

from pipeline.extract import model, reader
from pipeline.extract.attributions import find_attributions
from pipeline.extract.decoding import Candidate
from pipeline.extract.passage import Passage
from pipeline.extract.records import Attribution, Span
from pipeline.extract.statements import find_statements, without_foreign
from pipeline.extract.turns import find_capitals


def statements(nlp: Language, text: str) -> list[Attribution]:
    """Return the statements of a text."""
    return find_statements(Passage(model.parse(nlp, text)), reader.load())


def said(nlp: Language, text: str) -> list[tuple[str | None, str | None, list[str]]]:
    """Return speaker, cue and contents of the statements, as words."""
    return [
        (one.speaker and one.speaker.of(text), one.cue and one.cue.of(text), [span.of(text) for span in one.content])
        for one in statements(nlp, text)
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "''We have shown the world what we can do,'' Mr. Kosonen said on Tuesday. ''Now we rest.''",
            ("Mr. Kosonen", "said", ["We have shown the world what we can do", "Now we rest"]),
        ),
        (
            "Two officials familiar with the talks described the offer as an insult.",
            ("Two officials familiar with the talks", "described", ["the offer as an insult"]),
        ),
        (
            "The general told reporters in Vilnius that the brigade would be ready in 2027.",
            ("The general", "told", ["the brigade would be ready in 2027"]),
        ),
        (
            "Analysts at the institute doubt that the factory can deliver on time.",
            ("Analysts at the institute", "doubt", ["the factory can deliver on time"]),
        ),
    ],
)
def test_statement(nlp: Language, text: str, expected: tuple[str, str, list[str]]) -> None:
    """Speaker, cue and content are found, the content without its marks and without "that"."""
    assert expected in said(nlp, text)


def test_statement_inside_another(nlp: Language) -> None:
    """What somebody is said to have said is a statement of its own."""
    text = "Trump says that Rutte has promised him the aid will keep flowing."
    assert [speaker for speaker, _, _ in said(nlp, text)] == ["Trump", "Rutte"]


def test_belief_and_intention_are_told_apart(nlp: Language) -> None:
    """Belief and intention are attributed, but in classes of their own."""
    text = (
        "The chancellor supports the plan of her coalition partner. The ministry wants to buy forty tanks. "
        "The minister warned that time was short."
    )
    classes = {one.cue_class for one in statements(nlp, text)}
    assert "warn" in classes
    assert classes <= {"warn", "think", "plan"}


def test_speech_of_one_speaker_is_a_turn(nlp: Language) -> None:
    """A label with a title opens a speech; it goes on as long as the speaker speaks of himself."""
    text = (
        "Harbour Base\nTHE PRESIDENT: Thank you all for coming.\nGeneral Brandt said it well yesterday.\n"
        "I am proud of every one of you."
    )
    assert said(nlp, text) == [
        (
            "THE PRESIDENT",
            ":",
            [
                "Thank you all for coming",
                "General Brandt said it well yesterday",
                "I am proud of every one of you",
            ],
        )
    ]


@pytest.mark.parametrize("verb", ["posted on X", "argued", "told reporters"])
@pytest.mark.parametrize(
    ("name", "aside"),
    [
        ("Andrii Yermak", "who heads the president’s office in Kyiv"),
        ("Anna Lind", "who commands the navy"),
        ("Jonas Berg", "whose party left the coalition"),
        ("Maria Costa", "a former general who now advises the ministry"),
    ],
)
def test_what_is_told_of_a_speaker_stands_between(nlp: Language, name: str, aside: str, verb: str) -> None:
    """An aside between a name and its verb keeps no quotation from them, not even one with a cue in it."""
    text = f"The Ukrainians say the figures prove a point. “We will not wait,” {name}, {aside}, {verb}."
    (spoken,) = [one for one in statements(nlp, text) if one.kind == "direct"]
    assert spoken.cue is not None and verb.startswith(spoken.cue.of(text))
    assert spoken.speaker is not None and spoken.speaker.of(text) == name
    assert [span.of(text) for span in spoken.content] == ["We will not wait"]


def test_quotation_with_a_cue_of_its_own_is_nobody_elses(nlp: Language) -> None:
    """Where the network hangs a quotation on another cue too, it stays with the one that the grammar sees beside it."""
    text = "The army says it is ready. “We will not wait,” Anna Lind argued."

    def span(words: str) -> Span:
        return Span(text.index(words), text.index(words) + len(words))

    grammar = find_attributions(Passage(model.parse(nlp, text)))
    clause, quotation = span("it is ready"), span("“We will not wait,”")
    one = Candidate((clause, quotation), span("says"), span("The army"), 0.9, 0.9, 0.9, 0.7, 0.9)
    argued = replace(one, cue=span("argued"))
    alone = replace(one, content=(quotation,))
    found = without_foreign(len(text), [one, argued, alone], grammar)
    assert found == [replace(one, content=(clause,)), argued, alone]


def test_headings_in_capitals_are_no_speakers(nlp: Language) -> None:
    """Capitals and a colon are a heading where nobody speaks twice, is asked or has a title."""
    text = "TARIFFS WORK: Prices fell last year.\nA GOLDEN RULE: Trade is to be fair.\nNO MORE DELAY: Ships are built."
    assert not any(one.cue_lemma == ":" for one in statements(nlp, text))
    passage = Passage(model.parse(nlp, f"{text}\nNote: Rain.\nIn 2025: NATO met."))
    headings = [span.of(passage.text) for span in find_capitals(passage)]
    assert headings == ["TARIFFS WORK:", "A GOLDEN RULE:", "NO MORE DELAY:"]
    assert find_capitals(Passage(model.parse(nlp, f"{text}\nTHE PRESIDENT: Thank you."))) == []


def test_transcript_has_turns_only(nlp: Language) -> None:
    """In a transcript each turn is one statement; what a turn reports is none of its own."""
    text = "MS. LINDE: The president said he would sign. He believes it is right.\nQ When?\nMS. LINDE: He said soon."
    found = statements(nlp, text)
    assert [one.cue_lemma for one in found] == [":", ":"]


@pytest.mark.parametrize(
    ("text", "negated", "modality"),
    [
        ("The minister did not rule out that the army would leave.", True, "actual"),
        ("The minister said that the army would leave.", False, "actual"),
    ],
)
def test_manner(nlp: Language, text: str, negated: bool, modality: str) -> None:
    """Negation belongs to the cue, not to what is said."""
    assert [(one.negated, one.modality) for one in statements(nlp, text)] == [(negated, modality)]


@settings(max_examples=40, deadline=None)
@given(
    parts=st.lists(
        st.sampled_from(
            [
                '"We pay," Kallas said.',
                "Critics doubt it.",
                "\n",
                "“",
                '"',
                "according to Merz",
                "''",
                " said ",
                "‘No’",
                "42",
            ]
        ),
        max_size=30,
    )
)
@example(parts=["''", *['"We pay," Kallas said.'] * 3, "''"])  # a piece of one quotation around several others
def test_any_text_gives_sound_spans(parts: list[str], nlp: Language) -> None:
    """Contents are in order, do not overlap, lie in the text and hold a letter; no speaker is inside its content."""
    text = " ".join(parts)
    for one in statements(nlp, text):
        assert one.content == tuple(sorted(one.content))
        assert all(left.end <= right.start for left, right in pairwise(one.content))
        assert all(0 <= span.start < span.end <= len(text) for span in one.content)
        assert all(any(sign.isalnum() for sign in span.of(text)) for span in one.content)
        assert 0 <= one.confidence <= 1
        if one.speaker is not None:
            assert all(one.speaker.end <= span.start or span.end <= one.speaker.start for span in one.content)


@pytest.mark.parametrize("text", ["", "\n\n", "?!" * 2000, "三" * 500, '"' * 3000, "a" * 5000])
def test_nothing_to_find(nlp: Language, text: str) -> None:
    """No letters, no sentence, another script, marks only: an empty result, and no error."""
    assert statements(nlp, text) == []
