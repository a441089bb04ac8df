"""An object store, or a folder, as a place for files: whole ones, by name, with retries.

Which addresses there are and how a transfer is made safe is told here; what is kept there and in which order is in
`remote`, who may write in `lease`. S3, Google Cloud Storage and Azure come with pyarrow, which holds their clients.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import parse_qsl, unquote, urlsplit
from uuid import uuid4

from pyarrow import fs

from pipeline.store.files import PARTIAL, beside

PAUSES = (0.5, 1.0, 2.0, 4.0)
"""Seconds to wait before each further attempt; after the last the store is told as failing."""

CONNECT_SECONDS, SILENT_SECONDS = 5.0, 10.0
"""How long S3 may take to answer a call, and to say nothing in the middle of a transfer."""

AT_ONCE = 8
"""Transfers at the same time: objects are small, and most of a transfer is waiting."""

_PIECE = 8_000_000  # bytes of a file in memory, at once and for each transfer
_S3_OPTIONS = ("endpoint_override", "scheme", "region", "anonymous")

_Answer = TypeVar("_Answer")


class RemoteError(RuntimeError):
    """The store cannot be used; the message names the setting, the address, and what the store said."""


@dataclass(frozen=True, slots=True)
class Stored:
    """What the store says of an object: its bytes, and when it was written, by the store's clock."""

    size: int
    written: datetime | None


class Store:
    """A place at an address such as `s3://bucket/prefix`, `gs://…`, `abfs://…`, `file://…`, or the path of a folder.

    Names are relative to it, with slashes. Every method raises `RemoteError` where the store fails, after retries.
    """

    def __init__(self, address: str) -> None:
        self.address = re.sub(r"(?<=://)[^/@]*@", "", address)  # keys that stand in it are not for messages
        try:
            self._files, root = _open(address)
        except (OSError, ValueError, NotImplementedError) as error:
            raise RemoteError(
                f"{self.named} cannot be used: {error}; give an address such as s3://bucket/prefix, or unset it"
            ) from error
        self._root = root.rstrip("/")
        self._folder = isinstance(self._files, fs.LocalFileSystem)

    @property
    def named(self) -> str:
        """Return how messages name it."""
        return f"the store {self.address} (COMMUNIQUE_REMOTE)"

    def _path(self, name: str) -> str:
        return f"{self._root}/{name}"

    def _patiently(self, doing: str, call: Callable[[], _Answer]) -> _Answer:
        for pause in (*PAUSES, None):
            try:
                return call()
            except FileNotFoundError:
                raise
            except OSError as error:
                if pause is None:
                    said = str(error).splitlines()[0]
                    raise RemoteError(f"{self.named} failed at {doing}: {said}") from error
                time.sleep(pause)
        raise AssertionError

    def write(self, name: str, source: Path | bytes) -> int:
        """Write an object: the old one or the new one is read, never half of one. Return its bytes."""
        size = len(source) if isinstance(source, bytes) else source.stat().st_size
        if not isinstance(source, bytes) and size <= _PIECE:
            source = source.read_bytes()
            size = len(source)

        def send() -> None:
            self._send(name, source)
            found = self._files.get_file_info(self._path(name)).size
            if found != size:
                raise OSError(f"{found} bytes arrived of {size}")

        self._patiently(f"writing {name}", send)
        return size

    def _send(self, name: str, source: Path | bytes) -> None:
        path = self._path(name)
        if not self._folder:  # an object appears when it is whole
            self._fill(path, source)
            return
        self._files.create_dir(path.rpartition("/")[0], recursive=True)
        partial = f"{path}{PARTIAL}{uuid4().hex[:8]}"
        try:
            self._fill(partial, source)
            self._files.move(partial, path)
        finally:
            with suppress(OSError):
                self._files.delete_file(partial)

    def _fill(self, path: str, source: Path | bytes) -> None:
        with self._files.open_output_stream(path) as stream:
            for piece in [source] if isinstance(source, bytes) else _pieces(source):
                stream.write(piece)

    def write_all(self, sources: Iterable[tuple[str, Path]]) -> Iterator[tuple[str, int]]:
        """Write many objects (name, file), several at once; yield the name and the bytes of each that arrived."""
        return _at_once(lambda one: (one[0], self.write(*one)), sources)

    def read(self, name: str) -> bytes | None:
        """Return the bytes of an object, None if there is none."""

        def receive() -> bytes:
            with self._files.open_input_stream(self._path(name)) as stream:
                return bytes(stream.read())

        try:
            return self._patiently(f"reading {name}", receive)
        except FileNotFoundError:
            return None

    def fetch(self, name: str, size: int, target: Path) -> None:
        """Copy an object of so many bytes to a file, which is there when it is whole.

        Raises:
            RemoteError: the object is gone, or not of that size.
        """

        def receive() -> None:
            with beside(target) as partial:
                with self._files.open_input_stream(self._path(name)) as stream, partial.open("wb") as file:
                    while piece := stream.read(_PIECE):
                        file.write(piece)
                if partial.stat().st_size != size:
                    raise OSError(f"{partial.stat().st_size} bytes arrived of {size}")

        try:
            self._patiently(f"reading {name}", receive)
        except FileNotFoundError as error:
            raise RemoteError(f"{self.named} lacks {name}") from error

    def fetch_all(self, wanted: Iterable[tuple[str, int, Path]]) -> Iterator[None]:
        """Copy many objects (name, bytes, file), several at once; yield after each."""
        return _at_once(lambda one: self.fetch(*one), wanted)

    def listed(self, folder: str) -> dict[str, Stored]:
        """Return the objects below a folder by their names."""
        selector = fs.FileSelector(self._path(folder), recursive=True, allow_not_found=True)
        found = self._patiently(f"listing {folder}", lambda: self._files.get_file_info(selector))
        start = len(self._root) + 1
        return {
            info.path[start:]: Stored(info.size, info.mtime)
            for info in found
            if info.type == fs.FileType.File and PARTIAL not in info.path
        }

    def folders(self, folder: str) -> list[str]:
        """Return the folders in a folder."""
        selector = fs.FileSelector(self._path(folder), allow_not_found=True)
        found = self._patiently(f"listing {folder}", lambda: self._files.get_file_info(selector))
        return [f"{folder}/{info.base_name}" for info in found if info.type == fs.FileType.Directory]

    def exists(self, name: str) -> bool:
        """Return whether there is an object of that name."""
        kind = self._patiently(f"looking for {name}", lambda: self._files.get_file_info(self._path(name)).type)
        return bool(kind == fs.FileType.File)

    def remove(self, name: str) -> None:
        """Remove an object, or all below a folder (a name that ends in a slash); one that is gone is no error."""
        remove = self._files.delete_dir if name.endswith("/") else self._files.delete_file
        path = self._path(name.rstrip("/"))

        def leave() -> None:
            with suppress(FileNotFoundError):
                try:
                    remove(path)
                except OSError:  # pyarrow marks the folder above afterwards, which not every store lets it
                    if self._files.get_file_info(path).type != fs.FileType.NotFound:
                        raise

        self._patiently(f"removing {name}", leave)


def _open(address: str) -> tuple[fs.FileSystem, str]:
    if "://" not in address:
        return fs.LocalFileSystem(), str(Path(address).expanduser().resolve())
    if not address.startswith("s3://"):
        files, root = fs.FileSystem.from_uri(address)
        return files, str(root)
    # Not `from_uri`: it knows neither time limits nor access without keys.
    parts = urlsplit(address)
    options: dict[str, Any] = dict(parse_qsl(parts.query))
    unknown = options.keys() - set(_S3_OPTIONS)
    if unknown or not parts.hostname:
        what = f"{', '.join(sorted(unknown))} is none of {', '.join(_S3_OPTIONS)}" if unknown else "it names no bucket"
        raise ValueError(what)
    bucket = parts.netloc.rpartition("@")[2]
    if "anonymous" in options:
        options["anonymous"] = options["anonymous"].lower() in ("1", "true", "yes", "on")
    endpoint = options.pop("endpoint_override", None) or _variable("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL")
    if endpoint:
        scheme, _, host = endpoint.rpartition("://")
        options = {"endpoint_override": host.rstrip("/"), "scheme": scheme or "https", **options}
    elif "region" not in options and not _variable("AWS_REGION", "AWS_DEFAULT_REGION"):
        with suppress(OSError):  # then it is the library's guess, and the store will say what is wrong with it
            options["region"] = fs.resolve_s3_region(bucket)
    files = fs.S3FileSystem(
        access_key=unquote(parts.username) if parts.username else None,
        secret_key=unquote(parts.password) if parts.password else None,
        connect_timeout=CONNECT_SECONDS,
        request_timeout=SILENT_SECONDS,
        retry_strategy=fs.AwsStandardS3RetryStrategy(max_attempts=1),  # we do, for every store alike
        allow_delayed_open=True,  # one request for a small object
        **options,
    )
    return files, bucket + parts.path


def _variable(*names: str) -> str | None:
    return next((os.environ[name] for name in names if os.environ.get(name)), None)


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            yield piece


_Item = TypeVar("_Item")


def _at_once(call: Callable[[_Item], _Answer], items: Iterable[_Item]) -> Iterator[_Answer]:
    """Yield what comes of the items as it comes, `AT_ONCE` at once; the first error ends it, once all have ended."""
    waiting = iter(items)
    with ThreadPoolExecutor(AT_ONCE) as threads:
        running: set[Future[_Answer]] = set()
        while True:
            running |= {threads.submit(call, item) for item in islice(waiting, AT_ONCE - len(running))}
            if not running:
                return
            done, running = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                yield future.result()
