"""Near-duplicates: precision and recall on edited copies of real documents, and the time for 100,000 documents.

    ./run bench duplicates [--copies 200] [--documents 100000]

Reads `data/news/*.jsonl.gz` of COMMUNIQUE_SHARED (default ../shared). Of each kind of edit, so many documents get a
copy that must be found; of each kind of lookalike, so many get one that must not be. The real documents stand beside
them, with their letters, determinations and announcements of one wording; which of those are the same was read by hand.
The edits are made here; what finds them is `pipeline.ingest.duplicates` and `sql/`.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import duckdb

from benchmarks.refresh import corpus, peak
from pipeline import tables
from pipeline.ingest.duplicates import fingerprint
from pipeline.settings import Settings
from pipeline.store import inputs, staging
from pipeline.store.files import write_rows

SEED = 20261124
DAYS = 100  # over which the documents of the timing are spread
BATCH = 500

SAME = (("wh-0c0c20a2f62e", "wh-0aa21853ecd5"), ("wh-a1058dba8614", "wh-28f7c6c131b5"))
"""Real documents that are near-copies: of the 45 pairs within a week that share half of the shorter one's runs of three
words, all read, 17 are one text (14 of them word for word), and 28 are others in one wording, or quote each other."""

CITIES = ("WASHINGTON", "BRUSSELS", "KYIV", "LONDON", "VIENNA", "TOKYO")
AGENCIES = ("Meridian", "Northern Press", "Continental News Agency", "WPA")
PEOPLE = ("Jane Miller", "Tom Okafor", "Lena Hart", "Ivo Brandt", "Sara Lindqvist", "Paul Tanaka")
SPELLINGS = (
    ("defense", "defence"), ("program ", "programme "), ("labor", "labour"), ("center", "centre"),
    ("percent", "per cent"), ("organization", "organisation"), ("toward ", "towards "), ("“", '"'), ("”", '"'),
    ("’", "'"), (" – ", " - "),
)  # fmt: skip

ORIGINALS = """
    SELECT read.doc_id, coalesce(link.original_id, read.first_copy)
    FROM (
        SELECT doc_id, first_value(doc_id) OVER (PARTITION BY text_sha256 ORDER BY published_on, raw_uri, doc_id)
        FROM source_documents
    ) AS read(doc_id, first_copy)
    LEFT JOIN copy_links AS link ON link.doc_id = read.first_copy
"""
"""Each document and its original, or itself: what `sql/documents.sql` makes of the links."""

Edit = Callable[[random.Random, str], str]


@dataclass(frozen=True, slots=True)
class Print:
    """A document of the set; those of one `story` are copies of each other."""

    doc_id: str
    story: str
    kind: str
    published_on: date
    text: str


def _edited(rate: float) -> Edit:
    """Return an edit that replaces, adds, misspells or drops words, each with this probability."""

    def edit(rng: random.Random, text: str) -> str:
        old, words = text.split(" "), []
        for word in old:
            what = rng.randrange(4) if rng.random() < rate else None
            if what == 0:
                words.append(rng.choice(old))
            elif what == 1:
                words += [rng.choice(old), word]
            elif what == 2 and word:
                place = rng.randrange(len(word))
                words.append(word[:place] + word[place + 1 :])
            elif what != 3:
                words.append(word)
        return " ".join(words)

    return edit


def _respelled(_: random.Random, text: str) -> str:
    for american, british in SPELLINGS:
        text = text.replace(american, british)
    return text


def _headed(rng: random.Random, text: str) -> str:
    """Put another headline and a byline before the text."""
    words = rng.sample(text.split(), min(8, len(text.split())))
    return f"{' '.join(words).title()}\nBy {rng.choice(PEOPLE)}, {rng.choice(CITIES).title()}\n{text}"


def _from_agency(rng: random.Random, text: str) -> str:
    one, other, third = rng.sample(PEOPLE, 3)
    dateline = f"{rng.choice(CITIES)}, {rng.choice(('Oct', 'Nov'))} {rng.randrange(1, 31)} ({rng.choice(AGENCIES)}) - "
    return f"{dateline}{text}\n(Reporting by {one} and {other}; Editing by {third})"


def _cut(share: float) -> Edit:
    """Return an edit that keeps the first part of a text, to the end of a sentence."""

    def edit(_: random.Random, text: str) -> str:
        end = re.search(r"[.!?]\W", text[int(len(text) * share) :])
        return text[: int(len(text) * share) + (end.start() + 1 if end else 0)]

    return edit


def _paragraphs_dropped(rng: random.Random, text: str) -> str:
    paragraphs = text.split("\n")
    kept = rng.sample(range(len(paragraphs)), max(1, round(len(paragraphs) * 0.7)))
    return "\n".join(paragraphs[place] for place in sorted(kept))


def _one_after_the_other(*edits: Edit) -> Edit:
    def edit(rng: random.Random, text: str) -> str:
        for one in edits:
            text = one(rng, text)
        return text

    return edit


COPIES: dict[str, Edit] = {
    "same words, other quotation marks, spelling": _respelled,
    "other headline, byline": _headed,
    "2 of 100 words edited": _edited(0.02),
    "5 of 100 words edited": _edited(0.05),
    "dateline and credits of an agency": _from_agency,
    "first two thirds": _cut(2 / 3),
    "first half": _cut(1 / 2),
    "first third": _cut(1 / 3),
    "three paragraphs of ten dropped": _paragraphs_dropped,
    "first half, headline, dateline, credits, 2 of 100": _one_after_the_other(
        _cut(1 / 2), _edited(0.02), _from_agency, _headed
    ),
    "first third, dateline, credits, 3 of 100": _one_after_the_other(_cut(1 / 3), _edited(0.03), _from_agency),
    "paragraphs dropped, 5 of 100": _one_after_the_other(_paragraphs_dropped, _edited(0.05)),
}


def _other_numbers(rng: random.Random, text: str) -> str:
    """Give the text other figures, days and sums: the announcement of another day in the same words."""
    return re.sub(r"\d", lambda digit: str(rng.randrange(1, 10)), text)


def _continued(rng: random.Random, text: str, others: Sequence[str]) -> str:
    """Return a later state of the story: the first half of it after as many new words."""
    kept = text[: len(text) // 2]
    new: list[str] = []
    while sum(map(len, new)) < len(kept):
        new.append(rng.choice(others))
    return " ".join([*new, kept])


def _sentences(text: str) -> list[str]:
    return [one for one in re.split(r"(?<=[.!?])\s+|\n+", text) if one]


def real() -> list[Print]:
    """Return the real documents; those that are copies of each other are one story."""
    records = [json.loads(line) for name in ("whitehouse", "wikinews") for line in corpus(f"news/{name}", 1_000_000)]
    stories = {other: one for one, other in SAME}
    by_text: dict[str, str] = {}
    found = []
    for record in records:
        story = by_text.setdefault(_text_sha256(record["text"]), stories.get(record["doc_id"], record["doc_id"]))
        day = date.fromisoformat(record["published_on"])
        found.append(Print(record["doc_id"], story, "real", day, record["text"]))
    return found


def _text_sha256(text: str) -> str:
    return sha256(" ".join(text.casefold().split()).encode()).hexdigest()


def edited(documents: Sequence[Print], copies: int) -> Iterator[Print]:
    """Yield so many copies and lookalikes of each kind, printed up to three days after, or before, their originals."""
    rng = random.Random(SEED)
    long_enough = [one for one in documents if len(one.text.split()) >= 90]
    rng.shuffle(long_enough)
    half = len(long_enough) // 2
    copied, imitated = long_enough[:half], long_enough[half:]
    for kind, edit in COPIES.items():
        for number, one in enumerate(rng.sample(copied, copies)):
            day = one.published_on + timedelta(days=rng.randrange(-1, 4))
            yield Print(f"{kind}:{number}", one.story, kind, day, edit(rng, one.text))
    numbered = [one for one in imitated if len(re.findall(r"\d+", one.text)) >= 12]
    for number, one in enumerate(rng.sample(numbered, copies)):
        doc_id = f"other numbers:{number}"
        yield Print(doc_id, doc_id, "lookalike", one.published_on, _other_numbers(rng, one.text))
    others = [sentence for one in copied for sentence in _sentences(one.text)]
    for number, one in enumerate(rng.sample(imitated, copies)):
        doc_id = f"half is new:{number}"
        text = _continued(rng, one.text, others)
        yield Print(doc_id, doc_id, "lookalike", one.published_on + timedelta(days=1), text)


def _source_row(one: Print) -> dict[str, Any]:
    return {
        **dict.fromkeys(tables.SOURCE_DOCUMENTS.arrow_schema().names),
        "doc_id": one.doc_id,
        "published_on": one.published_on,
        "date_basis": "metadata",
        "text": one.text,
        "word_count": len(one.text.split()),
        "raw_uri": one.doc_id,
        "raw_sha256": one.doc_id,
        "text_sha256": _text_sha256(one.text),
        "ingested_at": datetime(2026, 1, 1),
    }


def prepare(folder: Path, documents: Iterable[Print]) -> float:
    """Write documents and their fingerprints as batches do; return the seconds that the fingerprints took."""
    seconds = 0.0
    batch: list[Print] = []

    def flush(number: int) -> None:
        nonlocal seconds
        write_rows(folder / f"source-{number}.parquet", tables.SOURCE_DOCUMENTS, [_source_row(one) for one in batch])
        start = time.perf_counter()
        prints = [{"doc_id": one.doc_id, **asdict(fingerprint(one.text))} for one in batch]
        write_rows(folder / f"print-{number}.parquet", tables.EXTRACTED_FINGERPRINTS, prints)
        seconds += time.perf_counter() - start
        batch.clear()

    number = 0
    for number, one in enumerate(documents):
        batch.append(one)
        if len(batch) == BATCH:
            flush(number)
    flush(number + 1)
    return seconds


def link(folder: Path, connection: duckdb.DuckDBPyConnection) -> float:
    """Link the documents of a folder by the queries of `sql/`, on one core; return the seconds."""
    connection.execute("SET threads = 1")
    for name, files in (("source_documents", "source"), ("extracted_fingerprints", "print")):
        connection.execute(f"CREATE TEMP VIEW {name} AS SELECT * FROM read_parquet('{folder / files}-*.parquet')")
    for known in tables.REMEMBERED.values():
        inputs.attach_empty(connection, known.name)
    start = time.perf_counter()
    for name, sql in staging.queries(Settings().sql_folder).items():
        if name.startswith("copy_") or name == "near_copies":
            staging.build_table(connection, name, sql)
    return time.perf_counter() - start


def quality(folder: Path, copies: int) -> None:
    """Print precision and recall, by kind of edit."""
    documents = real()
    documents += edited(documents, copies)
    prepare(folder, documents)
    with staging.open_staging(Settings(warehouse=folder / "warehouse"), fresh=True) as connection:
        link(folder, connection)
        original = dict(connection.sql(ORIGINALS).fetchall())
    known = {one.doc_id: one for one in documents}
    roots = {one.story: original[one.story] for one in documents if one.story in original}
    print(f"{len(documents):,} documents, {copies} copies of each kind; of these, as many have the story's original:")
    for kind in COPIES:
        found = [original[one.doc_id] == roots[one.story] for one in documents if one.kind == kind]
        print(f"    {sum(found) / len(found):.3f}  {kind}")
    mine = [original[one.doc_id] == roots[one.story] for one in documents if one.kind in COPIES]
    print(f"    {sum(mine) / len(mine):.4f}  recall of all  (bar 0.95)")
    linked = [(known[copy], known[first]) for copy, first in original.items() if copy != first]
    wrong = [(copy, first) for copy, first in linked if copy.story != first.story]
    print(f"    {1 - len(wrong) / len(linked):.4f}  precision of {len(linked):,} links  (bar 0.99)")
    among = [(copy, first) for copy, first in linked if copy.kind == first.kind == "real"]
    print(f"    {len(among)} links are of two real documents, {len([one for one in among if one in wrong])} wrong")
    for copy, first in wrong:
        print(f"        {copy.doc_id} -> {first.doc_id}")


def recombined(count: int) -> Iterator[Print]:
    """Yield documents of the lengths and the sentences of real ones, a tenth of them cut and edited copies."""
    rng = random.Random(SEED)
    split = [_sentences(one.text) for one in real()]
    sentences = [sentence for one in split for sentence in one]
    lengths = [len(one) for one in split]
    recent: list[str] = []
    for number in range(count):
        if number % 10 == 9:
            text = COPIES["first half, headline, dateline, credits, 2 of 100"](rng, rng.choice(recent))
        else:
            text = " ".join(rng.choices(sentences, k=rng.choice(lengths)))
            recent = [*recent[-200:], text]
        day = date(2026, 1, 1) + timedelta(days=number * DAYS // count)
        yield Print(f"{number:08}", str(number), "recombined", day, text)


def speed(folder: Path, count: int) -> None:
    """Print the time and the memory for so many documents."""
    folder.mkdir()
    prints = prepare(folder, recombined(count))
    with staging.open_staging(Settings(warehouse=folder / "warehouse"), fresh=True) as connection:
        links = link(folder, connection)
        found = connection.sql("SELECT count(*) FROM copy_links").fetchall()[0][0]
    size = sum(file.stat().st_size for file in folder.glob("print-*.parquet"))
    print(f"{count:,} documents on one core: fingerprints {prints:.0f} s, linking {links:.1f} s  (bar 600 s)")
    print(f"    {found:,} copies, {size / count:,.0f} bytes of fingerprint each; peak memory {peak() / 1e6:,.0f} MB")


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(prog="./run bench duplicates", description=__doc__.split("\n")[0])
    parser.add_argument("--copies", type=int, default=200, help="of each kind of edit")
    parser.add_argument("--documents", type=int, default=100_000, help="for the time")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="communique-bench-") as name:
        quality(Path(name), options.copies)
        speed(Path(name) / "speed", options.documents)


if __name__ == "__main__":
    main()
