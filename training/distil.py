"""Teaches a small reader of statements what a large one knows: knowledge distillation.

The small one starts as every other layer of the large one, with the units that matter most (`student`), and learns
three things of each window: what the large one's encoder makes of the wordpieces, how sure it is of each answer, and,
where people have annotated the window, what is right. Unlike people, the large one annotates any text, so most of the
windows come from texts that nobody has annotated.

Distillation: Hinton, Vinyals, Dean 2015; from the hidden layer: TinyBERT (Jiao et al. 2020); every other layer as the
start: DistilBERT (Sanh et al. 2019). How the large one is fitted is in `training.reader`, which calls this.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn import functional

from pipeline.extract.decoding import CONTENT, CUE
from pipeline.extract.windows import CLS, SEP, Window
from training.examples import IGNORED, Example
from training.fitting import MASK, Average, batches, optimizer_of, rate
from training.network import Network, small_encoder

SAMPLE = 60
"""Windows in which it is measured which units matter."""

_Layers = list[Tensor]


@dataclass(frozen=True, slots=True)
class Lesson:
    """A window, with what is right in it, and what the large reader's encoder makes of its n wordpieces."""

    example: Example
    hidden: npt.NDArray[np.float16]  # (n, width)

    @property
    def window(self) -> Window:
        """The window."""
        return self.example.window


def lessons(teacher: Network, found: Sequence[Example]) -> Iterator[Lesson]:
    """Let the large reader read windows."""
    teacher.eval()
    for one in found:
        ids, features = torch.from_numpy(one.window.ids)[None], torch.from_numpy(one.window.features)[None]
        with torch.no_grad():
            hidden = teacher.hidden(ids, features, torch.ones_like(ids))
        yield Lesson(one, hidden[0].numpy().astype(np.float16))


def student(teacher: Network, layers: Sequence[int], inner: int, sample: Sequence[Example]) -> Network:
    """Return a small reader made of parts of the large one: some of its layers, and of those the units that matter."""
    sizes = tuple(embedding.num_embeddings for embedding in teacher.features)
    made = Network(sizes, small_encoder(len(layers), inner))
    matters = _importance(teacher, sample)
    given = teacher.state_dict()
    weights = {name: value for name, value in given.items() if ".layer." not in name}
    for number, layer in enumerate(layers):
        kept = matters[layer].topk(inner).indices.sort().values
        prefix = f"encoder.encoder.layer.{layer}."
        for name in [name for name in given if name.startswith(prefix)]:
            part, value = name.removeprefix(prefix), given[name]
            if part.startswith("intermediate.dense"):
                value = value[kept]
            elif part == "output.dense.weight":
                value = value[:, kept]
            weights[f"encoder.encoder.layer.{number}.{part}"] = value
    made.load_state_dict(weights)
    made.encoder.embeddings.word_embeddings.weight.requires_grad_(False)  # most words are too rare to learn more of
    return made


def _importance(teacher: Network, sample: Sequence[Example]) -> _Layers:
    """Return for each layer how much each of its units adds to the sum, as a mean over windows' wordpieces."""
    layers = teacher.encoder.encoder.layer
    sums: _Layers = [torch.zeros(layer.output.dense.in_features) for layer in layers]

    def note(number: int, taken: Tensor) -> None:
        sums[number] += taken.abs().sum((0, 1))

    hooks = [
        layer.output.register_forward_pre_hook(lambda _, given, number=number: note(number, given[0]))
        for number, layer in enumerate(layers)
    ]
    for _ in lessons(teacher, sample):
        pass
    for hook in hooks:
        hook.remove()
    return [added * layer.output.dense.weight.detach().norm(dim=0) for added, layer in zip(sums, layers, strict=True)]


@dataclass(frozen=True)
class _Batch:
    ids: Tensor  # (batch, n), as all of these
    features: Tensor  # (…, features)
    mask: Tensor
    first: Tensor  # whether a wordpiece begins a word
    tags: Tensor
    speech: Tensor
    links: Tensor  # (batch, 2, n)
    hidden: Tensor  # (…, width)


def _collate(found: Sequence[Lesson], masked_pieces: float) -> _Batch:
    shape = len(found), max(len(one.window.ids) for one in found)
    ids, mask = torch.zeros(shape, dtype=torch.long), torch.zeros(shape, dtype=torch.long)
    features = torch.zeros(*shape, found[0].window.features.shape[1], dtype=torch.long)
    first = torch.zeros(shape, dtype=torch.bool)
    tags, speech = torch.full(shape, IGNORED), torch.full(shape, IGNORED)
    links = torch.full((shape[0], 2, shape[1]), IGNORED)
    hidden = torch.zeros(*shape, found[0].hidden.shape[1])
    for number, one in enumerate(found):
        length, begins = len(one.window.ids), torch.from_numpy(one.window.first)
        ids[number, :length] = torch.from_numpy(one.window.ids)
        features[number, :length] = torch.from_numpy(one.window.features)
        mask[number, :length] = 1
        first[number, begins] = True
        hidden[number, :length] = torch.from_numpy(one.hidden).float()
        (speech if one.example.speech else tags)[number, begins] = torch.from_numpy(one.example.tags)
        links[number][:, begins] = torch.from_numpy(one.example.links)
    covered = (torch.rand(shape) < masked_pieces) & (ids != CLS) & (ids != SEP)
    return _Batch(ids.masked_fill(covered, MASK), features, mask, first, tags, speech, links, hidden)


def _apart(own: Tensor, other: Tensor) -> Tensor:
    """Return how far the probabilities of one's answers are from the other's (Kullback-Leibler)."""
    own, other = own.log_softmax(-1), other.log_softmax(-1)
    return (other.exp() * (other - own)).sum(-1)


def _wrong(scores: Tensor, right: Tensor) -> Tensor:
    return functional.cross_entropy(scores.flatten(0, -2), right.flatten(), ignore_index=IGNORED, reduction="sum")


def losses(small: Network, teacher: Network, batch: _Batch, link_weight: float) -> tuple[Tensor, Tensor, Tensor]:
    """Return how far a small reader is from the large one in its answers and inside, and from what is right.

    Answers count by the word. A link counts as much as the large reader takes its word for a content, or a cue.
    """
    hidden = small.hidden(batch.ids, batch.features, batch.mask)
    tags, speech, links = small.answers(hidden, batch.mask)
    with torch.no_grad():
        their_tags, their_speech, their_links = teacher.answers(batch.hidden, batch.mask)
        chances = torch.maximum(their_tags.softmax(-1), their_speech.softmax(-1))
        linked = [chances[..., kind : kind + 2].sum(-1).clamp(max=1) for kind in (CONTENT, CUE)]
        weights = torch.stack(linked, 1) * batch.first[:, None]
    words = batch.first.sum()
    answers = (_apart(tags, their_tags) + _apart(speech, their_speech))[batch.first].sum()
    answers = answers + link_weight * (_apart(links, their_links) * weights).sum()
    inside = (((hidden - batch.hidden) ** 2).mean(-1) * batch.mask).sum() / batch.mask.sum()
    right = _wrong(tags, batch.tags) + _wrong(speech, batch.speech) + link_weight * _wrong(links, batch.links)
    return answers / words, inside, right / words


def distil(
    small: Network, teacher: Network, shown: Sequence[Lesson], dev: Sequence[Lesson], config: dict[str, Any]
) -> None:
    """Fit a small reader to the lessons of a large one; it ends with the averaged weights."""
    chance = random.Random(config["seed"])
    teacher.eval()
    optimizer = optimizer_of(small, config["learning_rate"], config["weight_decay"])
    average = Average(small, config["average"])
    total = config["epochs"] * sum(1 for _ in batches(shown, config["batch_pieces"], random.Random(0)))
    for epoch in range(config["epochs"]):
        small.train()
        seen: list[list[float]] = []
        for found in batches(shown, config["batch_pieces"], chance):
            for group in optimizer.param_groups:
                group["lr"] = group["top"] * rate(min(1.0, average.steps / total), config["warm_up"])
            parts = losses(small, teacher, _collate(found, config["masked_pieces"]), config["link_weight"])
            optimizer.zero_grad()
            (parts[0] + parts[1] + config["right_weight"] * parts[2]).backward()
            nn.utils.clip_grad_norm_(small.parameters(), config["clip"])
            optimizer.step()
            average.update(small)
            seen.append([part.item() for part in parts])
            if len(seen) % 100 == 0:
                lately = np.mean(seen[-100:], axis=0).round(4)
                print(f"small reader, epoch {epoch + 1}, step {average.steps} of {total}: {lately}", flush=True)
    small.load_state_dict(average.weights)
    small.eval()
    with torch.no_grad():
        figures = [
            [part.item() for part in losses(small, teacher, _collate(found, 0.0), config["link_weight"])]
            for found in batches(dev, 4000, None)
        ]
    print(f"small reader on PolNeAR dev: answers, inside, right {np.mean(figures, axis=0).round(4)}", flush=True)
