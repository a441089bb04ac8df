"""The records of ingestion: a file of an inbox, and what reading it yields. Nothing is read here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path


class InboxError(ValueError):
    """An inbox cannot be read at all; the message names it and the way out."""


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file of an inbox; `raw_uri` is its path inside the inbox, with slashes."""

    raw_uri: str
    path: Path
    size: int
    mtime_ns: int


@dataclass(frozen=True, slots=True)
class IngestedDocument:
    """A document as it was read: the columns of `tables.SOURCE_DOCUMENTS` but for the time of ingestion."""

    doc_id: str
    external_id: str | None
    source: str | None
    url: str | None
    title: str | None
    author: str | None
    language: str | None
    published_on: date
    date_basis: str
    text: str
    word_count: int
    raw_uri: str
    raw_sha256: str
    text_sha256: str
    extra: str | None
    feed: str | None = None
    retrieved_at: datetime | None = None  # UTC without zone


@dataclass(frozen=True, slots=True)
class RejectedInput:
    """An input that is no document, and why: the columns of `tables.REJECTED_DOCUMENTS` but for the time."""

    rejection_id: str
    raw_uri: str
    external_id: str | None
    reason: str
    detail: str | None
    raw_sha256: str | None


@dataclass(frozen=True, slots=True)
class Parsed:
    """One outcome with the raw bytes behind it (of a JSONL file: its line), so that the caller can keep them."""

    raw: bytes
    outcome: IngestedDocument | RejectedInput
