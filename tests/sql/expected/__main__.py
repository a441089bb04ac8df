"""Write the answers anew: `python -m tests.sql.expected`."""

from __future__ import annotations

import tempfile
from pathlib import Path

from pipeline.settings import ROOT
from tests.sql.expected import EXAMPLES, FOLDER, ask
from tests.warehouses import run


def main() -> None:
    """Refresh the sample inbox in a temporary folder, and write one CSV file an example."""
    for old in FOLDER.glob("*.csv"):
        old.unlink()
    with tempfile.TemporaryDirectory() as folder:
        if not run(ROOT / "seeds" / "inbox", Path(folder)).succeeded:
            raise SystemExit("the refresh of the sample inbox failed")
        for name in EXAMPLES:
            ask(Path(folder) / "communique.duckdb", name, FOLDER / f"{name}.csv")


if __name__ == "__main__":
    main()
