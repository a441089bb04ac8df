"""Reading web archives (WARC, ISO 28500) as pages, record by record, within a bound of memory.

What a page says is `page`'s business, and which archives are read is `read`'s; this module knows records and what HTTP
did to their bodies. warcio finds the records. Its reader is held to bounds here, since it keeps a header line in memory
whatever its length, and passes over bytes that cannot be unpacked.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from typing import Any, BinaryIO

from warcio.archiveiterator import WARCIterator  # type: ignore[import-untyped]
from warcio.bufferedreaders import ChunkedDataReader, DecompressingBufferedReader  # type: ignore[import-untyped]
from warcio.exceptions import ArchiveLoadFailed  # type: ignore[import-untyped]
from warcio.statusandheaders import (  # type: ignore[import-untyped]
    StatusAndHeaders,
    StatusAndHeadersParser,
    StatusAndHeadersParserException,
)

from pipeline.ingest.charsets import mime_type
from pipeline.ingest.clean import clean

_HTML = frozenset({"text/html", "application/xhtml+xml"})
_UNSTATED = frozenset({"", "application/octet-stream", "text/plain", "unknown/unknown"})  # then its first bytes tell
_HTML_BEGINS = re.compile(rb"<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE)
_VERSIONS = ["HTTP/1.1", "HTTP/1.0", "HTTP/2.0", "HTTP/2", "HTTP/3"]
_TYPES = frozenset(
    {"warcinfo", "response", "resource", "request", "metadata", "revisit", "conversion", "continuation"}
)  # ISO 28500, 6
_MAX_LINE = 65_536
_MAX_HEADERS = 1_000_000
_MAX_URL = 8_000
_MAX_ENCODINGS = 3
_GZIP = b"\x1f\x8b"


@dataclass(frozen=True, slots=True)
class ArchivedPage:
    """A page of an archive with its content, or the reason why a response is none.

    `number` is the record's in its archive, counted from 1; `date` is when it was fetched, in UTC; `content` is the
    body as it was before HTTP packed it, and `charset` what HTTP says of it.
    """

    number: int
    url: str | None
    date: datetime | None
    content: bytes = b""
    content_type: str | None = None
    charset: str | None = None
    reason: str | None = None
    detail: str | None = None


class _BrokenArchive(Exception):
    """The archive cannot be read from here on."""


class _NoPage(Exception):
    """A record is no page; the reason and the detail."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason, self.detail = reason, detail


def pages(stream: BinaryIO, max_bytes: int) -> Iterator[ArchivedPage]:
    """Read the pages of an archive, be it packed record by record, as a whole, or not at all.

    Args:
        stream: the archive as it is stored: gzip is unpacked here.
        max_bytes: the most that a page may hold, packed or not. Memory is bounded by a small multiple of it.

    Yields:
        Each page, or a refusal with its reason: `http_status` (not 2xx), `no_html` (nothing says what it is, and it is
        none), `too_large`, `bad_encoding`, `broken_record`. Other types of records, and responses that say themselves
        to be something else than HTML, are passed over. Where the archive cannot be read further, a last refusal,
        `broken_archive`, has the number of the record that is lost first.
    """
    records, number = _Records(stream), 1
    reader = records.reader
    try:
        for record in records:
            outcome = _outcome(record, number, max_bytes)
            whole = records.finish()
            if outcome is not None:
                yield outcome if whole else _refusal(outcome, "broken_record", "the record is shorter than it says")
            number += 1
        if reader.cut:
            raise _BrokenArchive("the archive ends inside it")
    except (_BrokenArchive, ArchiveLoadFailed, StatusAndHeadersParserException, OSError, EOFError) as error:
        detail = " ".join(clean(str(error)).split())[:200]
        yield ArchivedPage(number, None, None, reason="broken_archive", detail=f"from record {number} on: {detail}")


class _Records(WARCIterator):  # type: ignore[misc]
    """warcio's iterator over a reader with bounds; a whole archive in one gzip member is read too."""

    def __init__(self, stream: BinaryIO) -> None:
        super().__init__(stream, no_record_parse=True)
        self.reader = _Reader(self.fh)

    def finish(self) -> bool:
        """Read past the current record, and to the checksum of its gzip member; return whether it was whole.

        Raises:
            _BrokenArchive: the archive ends in it, or its bytes are damaged.
        """
        self.read_to_end()
        self.reader.lines = 0
        if self.next_line is not None and not self.next_line.upper().startswith(b"WARC/"):
            raise _BrokenArchive("what follows it is no record, so that its length or its bytes are damaged")
        if not self.record.raw_stream.limit:
            return True
        if not self.reader.goes_on():
            raise _BrokenArchive("the archive ends inside it")
        return False

    def _consume_blanklines(self) -> tuple[bytes | None, int]:
        """Read to the next line that is not blank; warcio's own writes to the screen where a length is wrong."""
        size = 0
        while line := self.reader.readline():
            if line.strip():
                return line, size
            size += len(line)
        return None, size

    def _raise_invalid_gzip_err(self) -> None:
        """Several records in one gzip member can be read in order, only not sought."""


class _Reader(DecompressingBufferedReader):  # type: ignore[misc]
    """warcio's reader, that raises where it cannot unpack, and bounds lines and what all of a record's add up to."""

    lines = 0
    fed = False
    cut = False
    decompressor: Any

    def readline(self, length: int | None = None) -> bytes:
        line: bytes = super().readline(length or _MAX_LINE)
        if length is None:  # a line of a record's own headers
            self.lines += len(line)
            if self.lines > _MAX_HEADERS or (len(line) == _MAX_LINE and not line.endswith(b"\n")):
                raise _BrokenArchive("its headers have no end")
        return line

    def goes_on(self) -> bool:
        """Return whether another gzip member follows the one that has been read."""
        return self.decompressor is not None and bool(self.decompressor.unused_data)

    def close_decompressor(self) -> None:
        """Note whether the last gzip member has no end, however little of it there is."""
        self.cut = self.fed and self.decompressor is not None and not self.decompressor.eof
        self.decompressor = None

    def _decompress(self, data: bytes) -> bytes:
        if not self.decompressor or not data:
            return data
        self.fed = True
        try:
            unpacked: bytes = self.decompressor.decompress(data)
        except zlib.error as error:
            if self.num_block_read == 0 and not data.startswith(_GZIP):
                self.decompressor = None  # the archive is not packed
                return data
            raise _BrokenArchive(f"its gzip data are damaged ({error})") from error
        return unpacked


def _refusal(page: ArchivedPage, reason: str, detail: str) -> ArchivedPage:
    return ArchivedPage(page.number, page.url, page.date, reason=reason, detail=detail)


def _outcome(record: Any, number: int, max_bytes: int) -> ArchivedPage | None:
    """Read a record's page; None where it is of a type that holds none.

    Raises:
        _BrokenArchive: it does not say how long it is.
    """
    length = record.rec_headers.get_header("Content-Length") or ""
    if not re.fullmatch(r"\d{1,18}", length.strip(), re.ASCII):  # warcio takes what is no number for nothing
        raise _BrokenArchive("it does not state its length, or the archive ends inside it")
    url = _url(record.rec_headers)
    page = ArchivedPage(number, url, _date(record.rec_headers))
    if record.rec_type not in _TYPES:
        return _refusal(page, "broken_record", "its type is none that a WARC file has")
    if record.rec_type != "response":
        return None
    if url is None:
        stated = (record.rec_headers.get_header("Content-Type") or "").lower()
        refused = _refusal(page, "broken_record", "it does not state the address of a web page")
        return refused if stated.startswith("application/http") else None  # what crawlers note of name servers
    try:
        return _response(record.raw_stream, page, max_bytes)
    except _NoPage as refused:
        return _refusal(page, refused.reason, refused.detail)


def _response(stream: Any, page: ArchivedPage, max_bytes: int) -> ArchivedPage | None:
    headers = _http_headers(stream)
    status = headers.get_statuscode()
    stated, charset = mime_type(headers.get_header("Content-Type"))
    if stated not in _HTML | _UNSTATED:
        return None
    if not re.fullmatch(r"2\d\d", status, re.ASCII):
        raise _NoPage("http_status", f"the server answered {clean(headers.statusline)[:60] or 'without a status'}")
    content = stream.read(max_bytes + 1)
    if len(content) > max_bytes:
        raise _NoPage("too_large", f"more than {max_bytes:,} bytes (COMMUNIQUE_MAX_MEGABYTES)")
    if "chunked" in (headers.get_header("Transfer-Encoding") or "").lower():
        content = ChunkedDataReader(BytesIO(content)).read()
    encodings = [name.strip() for name in (headers.get_header("Content-Encoding") or "").lower().split(",")]
    if len(encodings) > _MAX_ENCODINGS:
        raise _NoPage("bad_encoding", f"it is packed {len(encodings)} times")
    for encoding in reversed(encodings):
        content = _unpacked(content, encoding, max_bytes)
    if stated in _UNSTATED and not _HTML_BEGINS.search(content[:2_000]):
        raise _NoPage("no_html", "nothing says that it is HTML")
    return ArchivedPage(page.number, page.url, page.date, content, stated or None, charset)


def _http_headers(stream: Any) -> StatusAndHeaders:
    lines, size = [], 0
    while (line := stream.readline(_MAX_LINE)).strip():
        lines.append(line)
        size += len(line)
        if size > _MAX_HEADERS:
            raise _NoPage("broken_record", "its headers of HTTP have no end")
    try:
        return StatusAndHeadersParser(_VERSIONS).parse(BytesIO(b"".join([*lines, b"\r\n"])))
    except (StatusAndHeadersParserException, EOFError) as error:
        raise _NoPage("broken_record", "it holds no answer of HTTP") from error


def _unpacked(content: bytes, encoding: str, max_bytes: int) -> bytes:
    """Undo a content encoding; what its crawler has unpacked already stays as it is."""
    if encoding in ("", "identity"):
        return content
    if encoding in ("gzip", "x-gzip"):
        if not content.startswith(_GZIP):
            return content
        forms = [zlib.MAX_WBITS + 16]
    elif encoding == "deflate":
        forms = [zlib.MAX_WBITS, -zlib.MAX_WBITS]  # RFC 9110 says zlib's format, and many servers send it bare
    else:
        raise _NoPage("bad_encoding", f"its encoding is {encoding[:40]}, which is not read")
    for form in forms:
        try:
            unpacked = zlib.decompressobj(form).decompress(content, max_bytes + 1)
        except zlib.error as error:
            problem = str(error)
            continue
        if len(unpacked) > max_bytes:
            raise _NoPage("too_large", f"unpacked more than {max_bytes:,} bytes (COMMUNIQUE_MAX_MEGABYTES)")
        return unpacked
    raise _NoPage("bad_encoding", f"it cannot be unpacked: {problem}")


def _url(headers: StatusAndHeaders) -> str | None:
    url = clean(headers.get_header("WARC-Target-URI") or "").strip()
    return url if url.lower().startswith(("http://", "https://")) and len(url) <= _MAX_URL else None


def _date(headers: StatusAndHeaders) -> datetime | None:
    try:
        date = datetime.fromisoformat((headers.get_header("WARC-Date") or "").strip())
        return date.replace(tzinfo=UTC) if date.tzinfo is None else date.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
