"""The lease: of the machines that share a store, one writes at a time.

Each writes a claim of its own, then lists the claims. A store whose lists hold all that was written before they were
asked for, as those of S3, Google Cloud Storage, Azure and a file system do, shows at least the later of two writers the
claim of the other; so no two ever find themselves alone, and no conditional write is needed, which pyarrow does not
offer. A claim that was not renewed for `SECONDS`, by the store's clock, is void: its machine has stopped. What is
written under the lease is `remote`'s business.
"""

from __future__ import annotations

import json
import os
import random
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from pipeline.store.objects import RemoteError, Store, Stored

SECONDS = 300.0
"""A claim not renewed for so long is void. It is renewed five times in that time."""

ATTEMPTS = 4
"""Two that claim at the same moment both step back; after so many times the other one is taken to hold the lease."""

_FOLDER = "lease"


class Held(RemoteError):
    """Another machine writes to the store; the message names it."""


class Lost(RemoteError):
    """The lease passed to another machine while this one did not renew it; nothing was written since."""


class Lease:
    """A lease that is held. Ask `confirm` before anything is written that others go by."""

    def __init__(self, store: Store, name: str) -> None:
        self._store, self.name = store, name
        self._renewed = _clocks()
        self.ended = threading.Event()

    def _void(self) -> bool:
        """Return whether others may think that this machine has stopped, for it was not awake to renew its claim."""
        return max(now - then for now, then in zip(_clocks(), self._renewed, strict=True)) > SECONDS

    def confirm(self) -> None:
        """Return if the lease is still ours.

        Raises:
            Lost: it is not.
        """
        if self._void() or not self._store.exists(self.name):
            raise Lost(
                f"the lease of {self._store.named} passed to another machine while this one was not heard of; "
                "the pointers there are as that machine left them; refresh again"
            )

    def renew(self) -> None:
        """Renew the claim again and again until `ended` is set, or it is void."""
        while not self.ended.wait(SECONDS / 5):
            try:
                self.confirm()
                began = _clocks()
                self._store.write(self.name, _claim())
                self._renewed = began
            except Lost:  # a claim that is void must not come to life again: another machine may have seen it so
                return
            except RemoteError:  # the next time, or `confirm` will tell
                continue


def _clocks() -> tuple[float, float]:
    """Return the seconds of two clocks: one goes on while the machine sleeps, the other cannot be set back."""
    return time.time(), time.monotonic()


@contextmanager
def held(store: Store, warehouse: Path, mark: str, patience: float) -> Iterator[Lease]:
    """Hold the lease, renewed in the background, and give it back.

    Args:
        store: where.
        warehouse: on whose behalf; a claim that this warehouse left before is replaced.
        mark: a random word that is kept with the warehouse, so that a copy elsewhere is another.
        patience: seconds to wait for another machine.

    Raises:
        Held: another machine holds it.
        RemoteError: the store fails.
    """
    owner = sha256(f"{socket.gethostname()}\0{warehouse}\0{mark}".encode()).hexdigest()[:16]
    lease = Lease(store, f"{_FOLDER}/{owner}.json")
    _claim_alone(store, lease.name, patience)
    renewal = threading.Thread(target=lease.renew, name="lease", daemon=True)
    renewal.start()
    try:
        yield lease
    finally:
        lease.ended.set()
        renewal.join()
        with suppress(RemoteError):  # it will be void
            store.remove(lease.name)


def _claim() -> bytes:
    now = datetime.now(UTC).isoformat(timespec="seconds")
    return json.dumps({"machine": socket.gethostname(), "process": os.getpid(), "renewed": now}).encode()


def _claim_alone(store: Store, name: str, patience: float) -> None:
    deadline = time.monotonic() + patience
    attempts = 0
    while True:
        store.write(name, _claim())
        claims = store.listed(_FOLDER)
        others = [other for other in claims if other != name and _valid(claims[other], claims.get(name))]
        if not others:
            for void in claims.keys() - {name}:
                store.remove(void)
            return
        store.remove(name)
        attempts += 1
        if attempts >= ATTEMPTS and time.monotonic() >= deadline:
            raise Held(_who(store, others[0]))
        time.sleep(random.uniform(0.1, min(attempts, 5)))


def _valid(claim: Stored, mine: Stored | None) -> bool:
    if claim.written is None or mine is None or mine.written is None:
        return True
    return (mine.written - claim.written).total_seconds() < SECONDS


def _who(store: Store, name: str) -> str:
    claim = json.loads(store.read(name) or b"{}")
    machine, process = claim.get("machine", "another machine"), claim.get("process", "unknown")
    return (
        f"{machine} (process {process}) is writing to {store.named}; wait for it, or set COMMUNIQUE_LOCK_WAIT "
        f"to the seconds to wait. If it has stopped for good, its lease ends after {SECONDS:.0f} s"
    )
