"""Fixtures that every test may use."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from spacy.language import Language

from pipeline.extract import model
from pipeline.settings import ROOT
from tests.warehouses import run

WHOLE = ("test_", "faults", "store", "assets")
"""What in `tests` refreshes whole warehouses: few tests that take long, and begin first, so that none is left alone."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put files whose tests take long before the others; files are shared out between processes in this order."""
    folder = Path(__file__).parent
    items.sort(key=lambda item: not str(item.path.relative_to(folder)).startswith(WHOLE))


@pytest.fixture(scope="session")
def nlp() -> Language:
    """Return the parser, loaded once."""
    return model.load()


@pytest.fixture(scope="session")
def sample_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Refresh the sample inbox; return its database, which no test changes."""
    warehouse = tmp_path_factory.mktemp("sample")
    assert run(ROOT / "seeds" / "inbox", warehouse).succeeded
    return warehouse / "communique.duckdb"


@pytest.fixture(scope="session")
def shared() -> Path:
    """Return the folder with gold and corpora, which are no part of the project."""
    folder = Path(os.environ.get("COMMUNIQUE_SHARED", "../shared")).resolve()
    if not (folder / "gold").is_dir():
        pytest.skip(f"needs the gold documents, and there are none in {folder} (COMMUNIQUE_SHARED)")
    return folder
