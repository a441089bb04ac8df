"""The page on the tables is the declaration, word for word."""

from __future__ import annotations

from pipeline.data_dictionary import markdown
from pipeline.settings import ROOT
from pipeline.tables import PUBLISHED


def test_page_is_up_to_date() -> None:
    """What stands in docs/ is what the declarations say today."""
    page = (ROOT / "docs" / "tables.md").read_text(encoding="utf-8")
    assert page == markdown(), "run: python -m pipeline.data_dictionary > docs/tables.md"


def test_every_published_column_is_told() -> None:
    """No published table and no column of one is missing."""
    sections = {part.split("\n", 1)[0]: part for part in markdown().split("\n### ")[1:]}
    for table in PUBLISHED:
        assert all(f"| `{column.name}` | {column.type} |" in sections[table.name] for column in table.columns)
