"""What a text is known by: the same for what a paper changes without a thought, another for other facts."""

from __future__ import annotations

from dataclasses import fields

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.ingest.duplicates import SKETCH_SIZE, Fingerprint, fingerprint
from pipeline.tables import EXTRACTED_FINGERPRINTS

STORY = (
    "The harbour council of Oststrand voted on Tuesday to buy 14 patrol boats for 3,200.5 million crowns. "
    "Mayor Ilse Terborg said the boats would replace a fleet that had rusted since 1988. "
    "Opponents of the boats asked why the harbour needed them while the ferry lay idle. "
    "The council will sign the contract in autumn, and the yard promises the first boats within two years. "
    "Terborg added that the harbour would not raise its fees for the fishing fleet this season."
)
LISTS = [field.name for field in fields(Fingerprint) if field.name not in ("word_count", "shingle_count")]


def hashes(*words: str) -> set[int]:
    """Return the stored hashes of words: those that a text of nothing else repeats."""
    return {one for word in words for one in fingerprint(" ".join([word] * 9)).repeated}


@pytest.mark.parametrize(
    "printed",
    [
        STORY.upper(),
        STORY.replace(" ", "\n\n"),
        STORY.replace("Mayor Ilse Terborg said the", "Mayor Ilse Terborg said: “The"),
        STORY.replace("3,200.5", "3200.5"),
        STORY.replace("fi", "ﬁ"),
    ],
    ids=["case", "blanks", "quotation marks", "thousands", "ligatures"],
)
def test_printing_does_not_count(printed: str) -> None:
    """Case, blanks, punctuation and the form of letters and numbers change nothing."""
    assert fingerprint(printed) == fingerprint(STORY)


def test_hashes_are_the_same_everywhere() -> None:
    """Fingerprints are kept in files: a hash that changes with Python, NumPy or the machine would unlink copies."""
    found = fingerprint("The council voted to buy boats, and the mayor signed the 14 contracts at once.")
    assert found.shingles == [
        3556086, 168267275, 210166337, 329539012, 1066064731, 1407116713, 1590308231, 1901226833, 1922000203,
        2044346652, 2071511035, 2127736297, 2134814969,
    ]  # fmt: skip
    assert (found.word_count, found.shingle_count) == (15, 13)
    assert found.edge_shingles == [1066064731, 1901226833, 2044346652, 2071511035]
    assert (found.numbers, found.repeated, found.vocabulary) == ([329644588], [], [329644588])


@settings(max_examples=50, deadline=None)
@given(st.text(max_size=400) | st.lists(st.sampled_from(STORY.split()), max_size=900).map(" ".join))
def test_lists_are_sorted_sets_of_small_numbers(text: str) -> None:
    """Whatever the text: no list holds anything twice, all fits DuckDB's INTEGER, and the sketch is bounded."""
    found = fingerprint(text)
    for name in LISTS:
        values = getattr(found, name)
        assert values == sorted(set(values))
        assert all(0 <= value < 2**31 for value in values)
    assert len(found.shingles) == min(found.shingle_count, SKETCH_SIZE)
    assert set(found.edge_shingles) <= set(found.shingles)
    assert set(found.repeated) | set(found.numbers) <= set(found.vocabulary)


@pytest.mark.parametrize("text", ["", " \n", "…!", "boats", "two boats"])
def test_texts_without_three_words_have_no_shingles(text: str) -> None:
    """What is too short to compare is no error."""
    assert fingerprint(text).shingles == []


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 600), st.integers(700, 1500))
def test_lowest_of_a_part_are_among_those_of_the_whole(start: int, end: int) -> None:
    """Up to the highest hash that the whole keeps, it keeps every shingle of each of its parts."""
    words = [f"w{number * number % 1499}" for number in range(1500)]
    whole, part = fingerprint(" ".join(words)), fingerprint(" ".join(words[start:end]))
    assert {one for one in part.shingles if one <= whole.shingles[-1]} <= set(whole.shingles)


def test_datelines_and_credits_are_edges() -> None:
    """The shingles that an agency's dateline and credits add stand at the edges, those of the story do not."""
    text = f"{STORY} {STORY.replace('boats', 'ships')}"
    printed = fingerprint(f"OSTSTRAND, Nov 3 (Nordpost) - {text} (Reporting by Jan Holm; Editing by Eva Brink)")
    story = set(fingerprint(text).shingles)
    added = set(printed.shingles) - story
    assert added
    assert added <= set(printed.edge_shingles)
    assert len(set(printed.edge_shingles) & story) < 0.3 * len(story)


def test_numbers_and_repeated_words_are_told() -> None:
    """Numbers count from the first, words from the third time, by their first letters; short words never."""
    filling = " ".join(f"filler{chr(97 + number)}" for number in range(26))
    text = f"{filling} defence 14 programme defense 1,000 programs defences the the the the programme autumn {filling}"
    found = fingerprint(text)
    assert set(found.numbers) == set(fingerprint("a b c d e f 14 1000 g h i j k l m n o p").numbers)
    assert hashes("defence", "programme") <= set(found.repeated)
    assert not hashes("autumn") & set(found.vocabulary)


def test_fingerprint_has_the_columns_of_its_table() -> None:
    """Each field is a column of `tables.EXTRACTED_FINGERPRINTS`, in its order."""
    columns = [column.name for column in EXTRACTED_FINGERPRINTS.columns]
    assert columns == ["doc_id", *(field.name for field in fields(Fingerprint))]
