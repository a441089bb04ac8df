"""Files in, documents and rejections out; nothing is lost and nothing raises."""

from __future__ import annotations

import gzip
import json
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.ingest.clean import clean
from pipeline.ingest.read import Limits, read
from pipeline.ingest.records import InboxError, IngestedDocument, RejectedInput
from pipeline.ingest.scan import scan

TODAY = date(2026, 6, 1)
ENGLISH = "The ministry said on Monday that the brigade would arrive in May and stay there for a year."


def read_all(inbox: Path, limits: Limits | None = None) -> list[IngestedDocument | RejectedInput]:
    """Read every file of an inbox."""
    return [parsed.outcome for file in scan(inbox) for parsed in read(file, TODAY, limits or Limits())]


def read_one(inbox: Path, name: str, data: bytes | str) -> IngestedDocument | RejectedInput:
    """Write one file and read it."""
    path = inbox / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    [outcome] = read_all(inbox)
    return outcome


def document(outcome: IngestedDocument | RejectedInput) -> IngestedDocument:
    """Return the outcome as a document, or fail with the reason."""
    assert isinstance(outcome, IngestedDocument), outcome
    return outcome


@pytest.mark.parametrize(
    ("name", "data", "text"),
    [
        ("a.txt", ENGLISH, ENGLISH),
        ("deep/er/a.txt", "One.\r\nTwo.\rThree.", "One.\nTwo.\nThree."),
        ("bom.txt", b"\xef\xbb\xbfHello", "Hello"),
        ("wide.txt", "Hello there".encode("utf-16"), "Hello there"),
        ("old.txt", ("Café “quoted” " + ENGLISH).encode("windows-1252"), "Café “quoted” " + ENGLISH),
        ("packed.txt.gz", gzip.compress(ENGLISH.encode(), mtime=0), ENGLISH),
        ("line.jsonl", json.dumps({"text": ENGLISH}) + "\n", ENGLISH),
        ("line.jsonl.gz", gzip.compress(json.dumps({"text": ENGLISH}).encode(), mtime=0), ENGLISH),
        ("front.txt", f"---\ntitle: A title\n---\n{ENGLISH}", ENGLISH),
        ("head.md", f"# A title\n\n{ENGLISH}", ENGLISH),
    ],
)
def test_text_is_read(tmp_path: Path, name: str, data: bytes | str, text: str) -> None:
    """Every form and encoding gives the same clean text."""
    assert document(read_one(tmp_path, name, data)).text == text


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("empty.txt", "", "empty"),
        ("blank.txt", " \n\t\n", "empty"),
        ("empty.jsonl", "", "empty"),
        ("noise.txt", bytes(range(256)) * 10, "not_text"),
        ("numbers.txt", "123 456 789", "not_text"),
        ("picture.png", b"\x89PNG", "unsupported_format"),
        ("broken.txt.gz", b"no gzip", "unreadable"),
        ("cut.txt.gz", gzip.compress(ENGLISH.encode() * 50, mtime=0)[:-20], "unreadable"),
        ("bad.jsonl", "{no json}", "bad_json"),
        ("deep.jsonl", "[" * 100_000, "bad_json"),
        ("list.jsonl", "[1]", "bad_record"),
        ("none.jsonl", '{"id": 1}', "bad_record"),
        ("type.jsonl", '{"text": 5}', "bad_record"),
        ("menu.html", "<html><body><nav><a href='/'>Home</a></nav></body></html>", "no_article_text"),
    ],
)  # fmt: skip
def test_rejection_has_a_reason(tmp_path: Path, name: str, data: bytes | str, reason: str) -> None:
    """What is no document is rejected with a code, and the place it stands."""
    outcome = read_one(tmp_path, name, data)
    assert isinstance(outcome, RejectedInput)
    assert (outcome.reason, outcome.raw_uri.split("#")[0]) == (reason, name)
    assert outcome.detail


def test_another_language_is_kept(tmp_path: Path) -> None:
    """A text that surely is in another language is a document of that language; a short one is what it says it is."""
    text = (
        "Die Regierung hat am Montag beschlossen, dass die Brigade im Mai kommen und dort ein Jahr bleiben soll, wie "
        "das Ministerium in der Hauptstadt mitteilte."
    )
    assert document(read_one(tmp_path / "a", "german.txt", text)).language == "de"
    assert document(read_one(tmp_path / "b", "english.txt", f"---\nlanguage: de\n---\n{ENGLISH * 3}")).language == "en"
    assert document(read_one(tmp_path / "c", "short.txt", "---\nlanguage: sv\n---\nHej alla barn")).language == "sv"


def test_too_large_is_bounded(tmp_path: Path) -> None:
    """A file, a line and what a small packed file holds are all measured unpacked."""
    (tmp_path / "a.txt").write_text("word " * 300)
    (tmp_path / "b.txt.gz").write_bytes(gzip.compress(b"word " * 300, mtime=0))
    (tmp_path / "c.jsonl").write_text(json.dumps({"text": "word " * 300}) + "\n" + json.dumps({"text": ENGLISH}) + "\n")
    outcomes = read_all(tmp_path, Limits(max_bytes=1000))
    assert [getattr(o, "reason", "read") for o in outcomes] == ["too_large", "too_large", "too_large", "read"]


def test_one_bad_line_rejects_that_line(tmp_path: Path) -> None:
    """The lines around a bad one are documents, each with its number."""
    (tmp_path / "news.jsonl").write_text(f'{{"text": "{ENGLISH}"}}\n{{bad\n\n{{"text": "{ENGLISH}", "id": 9}}\n')
    outcomes = read_all(tmp_path)
    assert [(o.raw_uri, getattr(o, "reason", None), o.external_id) for o in outcomes] == [
        ("news.jsonl#L1", None, None),
        ("news.jsonl#L2", "bad_json", None),
        ("news.jsonl#L4", None, "9"),
    ]


def test_metadata_of_a_record(tmp_path: Path) -> None:
    """Known keys fill columns under any of their names; unknown ones are kept."""
    record = {"text": ENGLISH, "doc_id": "x1", "source": "The Test", "url": "https://example.org/1", "title": "T",
              "author": "A", "date": "2025-03-04T10:00:00Z", "section": "World", "tags": [1, 2]}  # fmt: skip
    found = document(read_one(tmp_path, "a.jsonl", json.dumps(record)))
    assert (found.external_id, found.source, found.url, found.title, found.author) == (
        "x1", "The Test", "https://example.org/1", "T", "A")  # fmt: skip
    assert (found.published_on, found.date_basis) == (date(2025, 3, 4), "metadata")
    assert json.loads(found.extra or "") == {"section": "World", "tags": [1, 2]}


def test_article_is_taken_out_of_a_page(tmp_path: Path) -> None:
    """Navigation and footer stay out; title, outlet, author and day are read."""
    page = f"""<html><head><title>Ships leave | The Test</title><meta property="og:title" content="Ships leave">
      <meta property="og:site_name" content="The Test"><meta name="author" content="Ann Writer">
      <meta property="article:published_time" content="2025-02-03T08:00:00Z"></head>
      <body><nav><ul><li>Home</li><li>Sport</li></ul></nav><article><h1>Ships leave</h1><p>{ENGLISH}</p>
      <p>“We are ready,” said the captain, who has waited for the order since the winter storms ended.</p></article>
      <footer>Cookie settings. All rights reserved.</footer></body></html>"""
    found = document(read_one(tmp_path, "a.html", page))
    assert ENGLISH in found.text and "“We are ready,”" in found.text
    assert "Sport" not in found.text and "Cookie" not in found.text
    assert (found.title, found.source, found.author, found.published_on) == (
        "Ships leave", "The Test", "Ann Writer", date(2025, 2, 3))  # fmt: skip


@pytest.mark.parametrize(
    ("name", "text", "day", "basis"),
    [
        ("a.txt", f"BRUSSELS, 24 June 2025 – {ENGLISH}", date(2025, 6, 24), "text"),
        ("a.txt", f"June 24, 2025\n{ENGLISH}", date(2025, 6, 24), "text"),
        ("2025-05-06-note.txt", ENGLISH, date(2025, 5, 6), "file"),
        ("2031-05-06/20240107.txt", ENGLISH, None, "file"),
    ],
)
def test_day_of_publication(tmp_path: Path, name: str, text: str, day: date | None, basis: str) -> None:
    """Without metadata the day is the dateline's, then the file's; the future is never believed."""
    found = document(read_one(tmp_path, name, text))
    assert found.date_basis in (basis, "ingest")
    assert day is None or (found.published_on, found.date_basis) == (day, basis)
    assert found.published_on <= TODAY


def test_ids_are_of_content_and_place(tmp_path: Path) -> None:
    """The same file has the same id in another inbox and at another time; another text or place has another."""
    for inbox in ("one", "two"):
        (tmp_path / inbox).mkdir()
        (tmp_path / inbox / "a.txt").write_text(ENGLISH)
        (tmp_path / inbox / "b.txt").write_text(ENGLISH)
    first, second = read_all(tmp_path / "one"), read_all(tmp_path / "two")
    assert [document(o).doc_id for o in first] == [document(o).doc_id for o in second]
    assert document(first[0]).doc_id != document(first[1]).doc_id
    assert document(first[0]).text_sha256 == document(first[1]).text_sha256


def test_hidden_and_unfinished_files_are_passed_over(tmp_path: Path) -> None:
    """Neither is an input yet."""
    for name in (".hidden.txt", "half.txt.part", "edit.txt~", ".git/a.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(ENGLISH)
    assert read_all(tmp_path) == []


def test_dangling_link_is_rejected(tmp_path: Path) -> None:
    """A link that leads nowhere is an input that cannot be read."""
    (tmp_path / "a.txt").symlink_to(tmp_path / "gone.txt")
    [outcome] = read_all(tmp_path)
    assert isinstance(outcome, RejectedInput) and outcome.reason == "unreadable"


@pytest.mark.parametrize("make", [lambda path: None, lambda path: path.write_text("file")])
def test_no_inbox_is_an_error_with_a_way_out(tmp_path: Path, make: object) -> None:
    """A missing inbox, or a file in its place, is named, and what to do."""
    inbox = tmp_path / "inbox"
    make(inbox)  # type: ignore[operator]
    with pytest.raises(InboxError, match=r"inbox.*--inbox DIR"):
        list(scan(inbox))


@given(st.text())
def test_cleaning_twice_is_once(text: str) -> None:
    """Clean text stays as it is, character for character."""
    once = clean(text)
    assert clean(once) == once
    assert "\r" not in once and "\x00" not in once


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=300), st.sampled_from(["x.txt", "x.md", "x.html", "x.jsonl", "x.txt.gz", "x.jsonl.gz"]))
def test_any_bytes_end_in_an_outcome(tmp_path: Path, data: bytes, name: str) -> None:
    """Whatever the bytes, each input is a document or a rejection."""
    for old in tmp_path.iterdir():
        old.unlink()
    (tmp_path / name).write_bytes(data)
    for outcome in read_all(tmp_path):
        assert outcome.raw_uri.startswith(name)
