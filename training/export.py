"""Makes of a reader's weights what the pipeline reads: `models/reader`.

    python -m training.export three.safetensors [--out models/reader]

`training.distil` and `training.reader` write the weights. The network becomes ONNX, its matrices 8-bit integers, and
what only windows with padding need goes (`training.compact`); the tokenizer and the parser's labels go beside it.
"""

from __future__ import annotations

import argparse
import json
import shutil
from collections.abc import Sequence
from pathlib import Path

import torch
from safetensors.torch import load_file

from pipeline.extract import model
from pipeline.extract.reader import FOLDER
from pipeline.extract.windows import FEATURES, Inventory
from training.compact import compact, write
from training.network import Network, base, with_weights


def export(network: Network, target: Path) -> None:
    """Write the network as ONNX."""
    batch, length = torch.export.Dim("batch", min=1, max=512), torch.export.Dim("length", min=2, max=512)
    inputs = (
        torch.randint(200, 900, (3, 40)),
        torch.zeros(3, 40, len(FEATURES), dtype=torch.long),
        torch.ones(3, 40, dtype=torch.long),
    )
    program = torch.onnx.export(
        network.cpu().eval(),
        inputs,
        dynamo=True,
        input_names=["ids", "features", "mask"],
        output_names=["tags", "speech", "links"],
        dynamic_shapes=tuple({0: batch, 1: length} for _ in inputs),
    )
    write(program, target, compact)


def main(arguments: Sequence[str] | None = None) -> None:
    """Write a reader's folder."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("weights", type=Path)
    parser.add_argument("--out", type=Path, default=FOLDER)
    options = parser.parse_args(arguments)
    inventory = Inventory.of(model.load())
    options.out.mkdir(parents=True, exist_ok=True)
    export(with_weights(inventory.sizes, load_file(options.weights)), options.out / "reader.onnx")
    shutil.copy(base() / "tokenizer.json", options.out / "tokenizer.json")
    labels = {"tags": inventory.tags, "deps": inventory.deps}
    (options.out / "labels.json").write_text(json.dumps(labels, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
