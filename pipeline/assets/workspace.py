"""What every step is given: the settings and a place to report progress, while the warehouse is locked for the run.

A second refresh at the same time waits, or ends with a clear word; two never interleave.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

import dagster as dg

from pipeline.settings import Settings
from pipeline.store import publish, remote
from pipeline.store.files import Busy, lock
from pipeline.store.objects import RemoteError


@dataclass
class Workspace:
    """The settings of a run, its clock, and its callbacks for progress: expected(total), then advance(by) often."""

    settings: Settings
    expect: Callable[[int], None] = lambda _: None
    advance: Callable[[int], None] = lambda _: None
    now: Callable[[], datetime] = lambda: datetime.now(UTC)  # the clock; tests bring their own
    started: float = field(default_factory=time.monotonic)
    mirror: remote.Mirror | None = None  # the object store, while a run holds the warehouse


def held(workspace: Workspace) -> dg.ResourceDefinition:
    """Return the resource `workspace`: it holds the warehouse's lock from the first step of a run to the last."""

    @dg.resource(description="Settings and progress; the warehouse is locked while a run holds it.")
    def resource(_: dg.InitResourceContext) -> Iterator[Workspace]:
        settings = workspace.settings
        try:
            with (
                lock(settings.warehouse / "refresh.lock", settings.lock_wait),
                remote.mirrored(settings) as workspace.mirror,
            ):
                workspace.started = time.monotonic()
                publish.finish_publish(settings)
                yield workspace
        except Busy as error:
            raise dg.Failure(str(error), allow_retries=False) from error
        except RemoteError as error:  # it says what lies behind it, and of a chain only the innermost link is shown
            raise dg.Failure(str(error), allow_retries=False) from None

    return resource
