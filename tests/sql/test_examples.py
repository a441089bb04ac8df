"""The questions of `sql/examples/` have on the sample inbox the answers that are kept in `tests/sql/expected/`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.sql.expected import EXAMPLES, FOLDER, ask

EMPTY: set[str] = set()
"""Examples that have no row on the sample inbox, and need none."""


@pytest.mark.parametrize("name", EXAMPLES)
def test_example_has_its_answer(sample_database: Path, tmp_path: Path, name: str) -> None:
    """The first rows are the expected ones, and there are some; `python -m tests.sql.expected` writes them anew."""
    found = ask(sample_database, name, tmp_path / "answer.csv")
    assert found == (FOLDER / f"{name}.csv").read_text(encoding="utf-8"), "meant? run: python -m tests.sql.expected"
    assert (found.count("\n") > 1) is (name not in EMPTY)


def test_there_is_an_answer_for_each_of_twenty_questions() -> None:
    """No answer is left over, and the examples are at least twenty."""
    assert {path.stem for path in FOLDER.glob("*.csv")} == set(EXAMPLES)
    assert len(EXAMPLES) >= 20
