"""Annotated documents as the appraiser learns from them: its windows, with what is right of each figure.

    python -m training.appraiser_examples [--shared ../shared] [--out examples.pickle]

Reading them takes the processor minutes, and learning from them (`training.appraiser`) wants a GPU, which may be
elsewhere: so what is learned from goes from one to the other as a file, a pickle of plain lists and arrays.
"""

from __future__ import annotations

import argparse
import gzip
import json
import pickle
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from tokenizers import Tokenizer

from pipeline.extract.records import Figure
from pipeline.extract.windows import SEP
from pipeline.resolve import appraisal
from pipeline.resolve.appraisal import DECISIONS, Window
from pipeline.resolve.linear import Option, T
from training.spending import Annotator, Reading, Record, agreeing, documents, words_of

POINTED = ("spender", "recipient")
"""What the network also learns to point at, though nobody asks it: that teaches it who pays."""
UNKNOWN = -1


class _Asked(Annotator):
    """The annotator, who also keeps which figures were asked about, and which actors are right for them."""

    def __init__(self, reading: Reading) -> None:
        super().__init__(
            reading.document.doc_id, reading.family, records=reading.records, unsure=reading.unsure, guide=None
        )
        self.figures: list[Figure] = []
        self.actors: dict[tuple[str, Figure], set[object]] = {}

    def choose(self, decision: str, figure: Figure, options: Sequence[Option[T]]) -> tuple[Option[T], float]:
        """Return what the annotation says."""
        record = self.records.get(figure)
        if decision == "defence":
            self.figures.append(figure)
        elif decision in POINTED and record is not None and decision in record:
            right = agreeing(decision, [words_of(option.value) for option in options], record[decision])
            self.actors[decision, figure] = {o.key for o, good in zip(options, right, strict=True) if good}
        return super().choose(decision, figure, options)


def tokenizer() -> Tokenizer:
    """Return the tokenizer of the network."""
    return appraisal.load().tokenizer


def examples(given: tuple[str, Record]) -> dict[str, Any]:
    """Return a document's family and windows: arrays, and for each figure the number of what is right, by decision."""
    family, found = given
    reading = Reading(family, found)
    asked = _Asked(reading)
    reading.spending(asked)
    made = []
    for window in appraisal.windows(reading.document, asked.figures, reading.mentions, tokenizer()):
        right = [_right(reading, asked, window, figure) for figure in window.figures]
        made.append({"ids": window.ids, "features": window.features, "pieces": window.pieces, "right": right})
    return {"doc_id": reading.document.doc_id, "family": family, "windows": made}


def _right(reading: Reading, asked: _Asked, window: Window, figure: Figure) -> dict[str, Any]:
    """Return what is right of a figure: numbers of options, and pieces at which actors are named, [CLS] for none."""
    record = reading.records.get(figure)
    found: dict[str, Any] = dict.fromkeys(DECISIONS, UNKNOWN)
    if record is not None or figure not in reading.unsure:
        found["defence"] = int(record is not None)
    for decision in ("flow", "status"):
        if record is not None and decision in record:
            found[decision] = DECISIONS[decision].index(record[decision])
    for who in POINTED:
        actors = asked.actors.get((who, figure), set())
        named = [mention.span.start for mention in reading.mentions if mention.actor_id in actors - {None}]
        found[who] = [0] * (None in actors) + np.flatnonzero(np.isin(window.starts, named)).tolist()
    return found


def news(shared: Path) -> Iterator[int]:
    """Yield the wordpieces of the real documents of `data/news`, each closed by [SEP]."""
    for file in sorted((shared / "data" / "news").glob("*.jsonl.gz")):
        with gzip.open(file, "rt", encoding="utf-8") as lines:
            texts = [json.loads(line)["text"] for line in lines]
        for encoding in tokenizer().encode_batch(texts, add_special_tokens=False):
            yield from encoding.ids
            yield SEP


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the documents, and write what is learned from them."""
    parser = argparse.ArgumentParser(prog="python -m training.appraiser_examples", description=__doc__.split("\n")[0])
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--out", type=Path, default=Path("examples.pickle"))
    options = parser.parse_args(arguments)
    with ProcessPoolExecutor() as pool:
        found = list(pool.map(examples, documents(options.shared), chunksize=8))
    pieces = np.fromiter(news(options.shared), dtype=np.uint16)
    options.out.write_bytes(pickle.dumps({"documents": found, "news": pieces}))
    figures = sum(len(window["right"]) for document in found for window in document["windows"])
    print(f"{len(found)} documents with {figures:,} figures; {len(pieces):,} wordpieces of news")


if __name__ == "__main__":
    main()
