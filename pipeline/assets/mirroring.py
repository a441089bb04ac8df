"""The step that sends what is new to the object store; it is there where COMMUNIQUE_REMOTE names one."""

from __future__ import annotations

import dagster as dg

from pipeline.assets.presentation import OWNERS
from pipeline.assets.workspace import Workspace
from pipeline.store.objects import RemoteError


@dg.asset(
    key="mirrored",
    deps=["published", "report"],
    group_name="publish",
    kinds={"parquet"},
    owners=OWNERS,
    description="The warehouse in the object store: batches, raw bytes, the ledger, and the release that readers see.",
)
def mirrored(workspace: dg.ResourceParam[Workspace]) -> dg.MaterializeResult[None]:
    """Send what is new to the store; what is published here stands whether or not that succeeds."""
    if workspace.mirror is None:
        raise dg.Failure("no run holds the store; refresh the whole job", allow_retries=False)
    try:
        sent = workspace.mirror.send()
    except RemoteError as error:
        raise dg.Failure(str(error), allow_retries=False) from error
    return dg.MaterializeResult(metadata=sent)
