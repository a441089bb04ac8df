"""Who said what: a text in, (speaker, cue, contents, kind) out."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from spacy.language import Language

from pipeline.extract import model
from pipeline.extract.attributions import find_attributions
from pipeline.extract.passage import Passage
from pipeline.extract.records import Attribution


def find(nlp: Language, text: str) -> list[Attribution]:
    """Parse a text and find its attributions."""
    return find_attributions(Passage(model.parse(nlp, text)))


def words(text: str, found: Attribution) -> tuple[str | None, str | None, list[str], str]:
    """Return an attribution in words."""
    return (
        found.speaker and found.speaker.of(text),
        found.cue and found.cue.of(text),
        [span.of(text) for span in found.content],
        found.kind,
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "Defence Minister Anda Bite said that the brigade would arrive in May.",
            ("Defence Minister Anda Bite", "said", ["the brigade would arrive in May"], "indirect"),
        ),
        (
            "The bridge is safe again, the ministry said on Monday.",
            ("the ministry", "said", ["The bridge is safe again"], "indirect"),
        ),
        (
            '"We need more time," she told reporters.',
            ("she", "told", ["We need more time"], "direct"),
        ),
        (
            "“We need time,” said Bite. “The plan is not ready yet.”",
            ("Bite", "said", ["We need time", "The plan is not ready yet"], "direct"),
        ),
        (
            'Bite added,\n"This is a debate that we must hold in public."',
            ("Bite", "added", ["This is a debate that we must hold in public"], "direct"),
        ),
        (
            "According to the general, the front has not moved since March.",
            ("the general", "According to", ["the front has not moved since March"], "indirect"),
        ),
        (
            "Bite accused the opposition of delaying the vote.",
            ("Bite", "accused", ["the opposition of delaying the vote"], "indirect"),
        ),
        (
            'Bite warned that the army was "a house without a roof" and would stay so.',
            ("Bite", "warned", ['the army was "a house without a roof" and would stay so'], "mixed"),
        ),
        (
            "The minister did not rule out a second round of talks.",
            ("The minister", "did not rule out", ["a second round of talks"], "indirect"),
        ),
    ],
)
def test_one_statement(nlp: Language, text: str, expected: tuple[str, str, list[str], str]) -> None:
    """Each form of speech is found with its speaker, cue, contents and kind."""
    assert [words(text, found) for found in find(nlp, text)] == [expected]


def test_two_cues_are_two_statements(nlp: Language) -> None:
    """One subject with two cues makes two statements."""
    text = "Bite denied the report and warned that the money was short."
    assert [words(text, found)[:3] for found in find(nlp, text)] == [
        ("Bite", "denied", ["the report"]),
        ("Bite", "warned", ["the money was short"]),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "The minister neither came nor called.",
        "The so-called “peace plan” was published in May.",
        "He did not say when the talks would begin.",
        "The ‘Iron Shield’ exercise began on Monday.",
        "",
        "\n\n",
        "1234 5678",
    ],
)
def test_no_statement(nlp: Language, text: str) -> None:
    """Names, scare quotes, denied speech and empty texts are no statements."""
    assert find(nlp, text) == []


def test_transcript_is_a_statement_a_turn(nlp: Language) -> None:
    """Each turn is one statement, one content a paragraph; the reporters' questions are none."""
    text = (
        "MS. ALDER: Good morning. We have one announcement.\nThe ship has left the port.\n"
        "Q Which port was it?\nMS. ALDER: I will not go into that.\nGENERAL BRANDT: It was a safe one."
    )
    assert [words(text, found)[:3] for found in find(nlp, text)] == [
        ("MS. ALDER", ":", ["Good morning. We have one announcement", "The ship has left the port"]),
        ("MS. ALDER", ":", ["I will not go into that"]),
        ("GENERAL BRANDT", ":", ["It was a safe one"]),
    ]


def test_quotation_after_a_name_and_a_colon(nlp: Language) -> None:
    """The marks are left out, as in all direct speech."""
    text = "Alex Ranholt of the Liberals: “Years of neglect cannot be repaired in a weekend, but this is a beginning.”"
    content = ["Years of neglect cannot be repaired in a weekend, but this is a beginning"]
    assert [words(text, found) for found in find(nlp, text)] == [("Alex Ranholt", ":", content, "direct")]


def test_signed_quotations(nlp: Language) -> None:
    """A dash and a name sign the quotation before them; a dash that goes on with the sentence does not."""
    signed = "“We are tired of waiting.” ― Maria Lopez\n“It is time to build.” — Jon Berg, 42\n"
    text = signed + "The “Iron Shield” – Berlin’s pride – rusts."
    assert [words(text, found)[:3] for found in find(nlp, text)] == [
        ("Maria Lopez", "―", ["We are tired of waiting"]),
        ("Jon Berg", "—", ["It is time to build"]),
    ]


@pytest.mark.parametrize(
    ("text", "medium"),
    [
        ("In a letter to the parliament, Bite demanded more money for the fleet.", "letter to the parliament"),
        ("Bite said in an interview with the Northern Dispatch that the fleet was too small.", "Northern Dispatch"),
        ("Bite wrote on Telegram that the fleet was too small.", "Telegram"),
        ("Bite said that the fleet was too small.", None),
    ],
)
def test_medium(nlp: Language, text: str, medium: str | None) -> None:
    """The outlet, event or form is found where the sentence of the cue names it."""
    [found] = find(nlp, text)
    assert (found.medium and found.medium.of(text)) == medium


def test_belief_is_told_apart_from_speech(nlp: Language) -> None:
    """What somebody believes is kept, with a class of its own."""
    [found] = find(nlp, "Bite believes that the fleet is too small.")
    assert found.cue_class == "think"


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [
                "Bite",
                "said",
                "that",
                "“",
                "”",
                '"',
                ".",
                ",",
                "\n",
                "according to",
                "she",
                "warned",
                "we go",
                ":",
                "Q",
                "'",
                "é",
            ]
        )
    )
)
def test_any_text_is_sound(pieces: list[str]) -> None:
    """Whatever the text, spans are well-formed, contents ordered and apart, and nothing is found twice."""
    text = " ".join(pieces)
    found = find(model.load(), text)
    assert len({(a.content, a.speaker) for a in found}) == len(found)
    for attribution in found:
        end = 0
        assert attribution.content
        for span in attribution.content:
            assert end <= span.start < span.end <= len(text)
            end = span.end
        for single in (attribution.cue, attribution.speaker, attribution.medium):
            assert single is None or 0 <= single.start < single.end <= len(text)
        assert 0 <= attribution.confidence <= 1
