"""The step that reads each new document with the language model, once."""

from __future__ import annotations

from collections.abc import Iterator

import dagster as dg

from pipeline.assets.presentation import OWNERS, schema_metadata
from pipeline.assets.workspace import Workspace
from pipeline.extract.records import ModelNotInstalled
from pipeline.store import batches, workers
from pipeline.store.cluster import ClusterError
from pipeline.tables import EXTRACTED, SOURCE_DOCUMENTS


@dg.multi_asset(
    name="extraction",
    specs=[
        dg.AssetSpec(
            table.name,
            deps=[SOURCE_DOCUMENTS.name],
            group_name="extract",
            kinds={"python", "spacy", "parquet"},
            owners=OWNERS,
            description=table.description,
            metadata=schema_metadata(table),
        )
        for table in EXTRACTED
    ],
)
def extraction(workspace: dg.ResourceParam[Workspace]) -> Iterator[dg.MaterializeResult[None]]:
    """Extract every batch that the present extractor has not seen."""
    settings = workspace.settings
    try:
        workspace.expect(sum(map(batches.count_documents, batches.pending(settings))))
        documents = workers.extract_pending(settings, workspace.advance)
        version = batches.extractor_version(settings.extraction)
    except (ModelNotInstalled, ClusterError, workers.WorkersDied, workers.OtherVersion) as error:
        raise dg.Failure(str(error), allow_retries=False) from error
    for table in EXTRACTED:
        yield dg.MaterializeResult(
            asset_key=table.name, metadata={"new_documents": documents}, data_version=dg.DataVersion(version)
        )
