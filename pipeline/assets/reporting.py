"""The last step: the report's page, written anew where the tables or the page's own making have changed."""

from __future__ import annotations

from typing import Any

import dagster as dg

from pipeline.assets.presentation import OWNERS, path_metadata
from pipeline.assets.workspace import Workspace
from pipeline.report import charts, page


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
    plots = {} if written.found is None else {name: charts.markdown(name, written.found) for name in charts.ROWS}
    return dg.MaterializeResult(
        metadata=metadata | {f"plot {name}": dg.MetadataValue.md(plot) for name, plot in plots.items()}
    )
