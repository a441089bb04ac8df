"""What fitting a network takes, whichever it is: batches of windows of like length, and the steps.

What is learned, and from what, is with those who fit: `training.reader`, `training.distil` and `training.appraiser`.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Sequence
from typing import Any, Protocol, TypeVar

import numpy as np
import torch
from torch import Tensor, nn

from pipeline.extract.windows import Window

MASK = 103
"""The wordpiece that stands for a hidden one."""
POOL = 2000
"""So many shuffled windows at a time are sorted by length, so that batches need little padding."""


class Windowed(Protocol):
    """What is learned from one window."""

    @property
    def window(self) -> Window:
        """The window."""


_One = TypeVar("_One", bound=Windowed)


def batches(found: Sequence[_One], pieces: int, chance: random.Random | None) -> Iterator[list[_One]]:
    """Yield batches of windows of like length: shuffled, or in their order where `chance` is None."""
    found = list(found)
    if chance is not None:
        chance.shuffle(found)
    made: list[list[_One]] = []
    for start in range(0, len(found), POOL):
        batch: list[_One] = []
        for one in sorted(found[start : start + POOL], key=lambda e: len(e.window.ids)):
            if batch and (len(batch) + 1) * len(one.window.ids) > pieces:
                made.append(batch)
                batch = []
            batch.append(one)
        made.append(batch)
    if chance is not None:
        chance.shuffle(made)
    yield from made


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
        if parameter.requires_grad
    ]
    return torch.optim.AdamW(groups, lr=top, betas=(0.9, 0.98))


class Fit:
    """Fits a network step by step, in `total` steps; `average` holds the weights that it should have in the end."""

    def __init__(self, network: nn.Module, total: int, config: dict[str, Any]) -> None:
        """Prepare; of `config` the rate, its warm-up, the decays of weights and average, and the clip are taken."""
        self.network, self.total, self.config = network, total, config
        self.optimizer = optimizer_of(network, config["learning_rate"], config["weight_decay"])
        self.average = Average(network, config["average"])
        self._seen: list[list[float]] = []

    def step(self, error: Tensor, *parts: Tensor) -> None:
        """Change the weights so that an error falls; every hundred steps the means of its parts are printed."""
        share = rate(min(1.0, self.average.steps / self.total), self.config["warm_up"])
        for group in self.optimizer.param_groups:
            group["lr"] = group["top"] * share
        self.optimizer.zero_grad()
        error.backward()
        nn.utils.clip_grad_norm_(self.network.parameters(), self.config["clip"])
        self.optimizer.step()
        self.average.update(self.network)
        self._seen.append([part.item() for part in parts or (error,)])
        if len(self._seen) == 100:
            print(f"step {self.average.steps} of {self.total}: {np.mean(self._seen, axis=0).round(4)}", flush=True)
            self._seen.clear()
