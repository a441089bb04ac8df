"""The step that fetches the World Bank's series of military expenditure, where the user has turned it on.

The project's only use of the network besides the feeds. Failing, it warns and leaves what was fetched before.
"""

from __future__ import annotations

import time

import dagster as dg

from pipeline import official
from pipeline.assets.presentation import OWNERS, path_metadata
from pipeline.assets.workspace import Workspace

_MONTH = 30 * 24 * 3600.0


@dg.asset(
    key="official_expenditure",
    group_name="ingest",
    kinds={"json"},
    owners=OWNERS,
    description="Official military expenditure of the World Bank, fetched once a month if COMMUNIQUE_WORLD_BANK is on.",
)
def official_expenditure(workspace: dg.ResourceParam[Workspace]) -> dg.MaterializeResult[None]:
    """Fetch the series, unless it is turned off or was fetched within a month."""
    settings = workspace.settings
    file = settings.world_bank_file
    if not settings.world_bank:
        return dg.MaterializeResult(metadata={"state": "turned off"})
    if file.is_file() and time.time() - file.stat().st_mtime < _MONTH:
        return dg.MaterializeResult(metadata={"state": "fetched within a month", "file": path_metadata(file)})
    try:
        rows = official.fetch(settings.world_bank_address or official.WORLD_BANK, file)
    except official.OfficialError as error:
        dg.get_dagster_logger().warning(str(error))
        return dg.MaterializeResult(metadata={"state": "not fetched", "reason": str(error)})
    return dg.MaterializeResult(metadata={"state": "fetched", "numbers": rows, "file": path_metadata(file)})
