"""Finding the files of an inbox. Which of them can be read is decided in `read`."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from pipeline.ingest.records import InboxError, SourceFile

_UNFINISHED = ("~", ".tmp", ".part", ".crdownload", ".swp")


def _passed_over(name: str) -> bool:
    return name.startswith(".") or name.endswith(_UNFINISHED)


def scan(inbox: Path) -> Iterator[SourceFile]:
    """Yield every file of an inbox, at any depth, in the order of its path inside it.

    Hidden files and those that an editor or a download is still writing are passed over; folders that are links are
    not followed, so that no circle is possible.

    Raises:
        InboxError: the inbox is missing, no folder, or may not be read.
    """
    if not inbox.is_dir():
        what = "is no folder" if inbox.exists() else "does not exist"
        raise InboxError(f"the inbox {inbox} {what}; make it, or give another with --inbox DIR")
    try:
        os.scandir(inbox).close()
    except OSError as error:
        raise InboxError(f"the inbox {inbox} cannot be read ({error.strerror}); change its permissions") from error
    found = []
    for folder, folders, names in os.walk(inbox):
        folders[:] = [name for name in folders if not _passed_over(name)]
        found += [Path(folder) / name for name in names if not _passed_over(name)]
    for raw_uri, path in sorted((path.relative_to(inbox).as_posix(), path) for path in found):
        try:
            state = path.stat()
            yield SourceFile(raw_uri, path, state.st_size, state.st_mtime_ns)
        except OSError:  # a link that leads nowhere, or gone since: reading it tells why
            yield SourceFile(raw_uri, path, 0, 0)
