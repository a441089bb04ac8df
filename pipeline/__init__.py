"""Communiqué: raw news text in, a warehouse of actors, statements and defence spending out.

The package's rooms: `ingest` reads, `extract` understands one text, `resolve` gives names and money their identity,
`store` writes files and publishes, `assets` and `checks` are the Dagster layer. Nothing else belongs at this level
but how matrices are multiplied, the settings, the table declarations, the definitions that Dagster loads and the command
line.
"""

from pipeline import matrices

matrices.choose()

__version__ = "0.1.0"
