"""Teaches a small reader of statements what a large one knows (knowledge distillation), and writes it.

    python -m training.distil [--shared ../shared] [--out models/reader]

The large reader learns as in `training.reader`. The small one starts as every other layer of it, with the units that
matter most (`student`), and learns three things of each window: what the large one's encoder makes of the wordpieces,
how sure it is of each answer, and, where people have annotated the window, what is right. Unlike people, the large one
annotates any text: `data/news` and the project's own documents of spending are learned from too. `distil.toml` holds
the choices; it takes another hour on two cores.

Distillation: Hinton, Vinyals, Dean 2015; from the hidden layer: TinyBERT (Jiao et al. 2020); every other layer as the
start: DistilBERT (Sanh et al. 2019).
"""

from __future__ import annotations

import random
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from pipeline.extract.decoding import CONTENT, CUE
from pipeline.extract.windows import Window
from training import reader
from training.examples import Annotated, Example, plain
from training.fitting import Fit, batches
from training.network import Network, small_encoder

CONFIG = Path(__file__).with_suffix(".toml")
SAMPLE = 60
"""Windows in which it is measured which units matter."""


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


def _importance(teacher: Network, sample: Sequence[Example]) -> list[Tensor]:
    """Return for each layer how much each of its units adds to the sum, as a mean over windows' wordpieces."""
    layers = teacher.encoder.encoder.layer
    sums: list[Tensor] = [torch.zeros(layer.output.dense.in_features) for layer in layers]

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
    """The windows of lessons, padded, as the reader's, and what is told of their wordpieces."""

    windows: reader.Batch
    first: Tensor  # (batch, n), whether a wordpiece begins a word
    hidden: Tensor  # (batch, n, width)


def _collate(found: Sequence[Lesson], masked_pieces: float) -> _Batch:
    ids, *others = reader.collate([one.example for one in found])
    first = torch.zeros(ids.shape, dtype=torch.bool)
    hidden = torch.zeros(*ids.shape, found[0].hidden.shape[1])
    for number, one in enumerate(found):
        first[number, torch.from_numpy(one.window.first)] = True
        hidden[number, : len(one.hidden)] = torch.from_numpy(one.hidden).float()
    return _Batch((reader.masked(ids, masked_pieces), *others), first, hidden)


def _apart(own: Tensor, other: Tensor) -> Tensor:
    """Return how far the probabilities of one's answers are from the other's (Kullback-Leibler)."""
    own, other = own.log_softmax(-1), other.log_softmax(-1)
    return (other.exp() * (other - own)).sum(-1)


def losses(small: Network, teacher: Network, batch: _Batch, link_weight: float) -> tuple[Tensor, Tensor, Tensor]:
    """Return how far a small reader is from the large one in its answers and inside, and from what is right.

    Answers count by the word. A link counts as much as the large reader takes its word for a content, or a cue.
    """
    ids, features, mask, *right = batch.windows
    hidden = small.hidden(ids, features, mask)
    tags, speech, links = small.answers(hidden, mask)
    with torch.no_grad():
        their_tags, their_speech, their_links = teacher.answers(batch.hidden, mask)
        chances = torch.maximum(their_tags.softmax(-1), their_speech.softmax(-1))
        linked = [chances[..., kind : kind + 2].sum(-1).clamp(max=1) for kind in (CONTENT, CUE)]
        weights = torch.stack(linked, 1) * batch.first[:, None]
    words = batch.first.sum()
    answers = (_apart(tags, their_tags) + _apart(speech, their_speech))[batch.first].sum()
    answers = answers + link_weight * (_apart(links, their_links) * weights).sum()
    inside = (((hidden - batch.hidden) ** 2).mean(-1) * mask).sum() / mask.sum()
    wrong_tags, wrong_speech, wrong_links = map(reader.wrong, (tags, speech, links), right)
    return answers / words, inside, (wrong_tags + wrong_speech + link_weight * wrong_links) / words


def distil(
    small: Network, teacher: Network, shown: Sequence[Lesson], dev: Sequence[Lesson], config: dict[str, Any]
) -> None:
    """Fit a small reader to the lessons of a large one; it ends with the averaged weights."""
    chance = random.Random(config["seed"])
    teacher.eval()
    fit = Fit(
        small, config["epochs"] * sum(1 for _ in batches(shown, config["batch_pieces"], random.Random(0))), config
    )
    small.train()
    for _ in range(config["epochs"]):
        for found in batches(shown, config["batch_pieces"], chance):
            parts = losses(small, teacher, _collate(found, config["masked_pieces"]), config["link_weight"])
            fit.step(parts[0] + parts[1] + config["right_weight"] * parts[2], *parts)
    small.load_state_dict(fit.average.weights)
    small.eval()
    with torch.no_grad():
        figures = [
            [part.item() for part in losses(small, teacher, _collate(found, 0.0), config["link_weight"])]
            for found in batches(dev, 4000, None)
        ]
    print(f"small reader on PolNeAR dev: answers, inside, right {np.mean(figures, axis=0).round(4)}", flush=True)


def unannotated(shared: Path, config: dict[str, Any]) -> list[Annotated]:
    """Return the documents that only the large reader annotates."""
    news, longest = shared / "data" / "news", config["longest"]
    releases = list(plain(news / "whitehouse.jsonl.gz", longest))
    random.Random(config["seed"]).shuffle(releases)
    others = (news / "wikinews.jsonl.gz", Path(__file__).with_name("spending_documents.jsonl"))
    return [
        *islice(releases, config["releases"]),
        *(document for path in others for document in plain(path, longest)),
    ]


def taught(large: Network, sets: Mapping[str, Sequence[Example]], config: dict[str, Any]) -> Network:
    """Return a small reader that has learned from the large one."""
    read = {name: list(lessons(large, found)) for name, found in sets.items()}
    shown = [*read["news"], *read["more"], *(read["own"] * config["gold_repeats"])]
    sample = random.Random(config["seed"]).sample([one.example for one in shown], SAMPLE)
    made = student(large, config["layers"], config["inner"], sample)
    distil(made, large, shown, read["dev"], config)
    return made


def main() -> None:
    """Train the large reader and the small one, and write this."""
    options, config = reader.begun(__doc__)
    own = config | tomllib.loads(CONFIG.read_text(encoding="utf-8"))
    documents = reader.sources(options.shared) | {"more": unannotated(options.shared, own)}
    sets = reader.prepared(documents, config["threads"])
    reader.save(taught(reader.taught(sets, config), sets, own), options.out)


if __name__ == "__main__":
    main()
