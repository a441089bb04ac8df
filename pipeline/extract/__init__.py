"""Reading one text: parse, mentions, attributions, figures. Pure Python; neither Dagster nor DuckDB is known."""
