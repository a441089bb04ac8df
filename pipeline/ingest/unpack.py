"""Unpacking gzip and deflate while they come, within a limit: a bomb costs no more than what it may unpack to.

The formats of files (archives, WARC) are the readers' business; this is what HTTP puts around any of them.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import Any

_PIECE = 65_536  # bytes unpacked at a time


class TooLargeError(Exception):
    """More bytes than allowed."""


class Unpacker:
    """One layer of gzip or deflate, unpacked piece by piece, so that a bomb costs no more than the limit."""

    def __init__(self, limit: int) -> None:
        self._room, self._waiting, self._members, self._padding = limit, b"", 0, False
        self._stream: Any = None

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Yield what a part of the packed body unpacks to, at most 64 KiB at a time.

        Raises:
            TooLargeError: more than the limit came out.
            zlib.error: it is not packed so.
        """
        data, self._waiting = self._waiting + data, b""
        held = False  # whether zlib may hold back what the last piece had no room for
        while (data or held) and not self._padding:
            if self._stream is None:
                if len(data) < 2:
                    self._waiting = data
                    return
                if self._members and not data.startswith(b"\x1f\x8b"):
                    self._padding = True  # some servers pad what they packed; what follows is no member of the file
                    return
                self._stream, self._members = zlib.decompressobj(_window(data)), self._members + 1
            piece = self._stream.decompress(data, _PIECE)
            self._room -= len(piece)
            if self._room < 0:
                raise TooLargeError
            if piece:
                yield piece
            held = len(piece) == _PIECE and not self._stream.eof
            if self._stream.eof:
                data, self._stream = self._stream.unused_data, None
            else:
                data = self._stream.unconsumed_tail

    def finish(self) -> None:
        """Make sure that the packed body came to its end.

        Raises:
            zlib.error: it did not.
        """
        if self._stream is not None or (self._waiting and not self._members):
            raise zlib.error("it ends too early")


def _window(head: bytes) -> int:
    """Return zlib's parameter for what begins so: gzip, zlib, or the bare deflate that some servers send for it."""
    if head.startswith(b"\x1f\x8b"):
        return 16 + zlib.MAX_WBITS
    if head[0] & 0x0F == zlib.DEFLATED and int.from_bytes(head[:2], "big") % 31 == 0:
        return zlib.MAX_WBITS
    return -zlib.MAX_WBITS


def through(layers: list[Unpacker], data: bytes) -> Iterator[bytes]:
    """Yield data unpacked by each layer in turn."""
    if not layers:
        yield data
        return
    for piece in layers[0].feed(data):
        yield from through(layers[1:], piece)
