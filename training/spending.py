"""Learns the weights of `seeds/reference/spending_weights.csv` from annotated documents.

    python -m training.spending [--shared ../shared] [--folds 6] [--score-only]

Reads `gold/train-*.jsonl` and, at a lower weight, the real passages of `data/spending/dev.jsonl.gz`. Each decision on a
figure (`pipeline.resolve.spending`) becomes an example: the options that the pipeline itself offers, and which of them
the annotator took. A conditional logit with an L2 penalty is fitted to them by full-batch Adam, which is deterministic.
The penalty is chosen by cross-validation over documents; its accuracy is printed and stands in the file's header. What
the options and their features are is decided in `pipeline.resolve`.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.extract import model
from pipeline.extract.attributions import find_attributions
from pipeline.extract.figures import find_figures
from pipeline.extract.records import Document, Figure, LocalActor, Spending
from pipeline.reference import FOLDER
from pipeline.resolve.actors import resolve_actors
from pipeline.resolve.linear import Chooser, Features, Linear, Option, T
from pipeline.resolve.payers import Party
from pipeline.resolve.spending import find_spending
from pipeline.tables import FLOWS, STATUSES

Vector = NDArray[np.float64]
Record = dict[str, Any]

DECISIONS = ("defence", "flow", "status", "spender", "recipient", "item", "period")
PENALTIES = (0.3, 1.0, 3.0, 6.0)
LEAST_SEEN = 2
"""A feature that fewer documents have is not learned: it could only tell that document from the others."""
SHARE_OF_CONTRACTS = 8
"""One contract announcement in so many is read: they follow a template, and are many."""
WEIGHTS = {"gold": 1.0, "dod": 0.15, "factbook": 0.1, "wh506": 0.3, "whnews": 0.3}
SMALLEST = 0.01

PRIORS: dict[str, dict[str, float]] = {
    "defence": {
        "any": -1.0,
        "for": 0.6,
        "against": 0.7,
        "document": 2.0,
        "title": 0.35,
        "small": -2.5,
        "no term of defence in the sentence": -0.5,
        "obligation": 2.5,
        "same sentence": 0.8,
        "same paragraph": 0.4,
        "share of output": 1.5,
        "bare percentage": -1.5,
        "share before": 1.5,
    },
    "flow": {f"{flow} | {kind} {flow}": value for flow in FLOWS for kind, value in (("cues", 2.0), ("theme", 1.5))},
    "status": {
        f"{status} | {kind}": value
        for status in STATUSES
        for kind, value in ((f"cues {status}", 2.0), (f"stage {status}", 1.0), (f"stage {status} of own budget", 1.0))
    },
}
"""What the weights are before anything is learned: judgements, from which the penalty keeps them departing far.

The few documents cannot teach what their kind does not hold: that humanitarian money is no defence money.
"""


@dataclass(frozen=True)
class Example:
    """One decision: its options' features, which of them are right, and what stands for the same thing."""

    document: str
    place: str
    options: list[Features]
    keys: list[Any]
    right: list[bool]
    weight: float


class Annotator:
    """Decides as the annotation says, and keeps each decision as an example."""

    def __init__(
        self, name: str, text: str, family: str, *, records: dict[Figure, Record], unsure: set[Figure]
    ) -> None:
        self.name, self.text, self.weight = name, text, WEIGHTS[family]
        self.records, self.unsure = records, unsure
        self.examples: dict[str, list[Example]] = defaultdict(list)
        self.out_of_reach: Counter[str] = Counter()

    def choose(self, decision: str, figure: Figure, options: Sequence[Option[T]]) -> tuple[Option[T], float]:
        """Return the right option; where none is right, one that is made up from the annotation."""
        record = self.records.get(figure)
        if decision == "defence":
            right = [option.value == (record is not None) for option in options]
            if figure not in self.unsure:
                self._keep(decision, figure, options, right)
            return options[right.index(True)], 1.0
        assert record is not None
        if decision not in record:
            return options[-1], 1.0
        right = agreeing(decision, [_words(option.value) for option in options], record[decision])
        self._keep(decision, figure, options, right)
        if any(right):
            return options[right.index(True)], 1.0
        self.out_of_reach[decision] += 1
        return Option(record[decision], _made_up(decision, record[decision]), {}), 1.0

    def _keep(self, decision: str, figure: Figure, options: Sequence[Option[Any]], right: list[bool]) -> None:
        start, end = figure.span
        sentence = figure.sentence.of(self.text)
        place = f"{self.name}: {sentence[: start - figure.sentence.start]}[[{self.text[start:end]}]]{self.text[end:figure.sentence.end]}"
        features, keys = [o.features for o in options], [o.key for o in options]
        example = Example(self.name, place, features, keys, right, self.weight)
        self.examples[decision].append(example)


def _words(value: object) -> str | None:
    return value.name if isinstance(value, LocalActor | Party) else None if value is None else str(value)


def _made_up(decision: str, words: str | None) -> Any:
    if words is None or decision in ("item", "period"):
        return words
    return LocalActor("", words, "organisation") if decision == "spender" else Party(words)


def agreeing(decision: str, options: Sequence[str | None], wanted: str | None) -> list[bool]:
    """Return which options agree with the annotation: names and items by their shared words, the best of them only."""
    if wanted is None or decision in ("flow", "status", "period"):
        return [option == wanted for option in options]
    alike = [overlap(option, wanted) for option in options]
    best = max(alike, default=0.0)
    bar = max(best - 0.1, 0.3 if decision == "item" else 0.5)
    return [value >= bar for value in alike]


def overlap(one: str | None, other: str) -> float:
    """Return the Jaccard index of the words of two names, articles and case aside."""
    first, second = (
        {word for word in re.findall(r"\w+", (text or "").lower()) if word not in ("a", "an", "the")}
        for text in (one, other)
    )
    return len(first & second) / len(first | second) if first | second else 0.0


def documents(shared: Path) -> Iterator[tuple[str, Record]]:
    """Yield (family, document) for all that is learned from."""
    for file in sorted((shared / "gold").glob("train-*.jsonl")):
        for line in file.read_text(encoding="utf-8").splitlines():
            yield "gold", json.loads(line)
    with gzip.open(shared / "data" / "spending" / "dev.jsonl.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            found = json.loads(line)
            digest = int(sha256(found["doc_id"].encode()).hexdigest(), 16)
            if found["family"] != "dod" or digest % SHARE_OF_CONTRACTS == 0:
                yield found["family"], found


class Reading:
    """A document with its annotation, read up to the decisions on spending."""

    def __init__(self, family: str, found: Record) -> None:
        self.family, self.found, text = family, found, found["text"]
        day = date.fromisoformat(found["published_on"]) if found.get("published_on") else None
        self.document = Document(found["doc_id"], text, found.get("source"), found.get("title"), day)
        self.doc = model.parse(model.load(), text)
        speakers = sorted({a.speaker for a in find_attributions(self.doc) if a.speaker is not None})
        self.mentions, actors = resolve_actors(self.document, self.doc, speakers)
        self.actors = {actor.actor_id: actor for actor in actors}
        self.figures = find_figures(self.doc)
        self.records, self.unsure = align(family, found, self.figures)

    def spending(self, chooser: Chooser) -> list[Spending]:
        """Return the spending as the chooser decides."""
        return find_spending(
            self.document, self.doc, self.figures, mentions=self.mentions, actors=self.actors, chooser=chooser
        )

    def annotated(self) -> Annotator:
        """Return the annotator, once he has decided on everything."""
        annotator = Annotator(
            self.document.doc_id, self.document.text, self.family, records=self.records, unsure=self.unsure
        )
        self.spending(annotator)
        return annotator


def align(family: str, found: Record, figures: Sequence[Figure]) -> tuple[dict[Figure, Record], set[Figure]]:
    """Return the annotation's record for each figure, and the figures of which it says nothing."""
    text, at = found["text"], 0
    records: dict[Figure, Record] = {}
    for record in found["spending"]:
        start = text.find(record["amount_text"], at)
        start = start if start >= 0 else text.find(record["amount_text"])
        at = start + 1
        end = start + len(record["amount_text"])
        hit = next((f for f in figures if f.span.start < end and start < f.span.end and f.kind != "count"), None)
        if start >= 0 and hit is not None:
            records.setdefault(hit, record | ({"flow": "procurement", "status": "signed"} if family == "dod" else {}))
    sums = {(f.kind, f.low, f.high, f.unit) for f in records}
    again = {f for f in figures if f not in records and (f.kind, f.low, f.high, f.unit) in sums}
    complete = family == "gold" or found.get("complete")
    return records, again if complete else {f for f in figures if f not in records}


class Problem:
    """The examples of one decision as arrays: one row an option, grouped by example."""

    def __init__(self, examples: Sequence[Example], names: Sequence[str] | None = None) -> None:
        if names is None:
            seen: dict[str, set[str]] = defaultdict(set)
            for example in examples:
                for name in {name for features in example.options for name, value in features.items() if value}:
                    seen[name].add(example.document)
            names = sorted(name for name, documents_ in seen.items() if len(documents_) >= LEAST_SEEN)
        self.names = names
        index = {name: i for i, name in enumerate(names)}
        rows, columns, values = [], [], []
        self.starts, row = [], 0
        right = []
        for example in examples:
            self.starts.append(row)
            for features, is_right in zip(example.options, example.right, strict=True):
                for name, value in features.items():
                    if value and name in index:
                        rows.append(row)
                        columns.append(index[name])
                        values.append(value)
                right.append(is_right)
                row += 1
        self.size = row
        self.rows, self.columns = np.array(rows, dtype=np.int64), np.array(columns, dtype=np.int64)
        self.values = np.array(values)
        self.right = np.array(right)
        lengths = np.diff([*self.starts, row])
        self.group = np.repeat(np.arange(len(examples)), lengths)
        self.weight = np.array([example.weight for example in examples])

    def _softmax(self, scores: Vector) -> Vector:
        top = np.maximum.reduceat(scores, self.starts)
        powers = np.exp(scores - top[self.group])
        total = np.add.reduceat(powers, self.starts)
        return np.asarray(powers / np.maximum(total, 1e-300)[self.group])

    def scores(self, weights: Vector) -> Vector:
        """Return the weighted sum of each option."""
        return np.bincount(self.rows, self.values * weights[self.columns], self.size)

    def gradient(self, weights: Vector) -> Vector:
        """Return the gradient of the negative log-likelihood of the right options."""
        scores = self.scores(weights)
        wanted = self._softmax(np.where(self.right, scores, -1e9)) * self.right
        error = (self._softmax(scores) - wanted) * self.weight[self.group]
        return np.bincount(self.columns, self.values * error[self.rows], len(self.names))

    def fit(self, penalty: float, prior: Mapping[str, float], steps: int = 400, rate: float = 0.05) -> Vector:
        """Return the weights that minimise the loss with an L2 penalty on what departs from the prior."""
        expected = np.array([prior.get(name, 0.0) for name in self.names])
        weights, mean, square = expected.copy(), np.zeros_like(expected), np.zeros_like(expected)
        for step in range(1, steps + 1):
            slope = self.gradient(weights) + penalty * (weights - expected)
            mean = 0.9 * mean + 0.1 * slope
            square = 0.99 * square + 0.01 * slope**2
            fade = rate * (1 - step / (steps + 1)) ** 0.5
            weights = weights - fade * (mean / (1 - 0.9**step)) / (np.sqrt(square / (1 - 0.99**step)) + 1e-8)
        return weights


def learnable(examples: Iterable[Example]) -> list[Example]:
    """Return the examples of which an option is right."""
    return [example for example in examples if any(example.right)]


def accuracy(
    examples: Sequence[Example], weights: dict[str, float], decision: str, *, show: bool = False
) -> tuple[int, int]:
    """Return how many examples of the gold documents are decided rightly, and of how many; show the others."""
    chooser = Linear({decision: weights})
    of = [example for example in examples if example.weight == WEIGHTS["gold"]]
    hits = 0
    for example in of:
        options = [Option(k, i, f) for i, (k, f) in enumerate(zip(example.keys, example.options, strict=True))]
        chosen, _ = chooser.choose(decision, None, options)  # type: ignore[arg-type]  # it asks the features alone
        same = [r for k, r in zip(example.keys, example.right, strict=True) if k == chosen.key]
        hits += any(same)
        if show and not any(same):
            wanted = [k for k, r in zip(example.keys, example.right, strict=True) if r]
            print(f"  {chosen.key!r} for {wanted[:1]}: {example.place}")
    return hits, len(of)


def cross_validate(
    examples: Sequence[Example], decision: str, penalty: float, folds: int, *, show: bool = False
) -> tuple[int, int]:
    """Return how many examples are decided rightly by weights learned without their document, and of how many."""
    right = total = 0
    number = {name: i % folds for i, name in enumerate(sorted({e.document for e in examples}))}
    for fold in range(folds):
        weights = fitted(learnable(e for e in examples if number[e.document] != fold), decision, penalty)
        hits, of = accuracy([e for e in examples if number[e.document] == fold], weights, decision, show=show)
        right, total = right + hits, total + of
    return right, total


def end_to_end(readings: Sequence[Reading], annotators: Sequence[Annotator], penalties: dict[str, float], folds: int) -> str:
    """Return how well whole records are read from gold documents by weights learned without them, in words."""
    right: Counter[str] = Counter()
    found = wanted = 0
    for fold in range(folds):
        weights = {}
        for decision in DECISIONS:
            examples = [e for i, a in enumerate(annotators) if i % folds != fold for e in a.examples[decision]]
            weights[decision] = fitted(learnable(examples), decision, penalties[decision])
        for i, reading in enumerate(readings):
            if i % folds != fold or reading.family != "gold":
                continue
            spending = reading.spending(Linear(weights))
            found, wanted = found + len(spending), wanted + len(reading.found["spending"])
            for record in spending:
                gold = reading.records.get(record.figure)
                if gold is None:
                    continue
                good = {d for d in DECISIONS[1:] if agrees(d, getattr(record, d), gold[d])}
                right.update([*good, "defence", *(["record"] if {"spender", "flow", "status"} <= good else [])])
    told = [f"{d} {right[d] / right['defence']:.3f}" for d in DECISIONS[1:]]
    f1 = [f"{name} F1 {2 * right[name] / (found + wanted):.3f}" for name in ("defence", "record")]
    return f"{', '.join(f1)}; of those found: {', '.join(told)}"


def agrees(decision: str, value: str | None, gold: str | None) -> bool:
    """Return whether a field is right: names and items by half (items: three tenths) of their words."""
    if value is None or gold is None or decision in ("flow", "status", "period"):
        return value == gold
    return overlap(value, gold) >= (0.3 if decision == "item" else 0.5)


def fitted(examples: Sequence[Example], decision: str, penalty: float) -> dict[str, float]:
    """Return the weights that are learned from examples, those that count."""
    problem = Problem(examples)
    weights = problem.fit(penalty, PRIORS.get(decision, {}))
    return {n: w for n, w in zip(problem.names, weights.tolist(), strict=True) if abs(w) >= SMALLEST}


def main(arguments: Sequence[str] | None = None) -> None:
    """Learn the weights, and write them."""
    parser = argparse.ArgumentParser(prog="python -m training.spending", description=__doc__.split("\n")[0])
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--folds", type=int, default=6)
    parser.add_argument("--errors", choices=DECISIONS, help="show what cross-validation gets wrong of one decision")
    parser.add_argument("--score-only", action="store_true", help="cross-validate, and leave the weights as they are")
    options = parser.parse_args(arguments)
    readings = [Reading(family, found) for family, found in documents(options.shared)]
    annotators = [reading.annotated() for reading in readings]
    penalties: dict[str, float] = {}
    rows: list[tuple[str, str, str]] = []
    told = []
    for decision in [options.errors] if options.errors else DECISIONS:
        examples = [example for annotator in annotators for example in annotator.examples[decision]]
        results = {p: cross_validate(examples, decision, p, options.folds) for p in PENALTIES}
        penalty = max(results, key=lambda p: results[p])
        penalties[decision] = penalty
        right, of = results[penalty]
        if options.errors:
            cross_validate(examples, decision, penalty, options.folds, show=True)
        lost = sum(annotator.out_of_reach[decision] for annotator in annotators if annotator.weight == 1)
        told.append(f"{decision} {right / of:.3f} of {of} (penalty {penalty:g})")
        print(told[-1], f"[{lost} out of reach]", {p: round(r / n, 3) for p, (r, n) in results.items()}, flush=True)
        if not options.score_only and not options.errors:
            weights = fitted(learnable(examples), decision, penalty)
            rows += [(decision, name, f"{weight:.3f}") for name, weight in weights.items()]
    if not options.errors:
        whole = end_to_end(readings, annotators, penalties, options.folds)
        print(whole)
        told.append(f"whole records, nothing given: {whole}")
    if not options.score_only and not options.errors:
        write(rows, told)


def write(rows: Sequence[tuple[str, str, str]], told: Sequence[str]) -> None:
    """Write the weights with a header that says where they come from."""
    with (FOLDER / "spending_weights.csv").open("w", encoding="utf-8", newline="") as file:
        file.write("# What each feature counts in the decisions on spending: learned, not written by hand.\n")
        file.write("# By: python -m training.spending, from the project's gold/train-*.jsonl (78 documents), and at a\n")
        file.write("# lower weight from announcements, memoranda and releases of the US government and the World Factbook.\n")
        file.write("# Accuracy on gold/train, each document decided by weights learned without it, what was before it given:\n")
        for line in told:
            file.write(f"#   {line}\n")
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("decision", "feature", "weight"))
        writer.writerows(sorted(rows))


if __name__ == "__main__":
    main()
