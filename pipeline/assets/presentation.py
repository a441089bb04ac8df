"""How assets look in Dagster: owners, column schemas, lineage, previews, plots. Nothing here computes a row."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb

from pipeline.store.staging import needs
from pipeline.tables import Table, all_tables

OWNERS = ["team:communique"]
_PREVIEW_ROWS = 10
_PREVIEW_WIDTH = 60
_BARS = 12
_HARMLESS = {ord(mark): f"&#{ord(mark)};" for mark in "&\\`*_{}[]()<>#|~"}
"""What means something in Markdown or HTML, as the entity that only shows it."""


def schema_metadata(table: Table) -> dict[str, Any]:
    """Return the column schema of a table as Dagster shows it."""
    columns = [
        dg.TableColumn(
            column.name,
            column.type,
            column.description,
            dg.TableColumnConstraints(nullable=column.nullable, unique=table.key == (column.name,)),
        )
        for column in table.columns
    ]
    return {"dagster/column_schema": dg.TableSchema(columns=columns), "dagster/table_name": table.name}


def column_lineage(table: Table, sql: str) -> dg.TableColumnLineage:
    """Return which columns a table's columns come from: those of the same name in the tables its query needs."""
    declared = {t.name: {c.name for c in t.columns} for t in all_tables()}
    sources = [source for source in needs(sql) if source in declared]
    return dg.TableColumnLineage(
        {
            column.name: [
                dg.TableColumnDep(source, column.name) for source in sources if column.name in declared[source]
            ]
            for column in table.columns
        }
    )


def source_tables(sql: str, queries: Mapping[str, str]) -> set[str]:
    """Return the assets behind a query: the tables it needs, and those behind helper queries that are no asset."""
    known = {table.name for table in all_tables()}
    found = set()
    for name in needs(sql):
        if name == "official_expenditure":
            found.add(name)
        elif name == "rejected_inputs":
            found.add("source_documents")
        elif name in known:
            found.add(name)
        elif name in queries:
            found |= source_tables(queries[name], queries)
    return found


def _cell(value: object) -> str:
    text = "" if value is None else " ".join(str(value).splitlines())
    short = text if len(text) <= _PREVIEW_WIDTH else text[: _PREVIEW_WIDTH - 1] + "…"
    return short.translate(_HARMLESS)


def preview(connection: duckdb.DuckDBPyConnection, table: Table) -> dg.MetadataValue:
    """Return the first ten rows as a Markdown table, every character of a document harmless."""
    rows = connection.sql(f"SELECT * FROM {table.name} LIMIT {_PREVIEW_ROWS}").fetchall()
    names = [column.name for column in table.columns]
    lines = [names, ["---"] * len(names), *([_cell(value) for value in row] for row in rows)]
    return dg.MetadataValue.md("\n".join("| " + " | ".join(line) + " |" for line in lines))


_PLOTS = {
    "actors": "SELECT name, statement_count FROM actors WHERE statement_count > 0 ORDER BY 2 DESC, 1",
    "statements": "SELECT strftime(published_on, '%Y-%m'), count(*) FROM statements GROUP BY 1 ORDER BY 1 DESC",
    "defence_spending": "SELECT spender, count(*) FROM defence_spending WHERE spender IS NOT NULL GROUP BY 1 "
    "ORDER BY 2 DESC, 1",
    "spending_by_country_year": "SELECT country, sum(record_count)::BIGINT FROM spending_by_country_year GROUP BY 1 "
    "ORDER BY 2 DESC, 1",
}


def plot(connection: duckdb.DuckDBPyConnection, table: Table) -> dict[str, dg.MetadataValue]:
    """Return a bar chart in Markdown for the tables where one helps, else nothing."""
    if table.name not in _PLOTS:
        return {}
    rows = connection.sql(f"SELECT * FROM ({_PLOTS[table.name]}) LIMIT {_BARS}").fetchall()
    most = max((row[1] for row in rows), default=1)
    lines = [f"| {_cell(label)} | {'█' * max(1, round(30 * value / most))} {value} |" for label, value in rows]
    return {"plot": dg.MetadataValue.md("\n".join(["| | |", "|---|---|", *lines]))}


def path_metadata(path: Path) -> dg.MetadataValue:
    """Return a path that the UI can copy."""
    return dg.MetadataValue.path(str(path))
