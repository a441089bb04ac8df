"""Reading one file of an inbox: each input in it becomes a document or a rejection, and never an exception.

Finding files is `scan`'s, decoding `clean`'s, dating `dates`' business; this module knows the formats.
"""

from __future__ import annotations

import gzip
import json
import re
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import cache
from hashlib import sha256
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO, cast

import yaml
from py3langid.langid import MODEL_FILE, LanguageIdentifier

from pipeline.ingest.archives import ArchivedPage, pages
from pipeline.ingest.clean import NotText, clean, decode
from pipeline.ingest.dates import parse_day, publication_day
from pipeline.ingest.page import NoArticle, article
from pipeline.ingest.page import decode as decode_page
from pipeline.ingest.records import IngestedDocument, Parsed, RejectedInput, SourceFile

FORMATS = {".txt": "text", ".md": "markdown", ".html": "html", ".htm": "html", ".jsonl": "jsonl", ".warc": "warc"}
_DATES = ("published_on", "published_at", "date")
_IDS = ("external_id", "doc_id", "id")
_LANGUAGE_WORDS = 20
_LANGUAGE_SURE = 0.9
_FRONT = re.compile(r"\A---[ \t]*\n(.*?)\n---[ \t]*(?:\n|\Z)", re.DOTALL)
_HEADING = re.compile(r"\A\s*# +(.+?)\s*#*\s*(?:\n+|\Z)")
_SAID = ("source", "url", "title", "author", "language", "external_id", "published_at", "updated_at")
"""What `gather` writes down of an article that a feed says."""
_LETTER = re.compile(r"[^\W\d_]")


@dataclass(frozen=True, slots=True)
class Limits:
    """What is too large to be one document, in bytes, packed or not."""

    max_bytes: int = 20_000_000


class Refused(Exception):
    """An input is no document: a reason code and the reason in words."""

    def __init__(self, reason: str, detail: str, external_id: str | None = None) -> None:
        super().__init__(detail)
        self.reason, self.detail, self.external_id = reason, detail, external_id


def read(file: SourceFile, ingest_day: date, limits: Limits = Limits()) -> Iterator[Parsed]:
    """Read a file; yield each document or rejection in it with its raw bytes.

    A JSONL file is read line by line, an archive record by record.
    """
    form = file_format(file.raw_uri)
    if form is None:
        yield _rejected(
            file.raw_uri, b"", Refused("unsupported_format", f"not one of {', '.join(FORMATS)}, or .gz of these")
        )
        return
    try:
        with _opened(file) as stream:
            if form == "jsonl":
                yield from _read_lines(file, stream, ingest_day, limits)
            elif form == "warc":
                yield from _read_archive(file, stream, ingest_day, limits)
            else:
                data = stream.read(limits.max_bytes + 1)
                yield _outcome(file.raw_uri, data, file, lambda: _single(form, data, limits), ingest_day)
    except (OSError, EOFError, zlib.error) as error:
        detail = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        yield _rejected(file.raw_uri, b"", Refused("unreadable", detail))


def read_spool(path: Path, limits: Limits = Limits()) -> Iterator[Parsed]:
    """Read what `gather` wrote: articles as they came from feeds, and refusals of pages, a line each."""
    with path.open("rb") as stream:
        for line in stream:
            yield _retrieved(json.loads(line), line.rstrip(b"\n"), limits)


def _retrieved(record: dict[str, Any], data: bytes, limits: Limits) -> Parsed:
    raw_uri = record["url"] or f"{record['feed']}#{record['external_id']}"
    retrieved_at = datetime.fromisoformat(record["retrieved_at"])
    place = SourceFile(raw_uri, Path(), len(data), 0)
    if "refused" in record:
        return _rejected(raw_uri, data, Refused(record["refused"], record["detail"], record["external_id"]))
    parsed = _outcome(raw_uri, data, place, lambda: _of_feed(record, data, limits), retrieved_at.date())
    if isinstance(parsed.outcome, RejectedInput):
        return parsed
    return replace(parsed, outcome=replace(parsed.outcome, feed=record["feed"], retrieved_at=retrieved_at))


def _of_feed(record: dict[str, Any], data: bytes, limits: Limits) -> _Found:
    """Read an article of a feed; what its page states of title, author, address and day outweighs it."""
    if len(data) > limits.max_bytes:
        raise Refused("too_large", f"more than {limits.max_bytes:,} bytes", record["external_id"])
    meta = {key: record[key] for key in _SAID if record.get(key)}
    if "text" in record:
        return _Found(record["text"], meta)
    try:
        found = _html(record["html"], record.get("address"))
    except Refused as refused:
        raise Refused(refused.reason, refused.detail, record["external_id"]) from refused
    if any(key in found.meta for key in _DATES):
        meta.pop("published_at", None)
    return _Found(found.text, {**meta, **found.meta, "source": record["source"]})


def file_format(raw_uri: str) -> str | None:
    """Return the format that a file's name tells, `.gz` aside, or None."""
    name = PurePosixPath(raw_uri.lower().removesuffix(".gz"))
    return FORMATS.get(name.suffix)


@contextmanager
def _opened(file: SourceFile) -> Iterator[BinaryIO]:
    with file.path.open("rb") as raw:
        if file.raw_uri.lower().endswith(".gz") and file_format(file.raw_uri) != "warc":  # its records are packed
            with gzip.open(raw) as unpacked:
                yield cast(BinaryIO, unpacked)
        else:
            yield raw


def _read_lines(file: SourceFile, stream: BinaryIO, today: date, limits: Limits) -> Iterator[Parsed]:
    number = 0
    while line := stream.readline(limits.max_bytes + 1):
        number += 1
        raw_uri = f"{file.raw_uri}#L{number}"
        whole = line
        while not whole.endswith(b"\n") and (whole := stream.readline(limits.max_bytes)):
            pass  # the rest of a line that is too long: read past it without keeping it
        data = line.rstrip(b"\r\n")
        if data.strip():
            yield _outcome(raw_uri, data, file, lambda data=data: _record(data, limits), today)
    if number == 0:
        yield _rejected(file.raw_uri, b"", Refused("empty", "the file is empty"))


def _read_archive(file: SourceFile, stream: BinaryIO, today: date, limits: Limits) -> Iterator[Parsed]:
    found = False
    for page in pages(stream, limits.max_bytes):
        found = True
        raw_uri = f"{file.raw_uri}#{page.number}"
        if page.reason is not None:
            yield _rejected(raw_uri, b"", Refused(page.reason, page.detail or page.reason))
            continue
        fetched = file if page.date is None else replace(file, mtime_ns=int(page.date.timestamp()) * 10**9)
        parsed = _outcome(raw_uri, page.content, fetched, lambda page=page: _archived(page), today)
        if isinstance(parsed.outcome, IngestedDocument) and page.date is not None:
            retrieved_at = page.date.astimezone(UTC).replace(tzinfo=None)
            parsed = replace(parsed, outcome=replace(parsed.outcome, retrieved_at=retrieved_at))
        yield parsed
    if not found:
        yield _rejected(file.raw_uri, b"", Refused("empty", "no record of the archive is a page of HTML"))


@dataclass(frozen=True, slots=True)
class _Found:
    """Text and metadata of an input, before they are checked."""

    text: str
    meta: Mapping[str, Any]


def _outcome(raw_uri: str, data: bytes, file: SourceFile, parse: Any, today: date) -> Parsed:
    try:
        return Parsed(data, _document(raw_uri, data, file, parse(), today))
    except Refused as refused:
        return _rejected(raw_uri, data, refused)


def _rejected(raw_uri: str, data: bytes, refused: Refused) -> Parsed:
    digest = sha256(data).hexdigest()
    key = sha256(f"{raw_uri}|{refused.reason}|{digest}".encode("utf-8", "replace")).hexdigest()[:32]
    return Parsed(
        data, RejectedInput(key, raw_uri, refused.external_id, refused.reason, refused.detail, digest if data else None)
    )


def _single(form: str, data: bytes, limits: Limits) -> _Found:
    """Read a file that is one document."""
    if len(data) > limits.max_bytes:
        raise Refused("too_large", f"more than {limits.max_bytes:,} bytes (COMMUNIQUE_MAX_MEGABYTES)")
    try:
        text = decode_page(data) if form == "html" else decode(data)
    except NotText as error:
        raise Refused("not_text", str(error)) from error
    if not text.strip():
        raise Refused("empty", "there is nothing in it but blanks")
    if form == "html":
        return _html(text)
    text, meta = _front_matter(clean(text))
    if form == "markdown" and (heading := _HEADING.match(text)):
        meta = {"title": heading[1], **meta}
        text = text[heading.end() :]
    return _Found(text, meta)


def _front_matter(text: str) -> tuple[str, dict[str, Any]]:
    """Take YAML front matter off a text; what is none stays in it."""
    match = _FRONT.match(text)
    if match is None:
        return text, {}
    try:
        meta = yaml.safe_load(match[1])
    except (yaml.YAMLError, ValueError, RecursionError):
        return text, {}
    if not isinstance(meta, dict) or not all(isinstance(key, str) for key in meta):
        return text, {}
    return text[match.end() :], meta


def _html(page: str, address: str | None = None) -> _Found:
    try:
        found = article(page, address)
    except NoArticle as refused:
        raise Refused(refused.reason, refused.detail) from refused
    meta = {
        "title": found.title,
        "author": found.author,
        "source": found.source,
        "url": found.canonical,
        "published_on": found.published_on,
        "language": found.language,
        "updated_at": found.modified_at.isoformat() if found.modified_at else None,
        "page_kind": None if found.judged == "article" else found.judged,
        "next_page": found.next_page,
    }
    return _Found(found.text, {key: value for key, value in meta.items() if value})


def _archived(page: ArchivedPage) -> _Found:
    """Read a page of an archive. The address that it states itself outweighs the one it was fetched from."""
    try:
        text = decode_page(page.content, page.charset)
    except NotText as error:
        raise Refused("not_text", str(error)) from error
    found = _html(text, page.url)
    return _Found(found.text, {"url": page.url, **found.meta})


def _record(data: bytes, limits: Limits) -> _Found:
    """Read a line of a JSONL file."""
    if len(data) > limits.max_bytes:
        raise Refused("too_large", f"a line of more than {limits.max_bytes:,} bytes (COMMUNIQUE_MAX_MEGABYTES)")
    try:
        record = json.loads(decode(data))
    except NotText as error:
        raise Refused("not_text", str(error)) from error
    except (ValueError, RecursionError) as error:
        raise Refused("bad_json", str(error)[:200]) from error
    if not isinstance(record, dict):
        raise Refused("bad_record", "the line is no JSON object")
    meta = {key: value for key, value in record.items() if value is not None}
    external_id = _external_id(meta)
    text, page = meta.pop("text", None), meta.pop("html", None)
    if isinstance(text, str):
        return _Found(text, meta)
    if text is not None or (page is not None and not isinstance(page, str)):
        raise Refused("bad_record", "text (or html) is no string", external_id)
    if page is None:
        raise Refused("bad_record", "there is neither text nor html", external_id)
    try:
        found = _html(page)
    except Refused as refused:
        raise Refused(refused.reason, refused.detail, external_id) from refused
    dated = any(key in meta for key in _DATES)  # the record's own date outweighs one found in the page
    of_page = {key: value for key, value in found.meta.items() if not (dated and key in _DATES)}
    return _Found(found.text, {**of_page, **meta})


def _external_id(meta: Mapping[str, Any]) -> str | None:
    for key in _IDS:
        value = meta.get(key)
        if isinstance(value, str | int | float) and not isinstance(value, bool):
            return clean(str(value)) or None
    return None


def _words(meta: dict[str, Any], key: str) -> str | None:
    """Take a piece of metadata that is text; anything else stays among the extra keys."""
    if isinstance(meta.get(key), str):
        return clean(meta.pop(key)).strip() or None
    return None


def _document(raw_uri: str, data: bytes, file: SourceFile, found: _Found, today: date) -> IngestedDocument:
    text, meta = clean(found.text), dict(found.meta)
    external_id = _external_id(meta)
    for key in _IDS:
        if key in meta and clean(str(meta[key])) == external_id:
            del meta[key]
    if not text.strip():
        raise Refused("empty", "there is no text", external_id)
    if not _LETTER.search(text):
        raise Refused("not_text", "there is no letter in it", external_id)
    language = _language(text, meta)
    stated = None
    for key in _DATES:
        if key in meta and stated is None and (stated := parse_day(meta[key])) is not None:
            del meta[key]
    published_on, basis = publication_day(stated, text, raw_uri, file.mtime_ns, today)
    values = {key: _words(meta, key) for key in ("source", "url", "title", "author")}
    extra = json.dumps(meta, sort_keys=True, ensure_ascii=False, default=str) if meta else None
    dated = published_on.isoformat() if basis in ("metadata", "text") else None
    identity = json.dumps([raw_uri, external_id, *values.values(), dated, text])
    return IngestedDocument(
        doc_id=sha256(identity.encode()).hexdigest()[:32],
        external_id=external_id,
        source=values["source"],
        url=values["url"],
        title=values["title"],
        author=values["author"],
        language=language,
        published_on=published_on,
        date_basis=basis,
        text=text,
        word_count=len(text.split()),
        raw_uri=raw_uri,
        raw_sha256=sha256(data).hexdigest(),
        text_sha256=sha256(" ".join(text.casefold().split()).encode()).hexdigest(),
        extra=None if extra is None else clean(extra),
    )


@cache
def _identifier() -> LanguageIdentifier:
    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)


def _language(text: str, meta: dict[str, Any]) -> str | None:
    """Return the language of a text: the one it surely is in, else the one that is stated, else English."""
    stated = _words(meta, "language")
    sample = text[:5000]
    if len(sample.split()) >= _LANGUAGE_WORDS:
        language, probability = _identifier().classify(sample)
        return str(language) if language == "en" or probability >= _LANGUAGE_SURE else "en"
    return "en" if stated is None else stated[:2].lower()
