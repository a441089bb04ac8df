"""Web archives in, pages or refusals out; a broken one is read as far as it goes."""

from __future__ import annotations

import gzip
import itertools
import random
import re
import subprocess
import sys
import textwrap
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from pipeline.ingest.archives import ArchivedPage, pages
from pipeline.ingest.read import Limits, file_format, read
from pipeline.ingest.records import IngestedDocument, RejectedInput
from pipeline.ingest.scan import scan

LIMIT = 200_000
TODAY = date(2026, 6, 1)
SENTENCE = "The ministry said on Monday that the brigade would arrive in May and stay there for a year."
PAGE = f"""<html><head><title>Brigade arrives</title></head><body><article><h1>Brigade arrives</h1><p>{SENTENCE}</p>
<p>“We are ready,” said the captain, who has waited for the order since the winter storms ended.</p></article></body>
</html>"""
HTML = ("Content-Type", "text/html; charset=utf-8")
REASONS = {"http_status", "no_html", "too_large", "bad_encoding", "broken_record", "broken_archive"}


@dataclass
class Response:
    """What a server answered, as an archive keeps it."""

    body: bytes = PAGE.encode()
    headers: list[tuple[str, str]] = field(default_factory=lambda: [HTML])
    status: str = "200 OK"
    url: str = "https://paper.example/1"
    kind: str = "response"
    date: str = "2025-06-24T10:00:00Z"


def archive(*responses: Response, packed: bool = True) -> bytes:
    """Write an archive: a note on itself, then for each response its request and what was answered."""
    out = BytesIO()
    writer = WARCWriter(out, gzip=packed)
    records = [writer.create_warcinfo_record("made.warc", {"software": "these tests"})]
    for response in responses:
        asked = StatusAndHeaders("GET / HTTP/1.1", [("Host", "paper.example")], is_http_request=True)
        answered = StatusAndHeaders(response.status, response.headers, protocol="HTTP/1.1")
        body = BytesIO(response.body)
        records += [
            writer.create_warc_record(response.url, "request", http_headers=asked),
            writer.create_warc_record(response.url, response.kind, payload=body, http_headers=answered),
        ]
        records[-1].rec_headers.replace_header("WARC-Date", response.date)
    for number, record in enumerate(records):
        record.rec_headers.replace_header("WARC-Record-ID", f"<urn:uuid:{number:032}>")
        writer.write_record(record)
    return out.getvalue()


def read_archive(data: bytes, limit: int = LIMIT) -> list[ArchivedPage]:
    """Read an archive's bytes."""
    return list(pages(BytesIO(data), limit))


def one(response: Response) -> ArchivedPage:
    """Read the only page of an archive with this response, which is its third record."""
    [page] = read_archive(archive(response))
    assert page.number == 3
    return page


def chunked(body: bytes) -> bytes:
    """Write a body in HTTP's chunks."""
    pieces = [body[n : n + 100] for n in range(0, len(body), 100)]
    return b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"


def bare_deflate(body: bytes) -> bytes:
    """Write a body as some servers deflate it, without zlib's head."""
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(body) + packer.flush()


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (PAGE.encode(), [HTML]),
        (gzip.compress(PAGE.encode(), mtime=0), [HTML, ("Content-Encoding", "gzip")]),
        (PAGE.encode(), [HTML, ("Content-Encoding", "gzip")]),  # the crawler unpacked it and kept the header
        (zlib.compress(PAGE.encode()), [HTML, ("content-encoding", "Deflate")]),
        (bare_deflate(PAGE.encode()), [HTML, ("Content-Encoding", "deflate")]),
        (chunked(PAGE.encode()), [HTML, ("Transfer-Encoding", "chunked")]),
        (PAGE.encode(), [HTML, ("Transfer-Encoding", "chunked")]),
        (
            chunked(gzip.compress(PAGE.encode(), mtime=0)),
            [HTML, ("Transfer-Encoding", "chunked"), ("Content-Encoding", "gzip")],
        ),
        (gzip.compress(zlib.compress(PAGE.encode()), mtime=0), [HTML, ("Content-Encoding", "deflate, gzip")]),
    ],
)
def test_bodies_are_as_before_http(body: bytes, headers: list[tuple[str, str]]) -> None:
    """Chunks and compressions are undone, those that are said to be there and are not, too."""
    page = one(Response(body, headers))
    assert page == ArchivedPage(
        3, "https://paper.example/1", datetime(2025, 6, 24, 10, tzinfo=UTC), PAGE.encode(), "text/html", "utf-8"
    )


@pytest.mark.parametrize("packed", [True, False])
def test_all_packings_are_read(packed: bool) -> None:
    """An archive is the same packed record by record, as a whole, or not."""
    responses = [Response(url=f"https://paper.example/{n}") for n in range(5)]
    found = read_archive(archive(*responses, packed=packed))
    assert [page.url for page in found] == [response.url for response in responses]
    assert found == read_archive(gzip.compress(archive(*responses, packed=False), mtime=0))


@pytest.mark.parametrize(
    ("response", "reason"),
    [
        (Response(status="404 Not Found"), "http_status"),
        (Response(status="301 Moved", headers=[HTML, ("Location", "/2")]), "http_status"),
        (Response(status="200x"), "http_status"),
        (Response(headers=[], body=b"\x89PNG"), "no_html"),
        (Response(body=b"x" * (LIMIT + 1)), "too_large"),
        (Response(gzip.compress(b"x" * (LIMIT + 1), mtime=0), [HTML, ("Content-Encoding", "gzip")]), "too_large"),
        (Response(b"x", [HTML, ("Content-Encoding", "br")]), "bad_encoding"),
        (Response(b"x", [HTML, ("Content-Encoding", "gzip, gzip, gzip, gzip")]), "bad_encoding"),
        (Response(b"\x1f\x8bxxxxxxxxxxxxxxxx", [HTML, ("Content-Encoding", "gzip")]), "bad_encoding"),
        (Response(url="urn:x:1"), "broken_record"),
    ],
)
def test_pages_that_cannot_be_used(response: Response, reason: str) -> None:
    """Each has its reason, its address and no content; the page after it is read."""
    refused, page = read_archive(archive(response, Response()))
    assert (refused.number, refused.reason, refused.content) == (3, reason, b"")
    assert refused.detail
    assert (page.number, page.reason, page.content) == (5, None, PAGE.encode())


@pytest.mark.parametrize(
    "response",
    [
        Response(kind="revisit"),
        Response(kind="resource"),
        Response(kind="metadata"),
        Response(headers=[("Content-Type", "image/png")], body=b"\x89PNG"),
        Response(headers=[("Content-Type", "application/json")], body=b"{}", status="500 Error"),
    ],
)
def test_what_is_no_page_is_passed_over(response: Response) -> None:
    """Other records, and answers that say that they are something else, are not inputs."""
    assert [page.number for page in read_archive(archive(response, Response()))] == [5]


@pytest.mark.parametrize("headers", [[], [("Content-Type", "application/octet-stream")], [("Content-Type", "")]])
def test_untold_html_is_found(headers: list[tuple[str, str]]) -> None:
    """A page whose server does not say what it is shows it by its first bytes."""
    assert one(Response(headers=headers)).content == PAGE.encode()


@pytest.mark.parametrize(
    ("stated", "moment"),
    [
        ("2025-06-24T10:00:00.123456Z", datetime(2025, 6, 24, 10, 0, 0, 123456, tzinfo=UTC)),
        ("2025-06-24T10:00:00+02:00", datetime(2025, 6, 24, 8, tzinfo=UTC)),
        ("yesterday", None),
        ("9999-12-31T23:00:00-12:00", None),
    ],
)
def test_times_of_the_crawl(stated: str, moment: datetime | None) -> None:
    """The time is in UTC, or none."""
    assert one(Response(date=stated)).date == moment


@pytest.mark.parametrize("packed", [True, False])
def test_a_cut_archive_is_read_as_far_as_it_goes(packed: bool) -> None:
    """Wherever the end is missing, what is whole is read, and one refusal names the record that is lost first."""
    data = archive(*(Response(url=f"https://paper.example/{n}") for n in range(3)), packed=packed)
    whole = read_archive(data)
    mark = b"\x1f\x8b\x08\x00" if packed else b"WARC/1.0\r\n"
    starts = [match.start() for match in re.finditer(re.escape(mark), data)] + [len(data)]
    for length in range(1, len(data), 7):
        found = read_archive(data[:length])
        good = [page for page in found if page.reason is None]
        assert good == whole[: len(good)]
        between = any(start - (0 if packed else 4) <= length <= start for start in starts)  # blank lines end a record
        assert [page.reason for page in found[len(good) :]] == ([] if between else ["broken_archive"])


def test_a_flipped_bit_is_noticed() -> None:
    """In a packed archive, a checksum tells: no page is read otherwise than it was written."""
    data = archive(*(Response(url=f"https://paper.example/{n}") for n in range(3)))
    whole = read_archive(data)
    draw = random.Random(1)
    for _ in range(1000):
        damaged = bytearray(data)
        damaged[draw.randrange(len(data))] ^= 1 << draw.randrange(8)
        found = read_archive(bytes(damaged))
        good = [page for page in found if page.reason is None]
        assert good == whole[: len(good)]
        assert len(good) == 3 or found[-1].reason == "broken_archive"


@pytest.mark.parametrize(
    "data",
    [
        b"no archive",
        b"\x1f\x8b",
        gzip.compress(b"no archive", mtime=0),
        b"WARC/1.0\r\n\r\n",
        b"WARC/1.0\r\nWARC-Type: response\r\nContent-Length: 5\r\n\r\nab",
        b"WARC/1.0\r\nWARC-Type: response\r\nContent-Length: -5\r\n\r\nab",
        b"WARC/1.0\r\nWARC-Type: response\r\nContent-Length: many\r\n\r\nab",
        b"http://a.example/ 127.0.0.1 20250624100000 text/html 5\nab",  # the ARC format of old is not read
    ],
)
def test_what_is_no_archive_is_one_refusal(data: bytes) -> None:
    """Bytes that are none, or break off, end in a refusal."""
    [page] = [page for page in read_archive(data) if page.reason != "broken_record"]
    assert (page.reason, page.content) == ("broken_archive", b"")
    assert "record" in (page.detail or "")


def test_an_empty_archive_has_no_pages() -> None:
    """Nothing in, nothing out."""
    assert read_archive(b"") == []


def test_memory_is_bounded() -> None:
    """Bombs of every kind are refused in a process that may not have the memory to hold one."""
    script = textwrap.dedent("""
        import gzip, io, resource, zlib
        from pipeline.ingest.archives import pages
        def packed(start, middle, times):
            packer = zlib.compressobj(6, zlib.DEFLATED, 31)
            pieces = [packer.compress(start)] + [packer.compress(middle) for _ in range(times)]
            return b"".join(pieces) + packer.flush()
        big = b"a" * 1_000_000
        head = b"WARC/1.0\\r\\nWARC-Type: response\\r\\nWARC-Target-URI: http://a.example/\\r\\n"
        head += b"Content-Length: %d\\r\\n\\r\\n"
        http = b"HTTP/1.1 200 OK\\r\\nContent-Type: text/html\\r\\n"
        bomb = packed(b"", big, 250)
        inner = http + b"Content-Encoding: gzip\\r\\n\\r\\n" + bomb
        chunk = http + b"Content-Encoding: gzip\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\n"
        chunk += b"%x\\r\\n" % len(bomb) + bomb + b"\\r\\n0\\r\\n\\r\\n"
        bombs = [
            head % (250_000_002 + len(http)) + http + b"\\r\\n",  # a body
            head % 250_000_017 + b"HTTP/1.1 200 OK\\r\\n",  # a header of HTTP
            b"WARC/1.0\\r\\n",  # a header of the record
        ]
        data = [packed(start, big, 250) for start in bombs]
        data.append(packed(b"WARC/1.0\\r\\n", b"a: b\\r\\n" * 100_000, 500))  # lines of headers without end
        data.append(packed(b"", b"\\r\\n" * 500_000, 250))  # blank lines without end
        data += [head % len(body) + body for body in (inner, chunk)]
        resource.setrlimit(resource.RLIMIT_DATA, (200_000_000, 200_000_000))
        for number, archive in enumerate(data):
            print([page.reason for page in pages(io.BytesIO(archive), 5_000_000)])
    """)
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=False)
    lines = [line for line in done.stdout.splitlines() if line]
    assert done.returncode == 0, done.stderr[-2000:]
    assert lines == [
        "['too_large']", "['broken_record']", "['broken_archive']", "['broken_archive']", "['broken_archive']",
        "['too_large']", "['too_large']",
    ]  # fmt: skip


def inbox(folder: Path, name: str, data: bytes) -> Iterator[IngestedDocument | RejectedInput]:
    """Read an inbox that holds one file."""
    (folder / name).write_bytes(data)
    return (parsed.outcome for file in scan(folder) for parsed in read(file, TODAY, Limits(LIMIT)))


@pytest.mark.parametrize(("name", "packed"), [("a.warc", False), ("a.warc.gz", True), ("A.WARC.GZ", True)])
def test_an_archive_is_an_input(tmp_path: Path, name: str, packed: bool) -> None:
    """Each page is a document with its place in the archive, its address, and the day of the crawl as the file's."""
    data = archive(Response(), Response(status="404 Not Found"), Response(b"<html></html>"), packed=packed)
    document, missing, blank = inbox(tmp_path, name, data)
    assert isinstance(document, IngestedDocument), document
    assert SENTENCE in document.text and document.title == "Brigade arrives"
    assert (document.raw_uri, document.url) == (f"{name}#3", "https://paper.example/1")
    assert (document.published_on, document.date_basis) == (date(2025, 6, 24), "file")
    assert [(o.raw_uri, o.reason) for o in (missing, blank) if isinstance(o, RejectedInput)] == [
        (f"{name}#5", "http_status"), (f"{name}#7", "no_article_text")]  # fmt: skip


def test_a_page_says_more_than_its_record(tmp_path: Path) -> None:
    """The canonical address and the day that a page states win."""
    head = '<link rel="canonical" href="https://paper.example/canonical"/>'
    head += '<meta property="article:published_time" content="2025-02-03T08:00:00Z"/></head>'
    [document] = inbox(tmp_path, "a.warc.gz", archive(Response(PAGE.replace("</head>", head).encode())))
    assert isinstance(document, IngestedDocument), document
    assert document.url == "https://paper.example/canonical"
    assert (document.published_on, document.date_basis) == (date(2025, 2, 3), "metadata")


def test_the_charset_of_http_is_heeded(tmp_path: Path) -> None:
    """A page that says nothing of its encoding is read as its server says."""
    page = PAGE.replace("Brigade arrives", "Бригада прибыла").encode("koi8-r", "replace")
    [document] = inbox(tmp_path, "a.warc", archive(Response(page, [("Content-Type", "text/html; charset=KOI8-R")])))
    assert isinstance(document, IngestedDocument), document
    assert document.title == "Бригада прибыла"


@pytest.mark.parametrize(("data", "reason"), [(b"", "empty"), (archive(), "empty"), (b"none", "broken_archive")])
def test_an_archive_without_pages_is_rejected(tmp_path: Path, data: bytes, reason: str) -> None:
    """An input never vanishes: an archive without a page says so."""
    [outcome] = inbox(tmp_path, "a.warc", data)
    assert isinstance(outcome, RejectedInput) and outcome.reason == reason


def test_only_archives_are_unpacked_by_their_own_reader() -> None:
    """The name tells the format, `.gz` aside."""
    assert [file_format(name) for name in ("a.warc", "b/a.warc.gz", "a.warc.txt.gz")] == ["warc", "warc", "text"]


SAMPLES = [
    archive(
        Response(), Response(gzip.compress(PAGE.encode(), mtime=0), [HTML, ("Content-Encoding", "gzip")]), packed=False
    ),
    archive(Response(chunked(PAGE.encode()), [HTML, ("Transfer-Encoding", "chunked")]), Response(status="404 No")),
]


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=300), st.booleans())
def test_any_bytes_are_read_or_refused(data: bytes, packed: bool) -> None:
    """Whatever the bytes, nothing is raised, and reading ends."""
    head = b"WARC/1.0\r\nWARC-Type: response\r\n"
    for start in (b"", head, head + b"Content-Length: 90\r\n\r\nHTTP/1.1 200\r\n"):
        found = read_archive(gzip.compress(start + data, mtime=0) if packed else start + data)
        assert {page.reason for page in found} <= {None, *REASONS}


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from(SAMPLES),
    st.lists(st.tuples(st.integers(0, 5000), st.integers(0, 255)), max_size=4),
    st.none() | st.integers(0, 5000),
)
def test_damaged_archives_are_read_or_refused(data: bytes, flips: list[tuple[int, int]], cut: int | None) -> None:
    """Good archives with bytes changed and the end cut off: no exception, each record once, in order."""
    damaged = bytearray(data)
    for place, byte in flips:
        damaged[place % len(data)] = byte
    found = read_archive(bytes(damaged[:cut]))
    assert {page.reason for page in found} <= {None, *REASONS}
    assert all(one.number < other.number for one, other in itertools.pairwise(found))
    assert found == read_archive(bytes(damaged[:cut]))
