"""The windows that readers of statements learn from, as tensors, where they are learned from.

`training.reader_examples` writes their file. What is learned from them, and how, is in `training.reader` and
`training.distil`; nothing here parses a text.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from training import IGNORED
from training.network import DEVICE

POOL = 2000
"""So many shuffled windows at a time are sorted by length, so that batches need little padding."""


@dataclass(frozen=True)
class Shelf:
    """W windows of at most n wordpieces, padded; targets are IGNORED where nobody has annotated, or a word goes on.

    Sets are PolNeAR's `news` and our `own`, which people annotated, `more`, which nobody did, and `dev` (PolNeAR's).
    """

    lengths: Tensor  # (w,)
    sets: npt.NDArray[np.str_]  # (w,)
    ids: Tensor  # (w, n)
    features: Tensor  # (w, n, len(FEATURES))
    first: Tensor  # (w, n), whether a wordpiece begins a word
    tags: Tensor  # (w, n)
    links: Tensor  # (w, 2, n), wordpieces: the cue of a content, the source of a cue

    def of(self, *names: str) -> Tensor:
        """Return the numbers of the windows of sets."""
        return torch.from_numpy(np.flatnonzero(np.isin(self.sets, names)))

    def take(self, chosen: Tensor) -> Batch:
        """Return windows by their numbers, on the device, cut to the longest of them."""
        device = self.ids.device
        own = torch.from_numpy(self.sets[chosen.numpy()] == "own").to(device)[:, None]
        lengths, longest = self.lengths[chosen].to(device), int(self.lengths[chosen].max())
        chosen = chosen.to(device)

        def part(column: Tensor) -> Tensor:
            return column[chosen][:, :longest]

        tags, links = part(self.tags).long(), self.links[chosen][..., :longest].long()
        return Batch(
            part(self.ids).long(),
            part(self.features).long(),
            (torch.arange(longest, device=device) < lengths[:, None]).long(),
            part(self.first),
            tags.masked_fill(own, IGNORED),
            tags.masked_fill(~own, IGNORED),
            links,
        )

    def plus(self, other: Shelf) -> Shelf:
        """Return these windows and others behind them."""
        both = {f.name: (getattr(self, f.name), getattr(other, f.name)) for f in fields(self)}
        sets = np.concatenate(both.pop("sets"))
        return Shelf(sets=sets, **{name: torch.cat(pair) for name, pair in both.items()})

    def where(self, *names: str) -> Shelf:
        """Return the windows of sets."""
        chosen = self.of(*names)
        there = chosen.to(self.ids.device)
        columns = {f.name: getattr(self, f.name) for f in fields(self) if f.name not in ("lengths", "sets")}
        taken = {name: column[there] for name, column in columns.items()}
        return Shelf(self.lengths[chosen], self.sets[chosen.numpy()], **taken)


@dataclass(frozen=True)
class Batch:
    """Some windows with what is right in them; `tags` of attributions of every kind, `speech` of statements alone."""

    ids: Tensor  # (batch, n)
    features: Tensor  # (batch, n, len(FEATURES))
    mask: Tensor  # (batch, n), 1 for a wordpiece, 0 for padding
    first: Tensor  # (batch, n)
    tags: Tensor  # (batch, n)
    speech: Tensor  # (batch, n)
    links: Tensor  # (batch, 2, n)


def load(file: Path) -> tuple[Shelf, tuple[int, ...]]:
    """Return the windows of a file, and the number of values of each feature."""
    with np.load(file) as stored:
        columns = {name: stored[name] for name in stored.files}
    lengths = columns["lengths"].astype(np.int64)
    shape = len(lengths), int(lengths.max())
    inside = torch.from_numpy(np.arange(shape[1]) < lengths[:, None])

    def padded(name: str, fill: int, kind: torch.dtype) -> Tensor:
        column = torch.from_numpy(columns[name].astype(np.int64)).to(kind)
        made = torch.full((*shape, *column.shape[1:]), fill, dtype=kind)
        made[inside] = column
        return made.to(DEVICE)

    shelf = Shelf(
        torch.from_numpy(lengths),
        columns["sets"],
        padded("ids", 0, torch.int32),
        padded("features", 0, torch.uint8),
        padded("first", 0, torch.bool),
        padded("tags", IGNORED, torch.int16),
        padded("links", IGNORED, torch.int16).transpose(1, 2),
    )
    return shelf, tuple(columns["sizes"].tolist())


def batches(shelf: Shelf, chosen: Tensor, pieces: int, chance: random.Random | None) -> Iterator[Tensor]:
    """Yield the numbers of windows of like length, so many wordpieces together; in order where `chance` is None."""
    lengths, numbers = shelf.lengths.tolist(), chosen.tolist()
    if chance is not None:
        chance.shuffle(numbers)
    made: list[Tensor] = []
    for start in range(0, len(numbers), POOL):
        batch: list[int] = []
        for one in sorted(numbers[start : start + POOL], key=lengths.__getitem__):
            if batch and (len(batch) + 1) * lengths[one] > pieces:
                made.append(torch.tensor(batch))
                batch = []
            batch.append(one)
        made.append(torch.tensor(batch))
    if chance is not None:
        chance.shuffle(made)
    yield from made


def substituted(shelf: Shelf, share: float, tag: int) -> Shelf:
    """Return windows with a share of their words put in place of others of the same part of speech; nobody annotated.

    Only words of one wordpiece are taken and given; `tag` is the feature that tells the part of speech.
    """
    begins, parts = shelf.first, shelf.features[..., tag].long()
    single = begins & ~torch.cat([~begins[:, 1:], torch.zeros_like(begins[:, :1])], dim=1)
    order = parts[single].argsort(stable=True)
    words = shelf.ids[single][order]
    counts = torch.bincount(parts[single], minlength=int(parts.max()) + 1)
    starts = counts.cumsum(0) - counts
    drawn = starts[parts] + (torch.rand(parts.shape, device=parts.device) * counts[parts]).long()
    other = words[drawn.clamp(max=len(words) - 1)]
    changed = single & (torch.rand(parts.shape, device=parts.device) < share)
    return replace(
        shelf,
        sets=np.full_like(shelf.sets, "more"),
        ids=torch.where(changed, other, shelf.ids),
        tags=torch.full_like(shelf.tags, IGNORED),
        links=torch.full_like(shelf.links, IGNORED),
    )
