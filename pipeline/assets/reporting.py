"""The last step: the report's page, written anew where the tables or the page's own making have changed.

Dagster keeps every image that it is given, so it is given the page's charts once a day.
"""

from __future__ import annotations

from typing import Any

import dagster as dg

from pipeline.assets.presentation import OWNERS, path_metadata
from pipeline.assets.workspace import Workspace
from pipeline.report import charts, page
from pipeline.store.files import write_bytes


@dg.asset(
    key="report",
    deps=["published"],
    group_name="publish",
    kinds={"html"},
    owners=OWNERS,
    description="One HTML page to look at, with charts, and every row in the sentence that it came from.",
)
def report(workspace: dg.ResourceParam[Workspace]) -> dg.MaterializeResult[None]:
    """Write the report of the published tables."""
    try:
        written = page.write(workspace.settings)
    except page.NoReport as error:
        raise dg.Failure(str(error), allow_retries=False) from error
    except OSError as error:
        raise dg.Failure(f"the report cannot be written: {error.strerror}", allow_retries=False) from error
    metadata: dict[str, dg.MetadataValue[Any] | int | bool] = {
        "page": path_metadata(written.path),
        "bytes": written.size,
        "changed": written.changed,
    }
    plots = _plots(written, workspace.now().date().isoformat())
    return dg.MaterializeResult(metadata={**metadata, **plots})


def _plots(written: page.Written, today: str) -> dict[str, dg.MetadataValue[Any]]:
    """Return the charts of a page that was written anew, unless Dagster has some of today."""
    mark = written.path.with_name("plotted")
    if written.found is None or (mark.is_file() and mark.read_text(encoding="utf-8") == today):
        return {}
    plots: dict[str, dg.MetadataValue[Any]] = {
        f"plot {name}": dg.MetadataValue.md(charts.markdown(name, written.found)) for name in charts.ROWS
    }
    write_bytes(mark, today.encode())
    return plots
