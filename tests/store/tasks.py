"""What the tests of `pool` and `cluster` let workers do: small, and killed where a task says so."""

from __future__ import annotations

import os
import signal
import threading
import time
from pathlib import Path
from typing import NamedTuple

WORK_SECONDS = 0.004
ANSWER_BYTES = 400_000
current: list[object] = [None]


class Task(NamedTuple):
    """A number, after how many seconds the worker is to be killed, each time it takes this up, and where to note it."""

    number: int
    deaths: tuple[float, ...] = ()
    notes: str = ""


def answer(task: Task) -> tuple[int, bytes]:
    """Return the square of the number with a long message, if the worker lives so long."""
    current[0] = task
    moment = _moment(task)
    if moment is not None:
        threading.Timer(moment, _die, (task,)).start()
    end = time.monotonic() + WORK_SECONDS
    while time.monotonic() < end:
        pass
    return task.number**2, bytes(ANSWER_BYTES)


def _die(task: Task) -> None:
    if current[0] is task:  # while it is worked on or sent, or nothing is done after it; not over the next task
        os.kill(os.getpid(), signal.SIGKILL)


def _moment(task: Task) -> float | None:
    """Return when to die in this attempt; each attempt leaves a file."""
    for attempt, moment in enumerate(task.deaths):
        note = Path(task.notes) / f"{task.number}-{attempt}"
        if not note.exists():
            note.touch()
            return moment
    return None


def fail(task: Task) -> int:
    """Raise an error that names the task."""
    raise LookupError(f"task {task.number} cannot be done")


def threads(_: Task) -> str | None:
    """Return how many threads numerical libraries are told to use."""
    return os.environ.get("OMP_NUM_THREADS")
