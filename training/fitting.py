"""What fitting a network takes, whichever it is: the rate, the average of its weights, and the steps.

What is learned, and from what, is with those who fit: `training.reader`, `training.distil` and `training.appraiser`.
"""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor, nn


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
        learned = {name for name, value in network.named_parameters() if value.requires_grad}
        self._names = [name for name in self.weights if name in learned]

    @torch.no_grad()
    def update(self, network: nn.Module) -> None:
        """Take the present weights in."""
        self.steps += 1
        decay = min(self.decay, 1 - 1 / (self.steps / 4 + 1))
        present = dict(network.named_parameters())
        torch._foreach_lerp_(
            [self.weights[name] for name in self._names], [present[name].detach() for name in self._names], 1 - decay
        )


def optimizer_of(network: nn.Module, top: float, weight_decay: float) -> torch.optim.Optimizer:
    """Return what fits a network; `top` is its encoder's highest learning rate; new layers have three times that."""
    groups: dict[tuple[float, float], list[nn.Parameter]] = {}
    for name, parameter in network.named_parameters():
        if parameter.requires_grad:
            kind = top if name.startswith("encoder") else 3 * top, weight_decay if parameter.ndim > 1 else 0.0
            groups.setdefault(kind, []).append(parameter)
    return torch.optim.AdamW(
        [{"params": found, "top": rate, "weight_decay": decay} for (rate, decay), found in groups.items()],
        lr=top,
        betas=(0.9, 0.98),
        fused=True,
    )


class Fit:
    """Fits a network step by step, in `total` steps; `average` holds the weights that it should have in the end."""

    def __init__(self, network: nn.Module, total: int, config: dict[str, Any]) -> None:
        """Prepare; of `config` the rate, its warm-up, the decays of weights and average, and the clip are taken."""
        self.network, self.total, self.config = network, total, config
        self.optimizer = optimizer_of(network, config["learning_rate"], config["weight_decay"])
        self.average = Average(network, config["average"])
        self._seen: list[Tensor] = []

    @property
    def progress(self) -> float:
        """The share of the steps that are taken."""
        return min(1.0, self.average.steps / self.total)

    def step(self, error: Tensor, *parts: Tensor) -> None:
        """Change the weights so that an error falls; every hundred steps the means of its parts are printed."""
        share = rate(self.progress, self.config["warm_up"])
        for group in self.optimizer.param_groups:
            group["lr"] = group["top"] * share
        self.optimizer.zero_grad()
        error.backward()
        nn.utils.clip_grad_norm_(self.network.parameters(), self.config["clip"])
        self.optimizer.step()
        self.average.update(self.network)
        self._seen.append(torch.stack([part.detach() for part in parts or (error,)]))
        if len(self._seen) == 100:
            means = torch.stack(self._seen).mean(0).cpu().numpy().round(4)
            print(f"step {self.average.steps} of {self.total}: {means}", flush=True)
            self._seen.clear()
