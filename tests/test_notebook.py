"""The notebook of the docs: its cells run one after the other on a refresh of the sample inbox, and answer."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pipeline.settings import ROOT


def test_every_cell_runs(sample_database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Speakers, sums and a passage come out of it, and it holds no outputs of an earlier run."""
    monkeypatch.setenv("COMMUNIQUE_WAREHOUSE", str(sample_database.parent))
    notebook = json.loads((ROOT / "docs" / "notebook.ipynb").read_text(encoding="utf-8"))
    cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    names: dict[str, Any] = {}
    for cell in cells:
        assert cell["outputs"] == []
        exec(compile("".join(cell["source"]), "notebook.ipynb", "exec"), names)
    assert set(names["said"]["speaker_text"]) >= {"Estonian Prime Minister Kaja Kallas", "she"}
    assert len(names["found"]) == 5
    assert list(names["found"]["score"]) == sorted(names["found"]["score"], reverse=True)
    assert len(names["sums"]) > 40 and names["text"][names["start"] : names["end"]] == names["amount"]
    names["db"].close()
