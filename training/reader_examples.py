"""Annotated documents as the readers learn from them: their windows, with what is right in them, in one file.

    python -m training.reader_examples [--shared ../shared] [--out windows.npz]

Parsing them takes the processor minutes, and learning from them (`training.reader`, `training.distil`) wants a GPU,
which may be elsewhere: so what is learned from goes from one to the other as a file. `training.shelf` reads it, and
needs none of what parses.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from pipeline.extract import model, networks
from pipeline.extract.reader import FOLDER
from pipeline.extract.windows import Inventory
from training import IGNORED
from training.examples import Annotated, Example, examples, gold, plain, polnear

SEED = 3
RELEASES = 1200
"""Releases of the White House: so many, that news outweighs them."""
LONGEST = 24_000
"""Characters of a document without annotations."""


def sources(shared: Path) -> dict[str, list[Annotated]]:
    """Return the documents by set: PolNeAR's `news` and our `own`, which people annotated, `more`, and `dev`."""
    news, polnear_ = shared / "data" / "news", shared / "data" / "polnear"
    releases = list(plain(news / "whitehouse.jsonl.gz", LONGEST))
    random.Random(SEED).shuffle(releases)
    others = (news / "wikinews.jsonl.gz", Path(__file__).with_name("spending_documents.jsonl"))
    return {
        "news": list(polnear(polnear_ / "train.jsonl.gz")),
        "own": list(gold(sorted((shared / "gold").glob("train-*.jsonl")), shared / "tools")),
        "more": [*islice(releases, RELEASES), *(one for path in others for one in plain(path, LONGEST))],
        "dev": list(polnear(polnear_ / "dev.jsonl.gz")),
    }


def _read(document: Annotated) -> list[Example]:
    return list(examples([document], model.load(), networks.tokenizer(FOLDER / "tokenizer.json")))


def arrays(found: Iterable[Example], set_: str) -> dict[str, npt.NDArray[Any]]:
    """Return windows as columns: one row a window, or one a wordpiece (`ids` and all below it)."""
    rows: list[dict[str, npt.NDArray[Any]]] = []
    for one in found:
        n, first = len(one.window.ids), one.window.first
        tags, links, head = np.full(n, IGNORED), np.full((n, 2), IGNORED), np.zeros(n, dtype=bool)
        tags[first], links[first], head[first] = one.tags, one.links.T, True
        given = {"ids": one.window.ids, "features": one.window.features}
        rows.append(given | {"first": head, "tags": tags, "links": links})
    kinds = {"ids": np.uint16, "features": np.uint8, "first": np.bool_, "tags": np.int8, "links": np.int16}
    lengths = np.array([len(row["ids"]) for row in rows], dtype=np.int16)
    columns: dict[str, npt.NDArray[Any]] = {
        name: np.concatenate([row[name] for row in rows]).astype(kind) for name, kind in kinds.items()
    }
    return {"lengths": lengths, "sets": np.full(len(rows), set_), **columns}


def joined(parts: Sequence[dict[str, npt.NDArray[Any]]]) -> dict[str, npt.NDArray[Any]]:
    """Return columns one below the other."""
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the documents, and write what is learned from them."""
    parser = argparse.ArgumentParser(prog="python -m training.reader_examples", description=__doc__.split("\n")[0])
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--out", type=Path, default=Path("windows.npz"))
    options = parser.parse_args(arguments)
    parts = []
    with ProcessPoolExecutor() as pool:
        for set_, documents in sources(options.shared).items():
            found = [one for of_one in pool.map(_read, documents, chunksize=8) for one in of_one]
            parts.append(arrays(found, set_))
            pieces = len(parts[-1]["ids"])
            print(f"{set_}: {len(documents):,} documents, {len(found):,} windows, {pieces:,} wordpieces", flush=True)
    sizes = np.array(Inventory.of(model.load()).sizes)
    np.savez_compressed(options.out, allow_pickle=False, sizes=sizes, **joined(parts))


if __name__ == "__main__":
    main()
