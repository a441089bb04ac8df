"""Checksums of the files of a folder, written with them, by which damage is found before it gets into the tables.

They stand in `SHA256SUMS`, in the form of coreutils, so that `sha256sum -c SHA256SUMS` in the folder tells the same.
What is done about damage is `mending`'s business.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.store.files import beside, write_bytes

SUMS = "SHA256SUMS"


def checksum(path: Path) -> str:
    """Return the SHA-256 of a file in hex."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def is_sound(file: Path) -> bool:
    """Return whether a file is there, and as the checksums beside it say."""
    sums = file.parent / SUMS
    return file.is_file() and sums.is_file() and _read_sums(sums).get(file.name) == checksum(file)


def write_sums(folder: Path) -> None:
    """Write the checksums of a folder's Parquet files beside them."""
    (folder / SUMS).write_bytes(_sums(folder))


def _sums(folder: Path) -> bytes:
    return "".join(f"{checksum(path)}  {path.name}\n" for path in sorted(folder.glob("*.parquet"))).encode()


@contextmanager
def whole_folder(target: Path) -> Iterator[Path]:
    """Yield a folder to write Parquet files to; it is moved to `target`, which must be free, with their checksums."""
    with beside(target) as folder:
        folder.mkdir()
        yield folder
        write_sums(folder)


def damage(folder: Path, names: Iterable[str]) -> str | None:
    """Return what is wrong with a folder of the tables `names`, naming the file, or None if it is as it was written.

    A folder of an earlier version has no checksums: its files are read once from end to end, and get theirs.
    """
    files = [folder / f"{name}.parquet" for name in names]
    missing = [file for file in files if not file.is_file()]
    if missing:
        return f"{missing[0]} is missing"
    try:
        if not (folder / SUMS).is_file():
            _read_all(files)
            write_bytes(folder / SUMS, _sums(folder))
        wanted = _read_sums(folder / SUMS)
        wrong = [file for file in files if wanted.get(file.name) != checksum(file)]
    except pa.ArrowException as error:
        return f"{folder} is damaged: {str(error).splitlines()[0]}"
    except OSError as error:
        return f"{folder} cannot be read: {str(error).splitlines()[0]}"
    return f"{wrong[0]} is damaged: it is not as it was written" if wrong else None


def _read_sums(path: Path) -> dict[str, str]:
    lines = path.read_text(encoding="ascii", errors="replace").splitlines()
    return {name: digest for digest, _, name in (line.partition("  ") for line in lines)}


def _read_all(files: Iterable[Path]) -> None:
    for path in files:
        with pq.ParquetFile(path) as file:
            for _ in file.iter_batches():
                pass
