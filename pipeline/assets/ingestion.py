"""The step that reads the inboxes and what came from the feeds."""

from __future__ import annotations

import dagster as dg

from pipeline.assets.gathering import GATHERED
from pipeline.assets.presentation import OWNERS, schema_metadata
from pipeline.assets.workspace import Workspace
from pipeline.ingest.records import InboxError
from pipeline.store import batches
from pipeline.tables import SOURCE_DOCUMENTS


@dg.asset(
    key=SOURCE_DOCUMENTS.name,
    group_name="ingest",
    kinds={"python", "parquet"},
    owners=OWNERS,
    deps=[GATHERED],
    description="Documents and rejections, read from the inboxes and from what the feeds gave: what is new is decoded, "
    "cleaned and kept in batches.",
    metadata=schema_metadata(SOURCE_DOCUMENTS),
    retry_policy=dg.RetryPolicy(max_retries=3, delay=1, backoff=dg.Backoff.EXPONENTIAL),
)
def source_documents(workspace: dg.ResourceParam[Workspace]) -> dg.MaterializeResult[None]:
    """Read what is new in the inboxes and from the feeds."""
    try:
        found = batches.ingest(workspace.settings, workspace.now())
    except InboxError as error:
        raise dg.Failure(str(error), allow_retries=False) from error
    return dg.MaterializeResult(
        metadata={
            "new_files": found.files,
            "new_documents": found.documents,
            "new_rejected": found.rejected,
            "batches": len(batches.batches(workspace.settings)),
            "dagster/row_count": batches.document_count(workspace.settings),
        }
    )
