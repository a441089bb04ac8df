"""Processes may die at any moment: every task is done once all the same, or given up with a word."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.store import pool
from pipeline.store.pool import Died
from tests.store.tasks import WORK_SECONDS, Task, answer, fail, threads


def test_every_task_is_done_once() -> None:
    """Each task comes back with its own result, whatever the order."""
    found = list(pool.run(answer, map(Task, range(40)), jobs=3))
    assert sorted((task.number, result[0]) for task, result in found if not isinstance(result, Died)) == [
        (number, number**2) for number in range(40)
    ]


@pytest.mark.parametrize("seed", range(8))
def test_killed_at_any_moment(tmp_path: Path, seed: int) -> None:
    """Processes killed while they work, while they send, and between tasks: no result is lost, none comes twice."""
    draw = random.Random(seed)
    tasks = [Task(number, _deaths(draw), str(tmp_path)) for number in range(60)]
    found = list(pool.run(answer, tasks, jobs=2))
    assert sorted(task.number for task, _ in found) == list(range(60))
    assert len(list(tmp_path.iterdir())) >= 8, "too few were killed for this to be a test"
    for task, result in found:
        assert not isinstance(result, Died)
        assert (result[0], set(result[1])) == (task.number**2, {0})


def _deaths(draw: random.Random) -> tuple[float, ...]:
    return (draw.uniform(0, 2 * WORK_SECONDS),) if draw.random() < 0.25 else ()


def test_what_kills_every_process_is_given_up(tmp_path: Path) -> None:
    """A task over which three processes died is told with the last one's end; all others are done."""
    tasks = [Task(number, (0.0,) * 9 if number == 2 else (), str(tmp_path)) for number in range(8)]
    found = dict(pool.run(answer, tasks, jobs=2))
    assert found.pop(tasks[2]) == Died(3, "killed by SIGKILL")
    assert [task.number for task in sorted(found)] == [0, 1, 3, 4, 5, 6, 7]
    assert not any(isinstance(result, Died) for result in found.values())


def test_where_no_process_lives_it_ends(tmp_path: Path) -> None:
    """Where every process dies, not every task is tried three times: it ends soon, and says so for each."""
    tasks = [Task(number, (0.0,) * 3, str(tmp_path)) for number in range(1_000)]
    found = list(pool.run(answer, tasks, jobs=2))
    assert len(found) == 1_000 and all(isinstance(result, Died) for _, result in found)
    assert len(list(tmp_path.iterdir())) < 20


def test_error_of_a_task_is_raised() -> None:
    """What a task raises is raised here, as it is."""
    with pytest.raises(LookupError, match="task 0 cannot be done"):
        list(pool.run(fail, [Task(0)], jobs=1))


def test_work_is_read_as_it_is_done() -> None:
    """No more tasks are taken than there are processes: what a task carries need not be in memory long before."""
    taken = []

    def work() -> Iterator[Task]:
        for number in range(50):
            taken.append(number)
            yield Task(number)

    results = pool.run(answer, work(), jobs=2)
    next(results)
    assert len(taken) <= 3
    results.close()


def test_processes_end_with_the_iterator() -> None:
    """Who stops asking leaves no process behind."""
    results = pool.run(answer, map(Task, range(50)), jobs=2)
    next(results)
    assert len(_children()) >= 2
    results.close()
    assert not _children()


def _children() -> list[str]:
    """Return the processes that this one has started by spawning."""
    from multiprocessing import active_children

    return [process.name for process in active_children()]


def test_one_thread_a_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Numerical libraries use one thread in each process, unless the user says otherwise; here nothing changes."""
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    assert [result for _, result in pool.run(threads, [Task(0)], jobs=1)] == ["1"]
    assert "OMP_NUM_THREADS" not in os.environ
    monkeypatch.setenv("OMP_NUM_THREADS", "2")
    assert [result for _, result in pool.run(threads, [Task(0)], jobs=1)] == ["2"]
