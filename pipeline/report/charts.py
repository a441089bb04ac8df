"""The report's charts: Vega and Vega-Lite specifications with their data, for the page and, as images, for Dagster.

A specification lies in `charts/NAME.json` and draws the rows of one query of `sql/report/`. What is clicked is the
page's business (`report.js`), which rows there are is `data`'s.
"""

from __future__ import annotations

import base64
import json
import re
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent / "charts"
ROWS = {
    "months": "months",
    "graph": "network",
    "network": "network",
    "countries": "countries",
    "sums": "sums",
    "coverage": "coverage",
}
"""Chart → the query in `sql/report/` whose rows it draws, in the order of the page."""

VEGA_LITE = "6.1"
_WIDTH = 700
_FOR_SCREEN_READERS = re.compile(r' (?:role|aria-[a-z]+|class)="[^"]*"')


@cache
def specifications() -> dict[str, Any]:
    """Return the specification of each chart, without data."""
    return {name: json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8")) for name in ROWS}


def markdown(name: str, found: dict[str, Any]) -> str:
    """Return a chart of what `data.collect` found as an image in Markdown, or a word where there is nothing to draw."""
    import vl_convert  # noqa: PLC0415 - large, and only a new report draws

    rows = found[ROWS[name]]
    if not rows:
        return "nothing to draw yet"
    spec = specifications()[name]
    if "vega-lite" in spec["$schema"]:
        whole = spec | {"width": _WIDTH, "datasets": {"rows": rows}, "background": "white"}
        image = vl_convert.vegalite_to_svg(whole, vl_version=VEGA_LITE)
    else:
        first, *others = spec["data"]
        image = vl_convert.vega_to_svg(spec | {"data": [first | {"values": rows}, *others], "background": "white"})
    # An image runs no script and loads nothing, whatever text is drawn in it; no reader of screens looks inside it.
    small = _FOR_SCREEN_READERS.sub("", image).encode()
    return f"![{name}](data:image/svg+xml;base64,{base64.b64encode(small).decode()})"
