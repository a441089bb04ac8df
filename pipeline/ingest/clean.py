"""Decoding bytes and cleaning text. Text that is clean already stays as it is, character for character."""

from __future__ import annotations

import codecs
import re

from charset_normalizer import from_bytes

BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
"""Byte-order marks and their encodings; a mark that begins another comes after it."""

_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ufeff\ud800-\udfff]")
_LINE_END = re.compile("\r\n?|\x85|\u2028|\u2029")
_GUESS_FROM = 65_536
_BINARY_SHARE = 0.02


class NotText(ValueError):
    """The bytes are no text in any encoding."""


def clean(text: str) -> str:
    """Unify line ends to a line feed and remove control characters. Doing it again changes nothing."""
    return _CONTROL.sub("", _LINE_END.sub("\n", text))


def decode(data: bytes) -> str:
    """Decode bytes: by their byte-order mark, as UTF-8, else by a guess from their distribution.

    Raises:
        NotText: the bytes hold what no text does, or no encoding fits.
    """
    for mark, encoding in BOMS:
        if data.startswith(mark):
            try:
                return data[len(mark) :].decode(encoding)
            except UnicodeDecodeError as error:
                raise NotText(f"it begins as {encoding} but goes on otherwise at byte {error.start}") from error
    control = sum(data[:_GUESS_FROM].count(byte) for byte in (*range(9), *range(14, 27), *range(28, 32)))
    if control > _BINARY_SHARE * min(len(data), _GUESS_FROM):
        raise NotText("it holds bytes that no text holds")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        guess = from_bytes(data[:_GUESS_FROM]).best()
    if guess is None:
        raise NotText("no encoding fits its bytes")
    return data.decode(guess.encoding, errors="replace")
