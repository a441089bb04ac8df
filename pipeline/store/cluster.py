"""Work on a Dask cluster: one that the settings name, or one of this machine's processes.

Nothing is asked of the cluster but that its workers hold the same version of the project: tasks carry their input, and
results come back whole. What the tasks are is the caller's; processes without Dask are in `pool`.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from typing import Any, TypeVar

from pipeline.settings import Settings
from pipeline.store.pool import ATTEMPTS, Died

Task = TypeVar("Task")
Result = TypeVar("Result")

CONNECT_SECONDS = 10
"""A scheduler that has not answered by then is told as unreachable."""

WORKERLESS_SECONDS = 60
"""A cluster that has had no worker for so long is told to have none."""

AHEAD = 3
"""Tasks for each thread of the cluster that are with it at once: none waits for the next, and memory is bounded."""

_WITH_A_DEAD_WORKER = ("lost", "pending")
"""What becomes of a task that was done when its worker died before the result was fetched: it is done again."""


class ClusterError(RuntimeError):
    """The cluster does not work; the message names its address and the way out."""


def run(
    call: Callable[[Task], Result], work: Iterable[Task], settings: Settings
) -> Generator[tuple[Task, Result | Died], None, None]:
    """Yield each task with its result, as they are done, from the cluster; close the iterator to let go of it.

    A task whose worker is killed is done again by another one. One over which workers died again and again (three
    times on a cluster of our own, else as the scheduler's `allowed-failures` say) yields `Died`.

    Raises:
        ClusterError: the scheduler does not answer, has gone away, or has no workers; a worker lacks the project.
        Exception: what `call` raised.
    """
    from distributed.client import FuturesCancelledError  # noqa: PLC0415 - only this engine needs it
    from distributed.comm.core import CommClosedError  # noqa: PLC0415

    with _quiet(), _client(settings) as client:
        try:
            yield from _run(client, call, iter(work), settings.dask_scheduler)
        except (FuturesCancelledError, CommClosedError) as error:  # the second where results were on their way
            raise _gone(settings.dask_scheduler) from error


@contextmanager
def _client(settings: Settings) -> Iterator[Any]:
    import dask  # noqa: PLC0415 - only this engine needs it
    from distributed import Client, LocalCluster  # noqa: PLC0415 - it takes a second to import

    address = settings.dask_scheduler
    if not address:
        with (
            dask.config.set({"distributed.scheduler.allowed-failures": ATTEMPTS - 1}),
            LocalCluster(
                n_workers=settings.jobs, threads_per_worker=1, dashboard_address=None, silence_logs=logging.CRITICAL
            ) as cluster,
            Client(cluster) as client,
        ):
            yield client
        return
    try:
        asyncio.run(_greet(address))
        client = Client(address, timeout=CONNECT_SECONDS)
    except (OSError, TimeoutError, ValueError) as error:
        raise ClusterError(
            f"no Dask scheduler answers at {address} (--scheduler, COMMUNIQUE_DASK_SCHEDULER): {error}; start one with "
            "`dask scheduler`, or leave the address out to use this machine; nothing is lost"
        ) from error
    try:
        yield client
    finally:
        client.close(timeout=CONNECT_SECONDS)


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep Dask from printing what it thinks of a lost connection or worker: that is told in our words, or mended."""
    loggers = [logging.getLogger(name) for name in ("distributed", "distributed.client")]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)


async def _greet(address: str) -> None:
    """Connect and part again: a client would wait for ever for the greeting of one who listens and never answers."""
    from distributed import Security  # noqa: PLC0415 - only this engine needs it
    from distributed.comm.core import connect  # noqa: PLC0415 - only this engine needs it

    security = Security().get_connection_args("client")
    comm = await asyncio.wait_for(connect(address, timeout=CONNECT_SECONDS, **security), CONNECT_SECONDS + 1)
    await comm.close()


def _run(
    client: Any, call: Callable[[Task], Result], work: Iterator[Task], address: str
) -> Iterator[tuple[Task, Result | Died]]:
    from distributed import wait  # noqa: PLC0415 - only this engine needs it

    module = getattr(call, "func", call).__module__
    running: dict[Any, Task] = {}
    able: set[str] = set()
    manned = time.monotonic()
    while True:
        workers = _workers(client, address)
        if workers.keys() - able:
            _check(client, workers.keys() - able, module, address)
            able |= workers.keys()
        threads = sum(workers.values())
        if threads:
            manned = time.monotonic()
            for task in islice(work, max(AHEAD * threads - len(running), 0)):
                running[client.submit(call, task, pure=False)] = task
            if not running:
                return
        elif time.monotonic() - manned > WORKERLESS_SECONDS:
            raise ClusterError(
                f"the Dask scheduler at {address} has had no workers for {WORKERLESS_SECONDS} s; start some with "
                f"`dask worker {address}`, then refresh again: what is finished is kept"
            )
        if not running:
            time.sleep(0.1)
            continue
        try:
            done = wait(list(running), timeout=1, return_when="FIRST_COMPLETED").done
        except TimeoutError:
            continue
        for future in done:
            if future.status not in _WITH_A_DEAD_WORKER:
                yield running.pop(future), _result(future, address)


def _workers(client: Any, address: str) -> dict[str, int]:
    """Return the addresses of the cluster's workers, with the number of tasks that each works on at once."""
    if client.status != "running":
        raise _gone(address)
    try:
        return dict(client.nthreads())
    except (OSError, TimeoutError) as error:
        raise _gone(address) from error


def _check(client: Any, workers: Iterable[str], module: str, address: str) -> None:
    """See that scheduler and workers can load the module of the tasks: Dask would lose, not tell, one that cannot."""

    def load() -> str | None:  # sent by value, for it stands in a function
        import importlib  # noqa: PLC0415 - it runs on the worker

        try:
            importlib.import_module(module)
        except Exception as error:
            return f"{type(error).__name__}: {error}"
        return None

    answers = client.run(load, workers=list(workers), on_error="ignore")
    answers["scheduler"] = client.run_on_scheduler(load)
    for where, trouble in answers.items():
        if trouble is not None:
            raise ClusterError(
                f"{where} of the Dask cluster at {address or 'this machine'} cannot load this project ({trouble}): "
                "install the same version of it where the scheduler and the workers run, and start them from there"
            )


def _result(future: Any, address: str) -> Any:
    from distributed import KilledWorker  # noqa: PLC0415 - only this engine needs it

    if future.status == "cancelled":
        raise _gone(address)
    error = future.exception()
    if error is None:
        return future.result()
    if isinstance(error, KilledWorker):
        return Died(error.allowed_failures + 1, f"at {getattr(error.last_worker, 'address', error.last_worker)}")
    raise error


def _gone(address: str) -> ClusterError:
    return ClusterError(
        f"the Dask scheduler at {address or 'this machine'} went away; what is finished is kept, "
        "and the next refresh goes on from there"
    )
