"""Learns how sure a statement is: the weights of `seeds/reference/statement_confidence.csv`.

    python -m training.confidence [--shared ../shared]

The network is too sure of what it was trained on, so the weights are learned from PolNeAR's dev split: from every other
article, the rest shows how well they hold. A logistic regression with an L2 penalty, fitted by Newton's method.
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pipeline.extract import model, reader
from pipeline.extract.confidence import Evidence
from pipeline.extract.passage import Passage
from pipeline.extract.records import Attribution, Span
from pipeline.extract.statements import SAME, find_statements
from pipeline.reference import FOLDER
from training.examples import Annotated, Annotation, polnear

PENALTY = 2.0
HEAD = """\
# How likely a statement is right (content and speaker): weights of a logistic function of what both readings say.
# Learned by `python -m training.confidence` from every other article of PolNeAR's dev split. both, network, grammar:
# who found it; content, cue, link, source, speech: log odds that the network gives; the rest is explained in
# pipeline/extract/confidence.py.
"""


def _characters(spans: Sequence[Span]) -> set[int]:
    return {place for span in spans for place in range(span.start, span.end)}


def is_right(one: Attribution, annotations: Sequence[Annotation]) -> bool:
    """Tell whether an annotation has this content (Jaccard of at least SAME) and this speaker."""
    content = _characters(one.content)
    for other in annotations:
        theirs = _characters(other.content)
        if len(content & theirs) >= SAME * len(content | theirs):
            speaker = set() if one.speaker is None else _characters([one.speaker])
            if bool(speaker & _characters(other.source)) or not (speaker or other.source):
                return True
    return False


def judged(document: Annotated) -> list[tuple[Evidence, bool]]:
    """Return the evidence for each statement that is found in a document, and whether it is right."""
    evidence: list[Evidence] = []

    def judge(one: Evidence) -> float:
        evidence.append(one)
        return float(len(evidence) - 1)

    passage = Passage(model.parse(model.load(), document.text))
    found = find_statements(passage, reader.load(), judge)
    judged_ones = [one for one in found if one.confidence.is_integer()]  # not those inside others, which PolNeAR lacks
    return [(evidence[int(one.confidence)], is_right(one, document.annotations)) for one in judged_ones]


def fit(examples: Sequence[tuple[Evidence, bool]]) -> dict[str, float]:
    """Return the weights by figure."""
    names = sorted({name for evidence, _ in examples for name in evidence.figures})
    x = np.array([[evidence.figures.get(name, 0.0) for name in names] for evidence, _ in examples])
    y = np.array([right for _, right in examples], dtype=float)
    weights: NDArray[np.float64] = np.zeros(len(names))
    for _ in range(50):
        p = 1 / (1 + np.exp(-x @ weights))
        gradient = x.T @ (p - y) + PENALTY * weights
        curve = (x.T * (p * (1 - p))) @ x + PENALTY * np.eye(len(names))
        step = np.linalg.solve(curve, gradient)
        weights -= step
        if np.abs(step).max() < 1e-6:
            break
    return dict(zip(names, weights.round(3).tolist(), strict=True))


def main() -> None:
    """Fit, and write the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    arguments = parser.parse_args()
    documents = list(polnear(arguments.shared / "data" / "polnear" / "dev.jsonl.gz"))
    weights = fit([example for document in documents[::2] for example in judged(document)])
    with (FOLDER / "statement_confidence.csv").open("w", encoding="utf-8", newline="") as lines:
        lines.write(HEAD)
        writer = csv.writer(lines, lineterminator="\n")
        writer.writerow(["figure", "weight"])
        writer.writerows(sorted(weights.items()))


if __name__ == "__main__":
    main()
