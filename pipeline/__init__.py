"""Communiqué: raw news text in, a warehouse of actors, statements and defence spending out.

The package's rooms: `ingest` reads, `extract` understands one text, `resolve` gives names and money their identity,
`store` writes files and publishes, `assets` and `checks` are the Dagster layer. Nothing else belongs at this level
but the settings, the table declarations, the definitions that Dagster loads and the command line.
"""

import os

# One thread for matrices: they are small, and other processes want the other cores. numpy reads it when it is loaded.
for _threads in ("OPENBLAS_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"):
    os.environ.setdefault(_threads, "1")

__version__ = "0.1.0"
