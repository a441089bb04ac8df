"""Which documents are copies of which, through the queries of `sql/`: invented articles in, `duplicate_of` out."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import asdict
from datetime import date, timedelta
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from pipeline.ingest.duplicates import fingerprint
from pipeline.settings import ROOT
from pipeline.store import inputs, staging
from tests.sql.test_sql import document

QUERIES = staging.queries(ROOT / "sql")


def _needed(name: str) -> set[str]:
    """Return the queries that a query needs, itself among them."""
    return {name}.union(*(_needed(other) for other in staging.needs(QUERIES[name]) if other in QUERIES))


NEEDED = [name for name in QUERIES if name in _needed("documents")]
SYLLABLES = ("ba", "ce", "di", "fo", "gu", "ha", "ki", "lo", "mu", "ne", "pi", "ra", "so", "tu", "ve", "zo")


def article(seed: int, words: int = 300) -> str:
    """Return an invented article of sentences of twelve words."""
    rng = random.Random(seed)
    said = ["".join(rng.choices(SYLLABLES, k=rng.randrange(1, 5))) for _ in range(words)]
    return ". ".join(" ".join(said[start : start + 12]).capitalize() for start in range(0, words, 12)) + "."


def part(text: str, share: float) -> str:
    """Return the first words of a text."""
    words = text.split()
    return " ".join(words[: int(len(words) * share)])


def edited(text: str, seed: int, one_in: int = 40) -> str:
    """Return a text with some of its words written otherwise."""
    rng = random.Random(seed)
    return " ".join(f"x{word}" if rng.randrange(one_in) == 0 else word for word in text.split())


def agency(text: str) -> str:
    """Return a text as a paper prints it from an agency."""
    return f"OSTSTRAND, Nov 3 (Nordpost) - {text}\n(Reporting by Jan Holm and Eva Brink; Editing by Ole Dahl)"


def half_new(text: str) -> str:
    """Return a later state of a story, of which half is new."""
    return f"{part(text, 1 / 2)} {article(3, len(text.split()) // 2)}"


def linked(documents: Iterable[dict[str, Any]]) -> dict[str, str | None]:
    """Return each document's `duplicate_of`."""
    given = list(documents)
    prints = [{"doc_id": one["doc_id"], **asdict(fingerprint(one["text"]))} for one in given]
    rows = {"source_documents": given, "all_documents": given, "extracted_fingerprints": prints}
    with duckdb.connect() as con:
        for name, table in inputs.INPUTS.items():
            schema = pa.schema([field.with_nullable(True) for field in table.arrow_schema()])
            con.register("incoming", pa.Table.from_pylist(rows.get(name, []), schema=schema))
            con.execute(f"CREATE TABLE {name} AS SELECT * FROM incoming")
        for name in NEEDED:
            staging.build_table(con, name, QUERIES[name])
        return dict(con.sql("SELECT doc_id, duplicate_of FROM documents").fetchall())


STORY = article(1)
WITH_NUMBERS = " ".join(f"{sentence} worth {number} crowns." for number, sentence in enumerate(STORY.split("."), 100))


@pytest.mark.parametrize(
    "copy",
    [
        agency(STORY),
        f"Another Headline Of The Paper\n{STORY}",
        edited(STORY, 2),
        part(STORY, 2 / 3),
        part(STORY, 1 / 2),
        part(STORY, 1 / 3),
        agency(edited(part(STORY, 1 / 2), 3)),
        STORY.replace(".", " –"),
    ],
    ids=["agency", "headline", "edited", "two thirds", "half", "third", "half, edited, agency", "punctuation"],
)
def test_copy_is_linked(copy: str) -> None:
    """Cuts, light edits, another headline, datelines and credits make no other document, in either order of days."""
    assert linked([document("a", text=STORY), document("b", "2025-03-02", text=copy)]) == {"a": None, "b": "a"}
    other = linked([document("a", "2025-03-02", text=STORY), document("b", text=copy)])
    assert sorted(map(str, other.values())) in (["None", "a"], ["None", "b"])


@pytest.mark.parametrize(
    "text",
    [
        article(2),
        half_new(STORY),
        f"{article(4, 1000)} {STORY}",
        part(STORY, 1 / 6),
    ],
    ids=["another", "half is new", "quoted in a digest", "quoted in a line"],
)
def test_other_text_is_not_linked(text: str) -> None:
    """A story of which half is new, or that is quoted in a much longer one, is a document of its own."""
    assert linked([document("a", text=STORY), document("b", text=text)]) == {"a": None, "b": None}


def test_other_numbers_are_other_facts() -> None:
    """An announcement in the words of another, with the sums of another day, is not its copy; a cut of it is."""
    other = "".join(str(9 - int(one)) if one.isdigit() else one for one in WITH_NUMBERS)
    found = linked([
        document("a", text=WITH_NUMBERS), document("b", text=other), document("c", text=part(WITH_NUMBERS, 1 / 2)),
    ])  # fmt: skip
    assert found == {"a": None, "b": None, "c": "a"}


def test_another_subject_is_another_document() -> None:
    """The same sentences on another subject, which the text repeats, are not a copy."""
    texts = {
        doc_id: " ".join(f"{one} {subject}" if n % 6 == 0 else one for n, one in enumerate(STORY.split(".")))
        for doc_id, subject in (("a", "insulation"), ("b", "electrolysers"))
    }
    assert linked(document(doc_id, text=text) for doc_id, text in texts.items()) == {"a": None, "b": None}


@pytest.mark.parametrize(("day", "expected"), [("2025-03-08", "a"), ("2025-03-09", None), ("2026-03-01", None)])
def test_copies_are_printed_within_a_week(day: str, expected: str | None) -> None:
    """Nearly the same words after two weeks or a year are the next letter of a series; the same words are a copy."""
    found = linked([document("a", text=STORY), document("b", day, text=agency(STORY)), document("c", day, text=STORY)])
    assert found == {"a": None, "b": expected or "c", "c": "a"} if expected else found["c"] == "a"


def test_of_few_words_only_exact_copies_are_linked() -> None:
    """In a text of less than thirty words one word may be another report."""
    short = part(STORY, 0.09)
    assert len(short.split()) < 30
    found = linked([
        document("a", text=short), document("b", text=short), document("c", text=f"{short} anders"),
    ])  # fmt: skip
    assert found == {"a": None, "b": "a", "c": None}


def test_whole_is_the_original_of_its_parts() -> None:
    """Two papers cut a text in two ways, one of them before it is printed in full: both point to the whole."""
    words = STORY.split()
    found = linked([
        document("first", "2025-03-01", text=" ".join(words[:150])),
        document("last", "2025-03-02", text=" ".join(words[150:])),
        document("whole", "2025-03-03", text=STORY),
    ])  # fmt: skip
    assert found == {"first": "whole", "last": "whole", "whole": None}


def test_exact_copy_of_a_near_copy_points_to_the_original() -> None:
    """No chains: every duplicate points to a document that is none."""
    found = linked([
        document("a", "2025-03-01", text=STORY),
        document("b", "2025-03-02", text=agency(STORY)),
        document("c", "2025-06-01", text=agency(STORY)),
    ])  # fmt: skip
    assert found == {"a": None, "b": "a", "c": "a"}


def test_growing_story_is_not_followed_to_its_end() -> None:
    """Each hour a tenth is new: the next states are copies of the first, the last is not, and nothing chains."""
    words = article(5, 600).split()
    states = {f"s{hour}": " ".join(words[30 * hour : 30 * hour + 300]) for hour in range(10)}
    found = linked(document(doc_id, text=text) for doc_id, text in states.items())
    assert (found["s0"], found["s1"]) == (None, "s0")
    assert found["s9"] not in ("s0", "s1")
    assert all(found[original] is None for original in found.values() if original)


def test_two_edits_of_one_text_have_one_original() -> None:
    """Two papers that each edit the text much are copies of the first of them, by way of the text itself."""
    one = document("a", "2025-03-01", text=edited(STORY, 11, 25))
    other = document("c", "2025-03-03", text=edited(STORY, 12, 25))
    assert linked([one, other]) == {"a": None, "c": None}
    assert linked([one, document("b", "2025-03-02", text=STORY), other]) == {"a": None, "b": "a", "c": "a"}


def test_order_of_arrival_does_not_matter() -> None:
    """Copies, cuts, edits and others, shuffled: the links are the same."""
    documents = []
    for seed in range(20, 30):
        text = article(seed)
        copies = (text, agency(text), part(text, 0.5), edited(text, 7, 20), edited(text, 8, 20), half_new(text))
        for number, copy in enumerate(copies):
            documents.append(document(f"{seed}-{number}", f"2025-03-0{1 + (seed + number) % 7}", text=copy))
    expected = linked(documents)
    assert sum(original is not None for original in expected.values()) > 30
    for seed in range(3):
        random.Random(seed).shuffle(documents)
        assert linked(documents) == expected


def test_boilerplate_links_nothing_and_hides_no_copy() -> None:
    """A hundred and twenty texts that begin in one manner are no copies, and a copy of one is found all the same."""
    manner = article(6, 100)
    documents = [document(f"d{number:03}", text=f"{manner} {article(1000 + number, 150)}") for number in range(120)]
    documents.append(document("e", "2025-03-02", text=agency(documents[77]["text"])))
    found = linked(documents)
    assert {doc_id: original for doc_id, original in found.items() if original} == {"e": "d077"}


def test_text_that_a_hundred_papers_print_has_one_original() -> None:
    """More copies than the lookup takes of one week still find the first of them."""
    found = linked(document(f"d{number:03}", text=edited(STORY, number, 80)) for number in range(100))
    assert [doc_id for doc_id, original in found.items() if original is None] == ["d000"]
    assert set(found.values()) == {None, "d000"}


def test_texts_are_compared_in_parts_as_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """However few pairs make a part, the copies are the same."""
    told = [
        document(f"d{week}-{number}", str(date(2025, 1, 1) + timedelta(weeks=week)), text=text)
        for week in range(0, 40, 3)
        for story in [article(week)]
        for number, text in enumerate((story, edited(story, week), agency(story), article(-week - 1)))
    ]
    at_once = linked(told)
    assert sum(first is not None for first in at_once.values()) > 14
    monkeypatch.setattr(staging, "PART", 5)
    assert linked(told) == at_once
