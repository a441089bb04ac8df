"""`docs/tables.md`, generated from the declarations in `tables`: what each table and each column means.

    python -m pipeline.data_dictionary > docs/tables.md

Only the form of that page belongs here; every word of it that describes a table stands in `tables`.
"""

from __future__ import annotations

import sys

from pipeline.tables import PUBLISHED, Column, Table

_HEAD = """# The tables

Generated from `pipeline/tables.py` by `python -m pipeline.data_dictionary > docs/tables.md`; a test compares the two.

The published tables are in `warehouse/communique.duckdb`, and each but the last as `warehouse/tables/NAME.parquet`.
Offsets are characters of `documents.text`, counted from 0, end exclusive: `substr(text, start_char + 1, end_char -
start_char)` is the stored text, for every row. Ids are the same on every machine and in every order of arrival. A
column may be null only where the table says so."""
_LAYERS = {"core": "What the texts say", "mart": "Questions answered", "index": "What the search looks up"}


def _meaning(column: Column) -> str:
    words = column.description
    if column.values:
        words += ": " + ", ".join(f"`{value}`" for value in column.values)
    return f"{words} → `{column.references}`" if column.references else words


def _section(table: Table) -> str:
    lines = [
        f"### {table.name}",
        "",
        f"{table.description} Key: {', '.join(f'`{column}`' for column in table.key)}.",
        "",
        "| column | type | null | meaning |",
        "|---|---|---|---|",
    ]
    lines += [
        f"| `{column.name}` | {column.type} | {'yes' if column.nullable else ''} | {_meaning(column)} |"
        for column in table.columns
    ]
    return "\n".join(lines) + "\n"


def markdown() -> str:
    """Return the page: every published table, grouped by layer."""
    parts = [_HEAD]
    for layer, title in _LAYERS.items():
        parts.append(f"## {title}\n")
        parts += [_section(table) for table in PUBLISHED if table.layer == layer]
    return "\n".join(parts)


if __name__ == "__main__":
    sys.stdout.write(markdown())
