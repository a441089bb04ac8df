"""Decoding what came with a statement of its encoding: an HTTP header, an XML declaration, a WARC record.

Bytes outweigh what is said of them, since servers and templates say the wrong thing so often. Bytes that come without
any statement are `clean.decode`'s business.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable
from email.message import Message

from pipeline.ingest.clean import BOMS

_ZERO_PATTERNS = ((b"<\0\0\0", "utf-32-le"), (b"\0\0\0<", "utf-32-be"), (b"<\0", "utf-16-le"), (b"\0<", "utf-16-be"))
"""How markup without a byte-order mark begins (XML 1.0, appendix F)."""

_CHARACTER_SETS = re.compile(r"(?:utf|iso|windows|cp\d|koi8|mac|shift|sjis|euc|gb|big5|hz|latin|tis|us-?ascii|ascii)")
"""Python knows codecs that are none of text, and some whose cost is the square of the length (punycode)."""

_WIDER = {
    "ascii": "cp1252", "iso8859-1": "cp1252", "iso8859-9": "cp1254", "iso8859-11": "cp874", "gb2312": "gb18030",
    "gbk": "gb18030", "shift_jis": "cp932", "euc_kr": "cp949", "utf-16": "utf-16-le", "utf-32": "utf-32-le",
}  # fmt: skip
"""Labels that publishers use for a wider set (WHATWG Encoding Standard, 4.2)."""

_STATEFUL = re.compile(r"iso2022|hz|utf-7")
"""Their bytes are ASCII, and so UTF-8, whatever they mean."""

_FALLBACK = "cp1252"
_BROKEN_SHARE = 0.5  # of the characters beyond ASCII; in other encodings nearly all are broken


def mime_type(header: str | None) -> tuple[str, str | None]:
    """Split a Content-Type header into its media type, in small letters, and its charset."""
    message = Message()
    message["Content-Type"] = re.sub(r"[\x00-\x1f\x7f]+", " ", (header or "")[:500])
    charset = message.get_content_charset() if header else None
    return (header or "")[:500].split(";")[0].strip().lower(), charset


def codec(label: str | None) -> str | None:
    """Return Python's name of the encoding that publishers mean by a label, None where it is no character set."""
    name = (label or "").strip(" \t\r\n\"'").lower()
    if len(name) > 40 or not _CHARACTER_SETS.match(name):
        return None
    try:
        found = codecs.lookup(name).name
    except (LookupError, ValueError):
        return None
    return _WIDER.get(found, found)


def decode_stated(data: bytes, labels: Iterable[str | None]) -> str:
    """Decode bytes: by their byte-order mark, as UTF-8 if they are any, as is stated, else as Windows-1252.

    A few broken characters do not make UTF-8 another encoding, they are replaced; it never raises.
    """
    for mark, encoding in BOMS:
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, "replace")
    for start, encoding in _ZERO_PATTERNS:
        if data.startswith(start):
            return data.decode(encoding, "replace")
    stated = [known for label in labels if (known := codec(label))]
    for encoding in stated:
        if _STATEFUL.match(encoding) or (encoding.startswith(("utf-16", "utf-32")) and b"\0" in data[:64]):
            return data.decode(encoding, "replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        lenient = data.decode("utf-8", "replace")
    broken = lenient.count("\ufffd")
    beyond_ascii = len(lenient) - len(lenient.encode("ascii", "ignore")) - broken
    if broken <= _BROKEN_SHARE * beyond_ascii:
        return lenient
    for encoding in stated:
        if not encoding.startswith("utf"):
            return data.decode(encoding, "replace")
    return data.decode(_FALLBACK, "replace")
