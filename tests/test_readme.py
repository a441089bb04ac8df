"""What the README shows is what a newcomer sees: its questions are asked of the sample inbox."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pipeline.query import answer
from pipeline.settings import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
QUESTIONS = re.findall(r"```sql\n(.*?)\n```\n```text\n(.*?)\n```", README, re.DOTALL)


@pytest.mark.parametrize(("question", "shown"), QUESTIONS, ids=range(len(QUESTIONS)))
def test_answers_are_real(
    sample_database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, question: str, shown: str
) -> None:
    """Each answer in the README is the one that `./run sql` prints."""
    monkeypatch.setenv("COLUMNS", "160")
    answer(sample_database, question, "table", tmp_path / "answer.txt")
    assert (tmp_path / "answer.txt").read_text(encoding="utf-8").rstrip("\n") == shown


def test_there_are_five_questions() -> None:
    """The README keeps its word."""
    assert len(QUESTIONS) == 5


def test_links_lead_somewhere() -> None:
    """Every file and folder that the README and the docs link to is there."""
    for page in (ROOT / "README.md", *(ROOT / "docs").glob("*.md")):
        for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name}: {target}"
