"""What the server that children are forked from imports and loads first, so that each of them is born with it."""

from __future__ import annotations

import pandas as pd

from pipeline.ingest import duplicates, read
from tests.faults import scenes

read._identifier()
READY = (pd, duplicates, read, scenes)
