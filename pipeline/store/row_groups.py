"""Parquet files put together from the row groups of others, which are copied as they stand and not written anew.

A Parquet file is row groups one after the other, and a footer that tells where they are: a Thrift struct in the compact
protocol. No library that is used here appends to a file, so the footer is read and written here, as far as that takes:
without knowing any field but those that hold a place in the file. What is put together is `publish`'s business.

Formats: https://parquet.apache.org/docs/file-format/ and Thrift's doc/specs/thrift-compact-protocol.md.
"""

from __future__ import annotations

import shutil
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MAGIC = b"PAR1"

_TRUE, _FALSE, _BYTE, _I16, _I32, _I64, _DOUBLE, _BINARY, _LIST, _SET, _MAP, _STRUCT = range(1, 13)

# The numbers of fields, from parquet.thrift.
_SCHEMA, _ROWS, _GROUPS, _WRITER = 2, 3, 4, 6  # FileMetaData
_COLUMNS, _GROUP_START, _ORDINAL = 1, 5, 7  # RowGroup
_CHUNK_PLACES, _CHUNK = (2, 4, 6), 3  # ColumnChunk: of the chunk and of its indexes; ColumnMetaData
_PAGE_PLACES = (9, 10, 11, 14)  # ColumnMetaData: data pages, index page, dictionary, Bloom filter


class NotAlike(ValueError):
    """Two files cannot be put together; the message says why."""


@dataclass
class Value:
    """A value of Thrift's compact protocol: its type, and for a list that of its elements."""

    kind: int
    value: Any
    of: int = 0


Struct = dict[int, Value]
"""The fields of a struct by their numbers, in the order in which they are written."""


class _Reader:
    """Reads the values of a footer one after the other."""

    def __init__(self, data: bytes) -> None:
        self.data, self.at = data, 0

    def byte(self) -> int:
        self.at += 1
        return self.data[self.at - 1]

    def number(self) -> int:
        """Return an unsigned number of variable length."""
        value = shift = 0
        while True:
            byte = self.byte()
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return value
            shift += 7

    def signed(self) -> int:
        value = self.number()
        return value >> 1 ^ -(value & 1)

    def take(self, length: int) -> bytes:
        self.at += length
        return self.data[self.at - length : self.at]

    def value(self, kind: int, *, element: bool = False) -> Value:
        """Return the value of a type; a truth stands in its type, but in a list in a byte."""
        if kind in (_TRUE, _FALSE):
            return Value(kind, self.byte() if element else None)
        if kind in (_I16, _I32, _I64):
            return Value(kind, self.signed())
        if kind in (_BYTE, _DOUBLE):
            return Value(kind, self.take(1 if kind == _BYTE else 8))
        if kind == _BINARY:
            return Value(kind, self.take(self.number()))
        if kind in (_LIST, _SET):
            head = self.byte()
            length = head >> 4 if head >> 4 < 15 else self.number()
            return Value(kind, [self.value(head & 15, element=True) for _ in range(length)], head & 15)
        if kind == _STRUCT:
            return Value(kind, self.struct())
        raise NotAlike(f"the footer holds a value of type {kind}, which no Parquet footer has")

    def struct(self) -> Struct:
        found: Struct = {}
        number = 0
        while head := self.byte():
            number = number + (head >> 4) if head >> 4 else self.signed()
            found[number] = self.value(head & 15)
        return found


def _number(value: int) -> bytes:
    made = bytearray()
    while value >= 0x80:
        made.append(value & 0x7F | 0x80)
        value >>= 7
    made.append(value)
    return bytes(made)


def _signed(value: int) -> bytes:
    return _number(value << 1 ^ (-1 if value < 0 else 0))


def _written(one: Value) -> bytes:
    if one.kind in (_TRUE, _FALSE):
        return b"" if one.value is None else bytes([one.value])
    if one.kind in (_I16, _I32, _I64):
        return _signed(one.value)
    if one.kind in (_BYTE, _DOUBLE):
        return bytes(one.value)
    if one.kind == _BINARY:
        return _number(len(one.value)) + bytes(one.value)
    if one.kind in (_LIST, _SET):
        length = len(one.value)
        head = bytes([length << 4 | one.of]) if length < 15 else bytes([0xF0 | one.of]) + _number(length)
        return head + b"".join(map(_written, one.value))
    return struct_bytes(one.value)


def struct_bytes(fields: Struct) -> bytes:
    """Return a struct as it stands in a file."""
    made, last = bytearray(), 0
    for number, one in fields.items():
        step = number - last
        made += bytes([step << 4 | one.kind]) if 0 < step < 16 else bytes([one.kind]) + _signed(number)
        made += _written(one)
        last = number
    return bytes(made) + b"\0"


def footer(path: Path) -> tuple[Struct, int]:
    """Return the footer of a Parquet file, and the byte at which it begins.

    Raises:
        NotAlike: it is no Parquet file.
    """
    with path.open("rb") as file:
        end = file.seek(0, 2)
        file.seek(max(0, end - 8))
        tail = file.read()
        length = struct.unpack("<I", tail[:4])[0] if len(tail) == 8 else 0
        begin = end - 8 - length
        if tail[4:] != MAGIC or begin < len(MAGIC):
            raise NotAlike(f"{path} is no Parquet file")
        file.seek(begin)
        return _Reader(file.read(length)).struct(), begin


def rows(found: Struct) -> int:
    """Return the number of rows of a file, by its footer."""
    return int(found[_ROWS].value)


def groups(found: Struct) -> int:
    """Return the number of row groups of a file, by its footer."""
    return len(found[_GROUPS].value)


def append(first: Path, second: Path, target: Path) -> None:
    """Write a file that holds the row groups of two others.

    Raises:
        NotAlike: they are of other columns or of another writer, or one is no Parquet file.
    """
    (one, end), (other, other_end) = footer(first), footer(second)
    for field in (_SCHEMA, _WRITER):
        if one.get(field) != other.get(field):
            raise NotAlike(f"{first} and {second} were not written alike")
    for number, group in enumerate(other[_GROUPS].value, groups(one)):
        for place in _places(group.value):
            place.value += end - len(MAGIC)
        if _ORDINAL in group.value:
            group.value[_ORDINAL].value = number
    one[_GROUPS].value += other[_GROUPS].value
    one[_ROWS].value += other[_ROWS].value
    whole = struct_bytes(one)
    shutil.copyfile(first, target)  # the system copies it, which is quicker than reading and writing it
    with target.open("r+b") as file, second.open("rb") as new:
        file.seek(end)
        new.seek(len(MAGIC))
        shutil.copyfileobj(new, file)
        file.seek(end + other_end - len(MAGIC))
        file.truncate()  # its own footer
        file.write(whole + struct.pack("<I", len(whole)) + MAGIC)


def _places(group: Struct) -> Iterator[Value]:
    """Yield what tells a place in the file; 0 is none."""
    found = [group.get(_GROUP_START)]
    for column in group[_COLUMNS].value:
        found += [column.value.get(field) for field in _CHUNK_PLACES]
        found += [column.value[_CHUNK].value.get(field) for field in _PAGE_PLACES]
    yield from (place for place in found if place is not None and place.value > 0)
