"""The file of corrections: what it may say, and what is said of a mistake in it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from pipeline.corrections import Correction, CorrectionError, Where, read
from pipeline.settings import ROOT

ALL = """
- merge: [olaf-schulz, scholz]
  into: olaf-scholz
  because: misspelt by an agency
- split: john-smith
  into: john-smith-admiral
  where: {documents: a1, sources: [The Test], name: John Smith, country: GBR, role: admiral, from: 2024-01-31,
    until: 2025-01-31}
- rename: x
  to: Y & Z
- retype: y
  to: company
- relocate: z
  to: none
- relocate: w
  to: EST
- block: monday
"""


def write(folder: Path, text: str) -> Path:
    """Write a file of corrections."""
    path = folder / "corrections.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_each_action_is_read(tmp_path: Path) -> None:
    """One correction an actor, with its line, value, reason and conditions."""
    where = Where(("a1",), ("The Test",), "John Smith", "GBR", "admiral", date(2024, 1, 31), date(2025, 1, 31))
    assert read(write(tmp_path, ALL)) == [
        Correction(2, "merge", "olaf-schulz", "olaf-scholz", "misspelt by an agency"),
        Correction(2, "merge", "scholz", "olaf-scholz", "misspelt by an agency"),
        Correction(5, "split", "john-smith", "john-smith-admiral", None, where),
        Correction(9, "rename", "x", "Y & Z"),
        Correction(11, "retype", "y", "company"),
        Correction(13, "relocate", "z", None),
        Correction(15, "relocate", "w", "EST"),
        Correction(17, "block", "monday", None),
    ]


def test_no_file_and_an_empty_one_correct_nothing(tmp_path: Path) -> None:
    """The file that ships is all comments; one that is not there is none."""
    assert read(tmp_path / "none.yaml") == []
    assert read(write(tmp_path, "# nothing yet\n")) == []
    assert read(ROOT / "seeds" / "corrections.yaml") == []


def test_a_chain_of_merges_ends_at_its_end(tmp_path: Path) -> None:
    """Merges into what is merged itself go to the last."""
    chain = "- {merge: a, into: b}\n- {merge: c, into: d}\n- {merge: b, into: c}\n"
    assert [(one.actor_id, one.value) for one in read(write(tmp_path, chain))] == [("a", "d"), ("c", "d"), ("b", "d")]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("merge: a\ninto: b\n", "is no list"),
        ("- a\n", "line 1: no correction"),
        ("- merge: [a\n", "no YAML"),
        ("- into: b\n", "does one of merge, split, rename, retype, relocate, block; found: none"),
        ("- {merge: a, block: b}\n", "found: merge, block"),
        ("- {merge: a}\n", "merge needs 'into'"),
        ("- {merge: a, to: b}\n", "'to' does not belong here; merge takes merge, into, because"),
        ("- {merge: a, into: a}\n", "names the same actor"),
        ("- {rename: [a, b], to: c}\n", "rename takes one actor"),
        ("- {rename: a, to: yes}\n", "to: True is no text"),
        ("- {rename: a, to: ''}\n", "is no text"),
        ("- {merge: [], into: b}\n", "merge names no actor"),
        ("- {block: [a, null]}\n", "block: None is no text"),
        ("- {retype: a, to: firm}\n", "'firm' is no type of actor; there are person, state"),
        ("- {relocate: a, to: Estonia}\n", "'Estonia' is no ISO 3166-1 alpha-3 code of a state such as EST"),
        ("- {split: a, into: b}\n", "split needs 'where'"),
        ("- {split: a, into: b, where: {}}\n", "split needs 'where'"),
        ("- {split: a, into: b, where: {city: c}}\n", "where: 'city' is none of documents"),
        ("- {split: a, into: b, where: {from: soon}}\n", "from: 'soon' is no day"),
        ("- {split: a, into: B b, where: {role: c}}\n", "write 'b-b'"),
        ("\n- {block: a}\n- {block: b}\n- {block: a}\n", "line 4: line 2 has a block of a already"),
        ("- {merge: a, into: b}\n- {rename: a, to: c}\n", "line 2: a is no actor any more after line 1 (merge a into"),
        ("- {block: a}\n- {merge: b, into: a}\n", "line 2: a is blocked in line 1"),
        ("- {merge: a, into: b}\n- {merge: b, into: a}\n", "line 1: these merges go in a circle: a → b → a"),
        ("- {merge: a, into: b}\n- {merge: b, into: c}\n- {merge: c, into: b}\n", "in a circle"),
        ("- merge: a\n  merge: b\n  into: c\n", "line 1: 'merge' stands there twice"),
    ],
)
def test_a_mistake_is_named_with_its_line(tmp_path: Path, text: str, message: str) -> None:
    """The error names the file, the line where there is one, and the way out."""
    with pytest.raises(CorrectionError) as caught:
        read(write(tmp_path, text))
    assert str(caught.value).startswith("corrections.yaml") and message in str(caught.value)


def test_other_bytes_are_no_corrections(tmp_path: Path) -> None:
    """A folder and bytes that are no text are refused in a word."""
    (tmp_path / "corrections.yaml").write_bytes(b"- block: \xff\xfe")
    with pytest.raises(CorrectionError, match="no text in UTF-8"):
        read(tmp_path / "corrections.yaml")
    with pytest.raises(CorrectionError, match="cannot be read"):
        read(tmp_path)
