"""How the networks of `models/` are opened: on onnxruntime, with one thread, for one window after the other.

What a network reads, and what its answers mean, is with those who ask it: `reader` and `pipeline.resolve.appraisal`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnxruntime
from tokenizers import Tokenizer

from pipeline.extract.records import ModelNotInstalled

MODELS = Path(__file__).resolve().parent.parent.parent / "models"

_Floats = npt.NDArray[np.float32]


@contextmanager
def opening(what: str, folder: Path, module: str) -> Iterator[None]:
    """Tell of whatever goes wrong while a model is opened what it is, where, and which module makes it anew.

    Raises:
        ModelNotInstalled: something went wrong.
    """
    try:
        yield
    except Exception as error:  # each library raises its own kind
        raise ModelNotInstalled(
            f"the {what} in {folder} cannot be loaded ({error}); "
            f"restore the folder from the repository, or make it anew with python -m {module}"
        ) from error


def tokenizer(file: Path) -> Tokenizer:
    """Return a tokenizer, without padding or truncation."""
    found = Tokenizer.from_file(str(file))
    found.no_padding()
    found.no_truncation()
    return found


def session(file: Path) -> Any:
    """Return a network, ready to run; that takes a third of a second."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.enable_mem_pattern = False  # windows differ in length, and a plan for each would be kept
    return onnxruntime.InferenceSession(
        str(file),
        options,
        providers=["CPUExecutionProvider"],
        disabled_optimizers=["SkipLayerNormFusion"],  # the fused step takes several times as long as its parts
    )


def log_softmax(scores: _Floats) -> _Floats:
    """Return the logarithms of the probabilities along the last axis."""
    shifted = scores - scores.max(axis=-1, keepdims=True)
    return np.asarray(shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True)), dtype=np.float32)
