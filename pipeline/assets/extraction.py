"""The step that reads each new document with the language model, once, and keeps the batches few and whole."""

from __future__ import annotations

from collections.abc import Iterator

import dagster as dg

from pipeline.assets.presentation import OWNERS, schema_metadata
from pipeline.assets.warehouse import up_to_date
from pipeline.assets.workspace import Workspace
from pipeline.extract.records import ModelNotInstalled
from pipeline.store import batches, compaction, mending, workers
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
        if up_to_date(settings) is None:  # else no batch is read
            mending.mend(settings, workspace.now())
        compaction.divide(settings)
        pending = batches.pending(settings)
        workspace.expect(sum(map(batches.count_documents, pending)))
        documents = workers.extract_pending(settings, workspace.advance)
        if pending:
            compaction.compact(settings)
        version = batches.extractor_version(settings.extraction)
    except (ModelNotInstalled, mending.Damaged, ClusterError, workers.WorkersDied, workers.OtherVersion) as error:
        raise dg.Failure(str(error), allow_retries=False) from error
    for table in EXTRACTED:
        yield dg.MaterializeResult(
            asset_key=table.name, metadata={"new_documents": documents}, data_version=dg.DataVersion(version)
        )
