"""The reader: a small encoder that tells for each word whether it is source, cue or content, and what belongs to what.

It reads one window after the other, so that what it makes of a window depends on that window alone.
How a text becomes windows is in `windows`, how probabilities become attributions in `decoding`; how the network is
built is in `training/network.py`, how it learned in `training/distil.py`, what it learned from and how well it reads in
`models/reader/README.md`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np

from pipeline.extract import networks
from pipeline.extract.decoding import Reading
from pipeline.extract.networks import log_softmax
from pipeline.extract.passage import Passage
from pipeline.extract.records import Attribution
from pipeline.extract.windows import Inventory, Window, windows

FOLDER = networks.MODELS / "reader"
"""`reader.onnx` (int8), `tokenizer.json`, and `labels.json`, the parser's labels in the order of the embeddings."""


class Reader:
    """The network with its tokenizer."""

    def __init__(self, folder: Path) -> None:
        """Load the network; it takes a third of a second.

        Raises:
            ModelNotInstalled: a file of the model is missing or damaged.
        """
        with networks.opening("reader of statements", folder, "training.distil"):
            self.tokenizer = networks.tokenizer(folder / "tokenizer.json")
            labels = json.loads((folder / "labels.json").read_text(encoding="utf-8"))
            self.inventory = Inventory(tuple(labels["tags"]), tuple(labels["deps"]))
            self._session = networks.session(folder / "reader.onnx")

    def read(self, passage: Passage, found: Sequence[Attribution]) -> Iterator[Reading]:
        """Yield what the network makes of each window of a text; `found` is what the grammar finds in it."""
        return map(self._read, windows(passage, found, self.tokenizer, self.inventory))

    def _read(self, window: Window) -> Reading:
        tags, speech, links = self._session.run(None, {"ids": window.ids[None], "features": window.features[None]})
        columns = np.concatenate([[0], window.first])  # [CLS], a word's first piece each
        joined = links[0][:, window.first][:, :, columns]
        return Reading(
            window.words,
            log_softmax(tags[0, window.first]),
            log_softmax(speech[0, window.first]),
            log_softmax(joined[0]),
            log_softmax(joined[1]),
        )


@lru_cache(maxsize=2)
def load(folder: Path = FOLDER) -> Reader:
    """Load a reader once a process."""
    return Reader(folder)
