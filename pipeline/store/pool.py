"""A pool of processes that outlives the death of any of them.

A process that is killed takes nothing with it but what it was at, which another one does again. Python's own pool ends
as a whole where one of its processes is killed, and does not tell over which task. What the tasks are is the caller's.
"""

from __future__ import annotations

import os
import signal
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection, Pipe, wait
from multiprocessing.process import BaseProcess
from pickle import PicklingError
from typing import Any, Generic, TypeVar, cast

Task = TypeVar("Task")
Result = TypeVar("Result")

ATTEMPTS = 3
"""A task over which so many processes died is given up."""

ONE_THREAD = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "BLIS_NUM_THREADS": "1",
    "VECLIB_MAXIMUM_THREADS": "1",
    "NUMEXPR_NUM_THREADS": "1",
    "TOKENIZERS_PARALLELISM": "false",
}
"""What keeps the numerical libraries to one thread a process: processes are what shares the cores."""


@dataclass(frozen=True, slots=True)
class Died:
    """In place of a result: the processes that were at the task died, so often, the last one thus."""

    times: int
    how: str


@dataclass
class _Worker(Generic[Task]):
    process: BaseProcess
    pipe: Connection
    task: Task | None = None


def run(
    call: Callable[[Task], Result], work: Iterable[Task], jobs: int
) -> Generator[tuple[Task, Result | Died], None, None]:
    """Yield each task with its result, as they are done, from `jobs` processes; close the iterator to end them.

    Args:
        call: what to do; like tasks and results it must be picklable. What it sets up at its first call it may keep.
        work: hashable tasks. It is read as processes fall idle, never far ahead.
        jobs: the number of processes.

    Raises:
        Exception: what `call` raised.
    """
    pool = _Pool(call, jobs)
    try:
        yield from pool.run(iter(work))
        pool.dismiss()
    finally:
        pool.kill()


class _Pool(Generic[Task, Result]):
    def __init__(self, call: Callable[[Task], Result], jobs: int) -> None:
        self.call, self.jobs = call, jobs
        self.workers: list[_Worker[Task]] = []
        self.again: deque[Task] = deque()
        self.deaths: dict[Task, int] = {}
        self.deaths_in_a_row = 0

    def run(self, work: Iterator[Task]) -> Iterator[tuple[Task, Result | Died]]:
        while True:
            yield from self._share(work)
            busy = {worker.pipe: worker for worker in self.workers if worker.task is not None}
            if not busy:
                return
            for pipe in wait(list(busy)):  # that of a dead process is ready too, to tell its end
                outcome = self._collect(busy[cast(Connection, pipe)])
                if outcome is not None:
                    yield outcome

    def _share(self, work: Iterator[Task]) -> Iterator[tuple[Task, Died]]:
        """Give a task to each process that has none, and start processes while there are tasks for them."""
        while True:
            idle = next((worker for worker in self.workers if worker.task is None), None)
            if idle is None and len(self.workers) == self.jobs:
                return
            task = self.again.popleft() if self.again else next(work, None)
            if task is None:
                return
            if self.deaths_in_a_row >= ATTEMPTS * (self.jobs + 1):  # no process lives: it is not for any one task
                yield task, Died(self.deaths.get(task, 0), "like all others before it")
                continue
            if idle is None:
                idle = self._start()
            idle.task = task
            with suppress(OSError):  # it died while idle: its pipe will tell
                idle.pipe.send(task)

    def _start(self) -> _Worker[Task]:
        mine, its = Pipe()
        # Spawned, not forked: Dagster's process has threads, and a fork copies their locks without them.
        process = get_context("spawn").Process(target=_serve, args=(its, self.call), daemon=True)
        with _environment(ONE_THREAD):
            process.start()
        its.close()
        worker: _Worker[Task] = _Worker(process, mine)
        self.workers.append(worker)
        return worker

    def _collect(self, worker: _Worker[Task]) -> tuple[Task, Result | Died] | None:
        task = cast(Task, worker.task)
        try:
            done, result = worker.pipe.recv()
        except (EOFError, OSError):
            return self._bury(worker, task)
        worker.task = None
        self.deaths_in_a_row = 0
        if not done:
            raise result
        return task, result

    def _bury(self, worker: _Worker[Task], task: Task) -> tuple[Task, Died] | None:
        """Put the task of a dead process back, or give it up."""
        self.workers.remove(worker)
        worker.pipe.close()
        worker.process.join()
        self.deaths_in_a_row += 1
        times = self.deaths[task] = self.deaths.get(task, 0) + 1
        if times < ATTEMPTS:
            self.again.append(task)
            return None
        return task, Died(times, _how(worker.process.exitcode))

    def dismiss(self) -> None:
        """Let the processes end by themselves."""
        for worker in self.workers:
            worker.pipe.close()
        for worker in self.workers:
            worker.process.join(timeout=5)

    def kill(self) -> None:
        for worker in self.workers:
            worker.process.kill()
            worker.process.join()
            worker.pipe.close()
        self.workers.clear()


def _how(exitcode: int | None) -> str:
    if exitcode is not None and exitcode < 0:
        return f"killed by {signal.Signals(-exitcode).name}"
    return f"with exit status {exitcode}"


def _serve(pipe: Connection, call: Callable[[Any], Any]) -> None:
    """Do task after task until the other end of the pipe is closed, by the one who asks or by its death."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the one who asks, who ends this process
    with suppress(EOFError, OSError):
        while True:
            task = pipe.recv()
            try:
                answer = True, call(task)
            except Exception as error:
                answer = False, error
            try:
                pipe.send(answer)
            except (PicklingError, TypeError, AttributeError):  # an error that holds what cannot be sent
                pipe.send((False, RuntimeError(f"{type(answer[1]).__name__}: {answer[1]}")))


@contextmanager
def _environment(variables: Mapping[str, str]) -> Iterator[None]:
    """Set variables of the environment for the processes that are started meanwhile; those that are set stay."""
    added = {name: value for name, value in variables.items() if name not in os.environ}
    os.environ.update(added)
    try:
        yield
    finally:
        for name in added:
            os.environ.pop(name, None)
