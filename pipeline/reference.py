"""Reference tables: the vocabularies and facts under `seeds/reference/`, read once a process.

Each is a CSV file whose first lines, starting with `#`, say where its facts come from. What the words mean to the
extraction belongs to the module that asks for them.
"""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent / "seeds" / "reference"


@cache
def rows(name: str) -> tuple[dict[str, str], ...]:
    """Return the rows of `seeds/reference/NAME.csv`, comment lines left out.

    Raises:
        FileNotFoundError: there is no such table.
    """
    with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as lines:
        return tuple(csv.DictReader(line for line in lines if not line.startswith("#")))
