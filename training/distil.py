"""Teaches a small reader of statements what several large ones know together (knowledge distillation).

    python -m training.distil [--windows windows.npz] [--out .]

The encoder first guesses masked words of the windows; from there, large readers learn as in `training.reader`, each in
another order. The small one starts as some layers of the first of them, with the units that matter most (`student`),
and learns of each window what the large ones answer, taken together, and, where people have annotated it, what is
right. It also learns at first what the first large one's encoder makes of each wordpiece. Unlike people, the large ones
annotate any text: `data/news`, the project's own documents of spending, and windows with words put in place of others.

`distil.toml` holds the choices, and names the small readers: `NAME.safetensors` is written for each, and
`training.export` makes of one what the pipeline reads. On a GPU, where they learn side by side, it takes six minutes.

Distillation: Hinton, Vinyals, Dean 2015; from the hidden layer, and with words replaced: TinyBERT (Jiao et al. 2020);
some layers as the start: DistilBERT (Sanh et al. 2019).
"""

from __future__ import annotations

import argparse
import random
import time
import tomllib
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import save_file
from torch import Tensor

from pipeline.extract.decoding import CONTENT, CUE
from pipeline.extract.windows import FEATURES
from training import reader, shelf
from training.fitting import Fit
from training.masked import hidden, read_news
from training.network import DEVICE, Network, Weights, encoder, keep_words, learned, with_weights
from training.shelf import Batch, Shelf

CONFIG = Path(__file__).with_suffix(".toml")
SAMPLE = 64
"""Windows in which it is measured which units matter."""
AT_ONCE = 128
"""Windows that a large reader reads at once."""

NEVER = -3e4
"""The logarithm of no probability at all, as far as 16 bits go."""


@dataclass(frozen=True)
class Lessons:
    """What large readers make of the w windows of a shelf: probabilities as logarithms, and the first's encoder."""

    tags: Tensor  # (w, n, TAGS)
    speech: Tensor  # (w, n, TAGS)
    links: Tensor  # (w, 2, n, n)
    hidden: Tensor  # (w, n, width)


def lessons(large: Sequence[Network], found: Shelf) -> Lessons:
    """Let large readers read the windows of a shelf."""
    windows, longest = found.ids.shape
    width = large[0].encoder.config.hidden_size

    def empty(*shape: int) -> Tensor:
        return torch.full((windows, *shape), NEVER, dtype=torch.float16, device=DEVICE)

    tags = large[0].tags.out_features
    told = Lessons(empty(longest, tags), empty(longest, tags), empty(2, longest, longest), empty(longest, width))
    for numbers in torch.arange(windows).split(AT_ONCE):
        batch = found.take(numbers)
        n = batch.ids.shape[1]
        answers: list[list[Tensor]] = []
        for which, one in enumerate(large):
            with torch.no_grad(), torch.autocast(DEVICE, torch.bfloat16):
                made = one.hidden(batch.ids, batch.features, batch.mask)
                answers.append([part.float().log_softmax(-1) for part in one.answers(made, batch.mask)])
            if which == 0:
                told.hidden[numbers, :n] = made.half()
        together = [torch.stack(of_one).logsumexp(0) - np.log(len(large)) for of_one in zip(*answers, strict=True)]
        told.tags[numbers, :n], told.speech[numbers, :n] = together[0].half(), together[1].half()
        told.links[numbers, :, :n, :n] = together[2].clamp(min=NEVER).half()
    return told


def student(large: Network, sizes: Sequence[int], layers: Sequence[int], inner: int, sample: Batch) -> Network:
    """Return a small reader made of parts of a large one: some of its layers, and of those the units that matter."""
    matters = _importance(large, sample)
    given = learned(large)
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
    return with_weights(sizes, weights)


def _importance(large: Network, sample: Batch) -> list[Tensor]:
    """Return for each layer how much each of its units adds to the sum, as a mean over windows' wordpieces."""
    layers = large.encoder.encoder.layer
    sums: dict[int, Tensor] = {}

    def note(number: int, taken: Tensor) -> None:
        sums[number] = taken.abs().sum((0, 1))

    hooks = [
        layer.output.register_forward_pre_hook(lambda _, given, number=number: note(number, given[0]))
        for number, layer in enumerate(layers)
    ]
    with torch.no_grad():
        large.hidden(sample.ids, sample.features, sample.mask)
    for hook in hooks:
        hook.remove()
    return [sums[number] * layer.output.dense.weight.detach().norm(dim=0) for number, layer in enumerate(layers)]


def _apart(own: Tensor, other: Tensor) -> Tensor:
    """Return how far the probabilities of one's answers are from another's (Kullback-Leibler); both as logarithms."""
    return (other.exp() * (other - own)).sum(-1)


def losses(
    small: Network, batch: Batch, told: Lessons, numbers: Tensor, config: dict[str, Any]
) -> tuple[Tensor, Tensor, Tensor]:
    """Return how far a small reader is from the large ones' answers, from what is right, and from them inside.

    Answers count by the word. A link counts as much as the large ones take its word for a content, or a cue.
    """
    n = batch.ids.shape[1]
    with torch.autocast(DEVICE, torch.bfloat16):
        inner = small.hidden(hidden(batch.ids, config["masked_pieces"]), batch.features, batch.mask)
        answers = small.answers(inner, batch.mask)
    tags, speech, links = (part.float().log_softmax(-1) for part in answers)
    numbers = numbers.to(DEVICE)
    their_tags, their_speech = told.tags[numbers, :n].float(), told.speech[numbers, :n].float()
    their_links = told.links[numbers, :, :n, :n].float()
    chances = torch.maximum(their_tags, their_speech).exp()
    linked = [chances[..., kind : kind + 2].sum(-1).clamp(max=1) for kind in (CONTENT, CUE)]
    words, weight = batch.first.sum(), config["link_weight"]
    apart = (_apart(tags, their_tags) + _apart(speech, their_speech))[batch.first].sum()
    apart_links = (_apart(links, their_links) * torch.stack(linked, 1) * batch.first[:, None]).sum()
    error = reader.wrong(tags, batch.tags) + reader.wrong(speech, batch.speech)
    error_links = reader.wrong(links, batch.links)
    inside = (((inner.float() - told.hidden[numbers, :n].float()) ** 2).mean(-1) * batch.mask).sum() / batch.mask.sum()
    return (apart + weight * apart_links) / words, (error + weight * error_links) / words, inside


def distil(small: Network, found: Shelf, told: Lessons, config: dict[str, Any]) -> None:
    """Fit a small reader to lessons; it ends with the averaged weights.

    What is right counts more and more (`right`, from the first step to the last), the inside less and less.
    """
    chance = random.Random(config["seed"])
    own = found.of("own").repeat(config["gold_repeats"])
    chosen = torch.cat([found.of("news").repeat(config["news_repeats"]), own, found.of("more")])
    pieces = config["batch_pieces"]
    fit = Fit(small, config["epochs"] * sum(1 for _ in shelf.batches(found, chosen, pieces, random.Random(0))), config)
    first, last = config["right"]
    small.train()
    for _ in range(config["epochs"]):
        for numbers in shelf.batches(found, chosen, pieces, chance):
            apart, error, inside = losses(small, found.take(numbers), told, numbers, config)
            share = fit.progress
            right = first + (last - first) * share
            fit.step(apart + right * error + (1 - share) * inside, apart, error, inside)
    small.load_state_dict(fit.average.weights)
    small.eval()


def _pieces(found: Shelf) -> Tensor:
    """Return the wordpieces of all windows that are learned from, in a row."""
    chosen = found.where("news", "own", "more")
    inside = torch.arange(chosen.ids.shape[1]) < chosen.lengths[:, None]
    return chosen.ids[inside.to(chosen.ids.device)].long()


def begin(windows: Path, config: dict[str, Any]) -> Weights:
    """Return the encoder's weights after it has guessed masked words; embeddings of words stay as they are."""
    found, _ = shelf.load(windows)
    read = encoder(config["dropout"])
    keep_words(read)
    read.to(DEVICE)
    read_news(read, _pieces(found), config)
    return {name: value.cpu() for name, value in learned(read).items()}


def taught(
    name: str, windows: Path, large: Sequence[Weights], config: dict[str, Any], folder: Path
) -> tuple[str, list[float]]:
    """Write a small reader that has learned from large ones; return its name, and how far off it is on dev."""
    own = config | config["small"][name]
    torch.manual_seed(own["seed"])
    found, sizes = shelf.load(windows)
    learned_from = found.where("news", "own", "more")
    annotated = learned_from.where("news", "own")
    for _ in range(own["copies"]):
        learned_from = learned_from.plus(shelf.substituted(annotated, own["substituted"], FEATURES.index("tag")))
    teachers = [with_weights(sizes, weights).eval() for weights in large]
    sample = learned_from.take(torch.randperm(len(annotated.lengths))[:SAMPLE])
    small = student(teachers[0], sizes, own["layers"], own["inner"], sample)
    began = time.monotonic()
    told = lessons(teachers, learned_from)
    print(f"{name}: {len(told.tags):,} windows read by {len(teachers)} in {time.monotonic() - began:.0f} s", flush=True)
    distil(small, learned_from, told, own)
    save_file({key: value.half().cpu() for key, value in learned(small).items()}, folder / f"{name}.safetensors")
    dev = found.where("dev")
    told, quiet = lessons(teachers, dev), own | {"masked_pieces": 0.0}
    figures = []
    with torch.no_grad():
        for numbers in torch.arange(len(dev.lengths)).split(AT_ONCE):
            figures.append([part.item() for part in losses(small, dev.take(numbers), told, numbers, quiet)])
    return name, np.mean(figures, axis=0).round(4).tolist()


def main(arguments: Sequence[str] | None = None) -> None:
    """Teach the large readers, and the small ones."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--windows", type=Path, default=Path("windows.npz"))
    parser.add_argument("--out", type=Path, default=Path())
    parser.add_argument("--config", type=Path, default=CONFIG)
    options = parser.parse_args(arguments)
    config: dict[str, Any] = tomllib.loads(options.config.read_text(encoding="utf-8"))
    torch.manual_seed(config["seed"])
    began = time.monotonic()
    start = begin(options.windows, config["masked_words"])
    print(f"masked words: {time.monotonic() - began:.0f} s", flush=True)
    seeds = range(config["seed"], config["seed"] + config["large"])
    with ProcessPoolExecutor(None if DEVICE == "cuda" else 1, get_context("spawn")) as pool:
        large = list(pool.map(partial(reader.taught, options.windows, start=start), seeds))
        print(f"large readers: {time.monotonic() - began:.0f} s", flush=True)
        one = partial(taught, windows=options.windows, large=large, config=config, folder=options.out)
        for name, figures in pool.map(one, config["small"]):
            print(f"{name}: answers, right, inside on PolNeAR dev {figures}", flush=True)
    print(f"all: {time.monotonic() - began:.0f} s", flush=True)


if __name__ == "__main__":
    main()
