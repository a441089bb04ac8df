"""The reader: a small encoder that tells for each word whether it is source, cue or content, and what belongs to what.

It runs on onnxruntime, one window after the other, so that what it makes of a window depends on that window alone.
How a text becomes windows is in `windows`, how probabilities become attributions in `decoding`; how the network is
built and trained is in `training/reader.py`, what it was trained on and how well it reads in `models/reader/README.md`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnxruntime
from tokenizers import Tokenizer

from pipeline.extract.decoding import Reading
from pipeline.extract.passage import Passage
from pipeline.extract.records import Attribution, ModelNotInstalled
from pipeline.extract.windows import Inventory, Window, windows

FOLDER = Path(__file__).resolve().parent.parent.parent / "models" / "reader"
"""`reader.onnx` (int8), `tokenizer.json`, and `labels.json`, the parser's labels in the order of the embeddings."""

_Floats = npt.NDArray[np.float32]


class Reader:
    """The network with its tokenizer."""

    def __init__(self, folder: Path) -> None:
        """Load the network; it takes a third of a second.

        Raises:
            ModelNotInstalled: a file of the model is missing or damaged.
        """
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.enable_mem_pattern = False  # windows differ in length, and a plan for each would be kept
        try:
            self.tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
            labels = json.loads((folder / "labels.json").read_text(encoding="utf-8"))
            self.inventory = Inventory(tuple(labels["tags"]), tuple(labels["deps"]))
            self._session: Any = onnxruntime.InferenceSession(
                str(folder / "reader.onnx"),
                options,
                providers=["CPUExecutionProvider"],
                disabled_optimizers=["SkipLayerNormFusion"],  # the fused step takes several times as long as its parts
            )
        except Exception as error:  # each library raises its own kind
            raise ModelNotInstalled(
                f"the reader of statements in {folder} cannot be loaded ({error}); "
                "restore the folder from the repository, or make it anew with python -m training.reader"
            ) from error
        self.tokenizer.no_padding()
        self.tokenizer.no_truncation()

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


def log_softmax(scores: _Floats) -> _Floats:
    """Return the logarithms of the probabilities along the last axis."""
    shifted = scores - scores.max(axis=-1, keepdims=True)
    return np.asarray(shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True)), dtype=np.float32)


@lru_cache(maxsize=2)
def load(folder: Path = FOLDER) -> Reader:
    """Load a reader once a process."""
    return Reader(folder)
