"""The answers that the questions of `sql/examples/` have on the sample inbox, each in `NAME.csv`: its first 20 rows.

    python -m tests.sql.expected

refreshes the sample inbox in a temporary folder and writes them anew. Do so when a change is meant to change an answer,
and read the difference before you commit it.
"""

from __future__ import annotations

from pathlib import Path

from pipeline.query import answer
from pipeline.settings import ROOT

FOLDER = Path(__file__).parent
EXAMPLES = {path.stem: path.read_text(encoding="utf-8") for path in sorted((ROOT / "sql" / "examples").glob("*.sql"))}
ROWS = 20


def ask(database: Path, name: str, file: Path) -> str:
    """Return the first rows of the answer to an example as CSV, with a header; `file` is written on the way."""
    answer(database, f"SELECT * FROM (\n{EXAMPLES[name].rstrip().rstrip(';')}\n) LIMIT {ROWS}", "csv", file)
    return file.read_text(encoding="utf-8")
