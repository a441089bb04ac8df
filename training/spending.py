"""Learns the weights of `seeds/reference/spending_weights.csv` from annotated documents.

    python -m training.spending [--shared ../shared] [--folds 6] [--errors status]

Reads `gold/train-*.jsonl`; at half their weight our own `spending_passages.jsonl`; at a twentieth our own
`spending_documents.jsonl` (950 documents with 7,965 records, invented and annotated for this project by the gold's
FORMAT.md and NOTES.md); and for what is no defence spending releases of `data/news` that hardly speak of defence. Each
decision on a figure (`pipeline.resolve.spending`) becomes an example: the options that the pipeline itself offers, and
which of them the annotator took. A conditional logit with an L2 penalty is fitted to them by full-batch Adam, which is
deterministic. Cross-validated scores are printed and stand in the file's header. What the options and their features
are is decided in `pipeline.resolve`.
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
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.extract import model, reader
from pipeline.extract.figures import find_figures
from pipeline.extract.passage import Passage
from pipeline.extract.records import Document, Figure, LocalActor, Spending
from pipeline.extract.statements import find_statements
from pipeline.reference import FOLDER
from pipeline.resolve import defence
from pipeline.resolve.actors import resolve_actors
from pipeline.resolve.cast import Party
from pipeline.resolve.cues import Words
from pipeline.resolve.linear import Chooser, Features, Linear, Option, T
from pipeline.resolve.spending import find_spending
from pipeline.tables import FLOWS, STATUSES

Vector = NDArray[np.float64]
Record = dict[str, Any]

FIELDS = ("flow", "status", "spender", "recipient", "item", "period")
DECISIONS = ("defence", *FIELDS)
PENALTIES = {"defence": 5.0, "flow": 3.0, "status": 3.0, "spender": 1.0, "recipient": 1.0, "item": 1.0, "period": 1.5}
"""How much a weight that departs from its prior costs; chosen by cross-validation among 0.3, 1, 3, 5, 10."""
LEAST_SEEN = 2
"""A feature that fewer documents have is not learned: it could only tell that document from the others."""
WEIGHTS = {"gold": 1.0, "own": 0.5, "invented": 0.05, "civil": 0.2}
"""What an example of a family counts.

Of the invented documents so much that all of them together count about as much as the gold's: more than that (up to 1
was tried, with 390 of them at 0.1) does the gold's no good, by cross-validation, though more is then right of invented
ones that were held out.
"""
OWN = {
    "own": Path(__file__).with_name("spending_passages.jsonl"),
    "invented": Path(__file__).with_name("spending_documents.jsonl"),
}
"""What we invented and annotated: passages of kinds that the gold documents lack (contract notices, civilian aid), and
documents of the gold's kinds."""
CIVIL, CIVIL_AT_MOST, ONE_IN = "whitehouse.jsonl.gz", 5.0, 8
"""Releases with at most so many words on defence in a thousand; one in so many is read, for its sums are none of it."""
SMALLEST = 0.01
STRONG = 2.0
"""The weight from which a term of `defence_terms.csv` is strong."""

PRIORS: dict[str, dict[str, float]] = {
    "defence": {
        "any": -1.0,
        "for": 0.6,
        "against": 0.7,
        "document": 2.0,
        "title": 0.35,
        "small": -2.5,
        "no term of defence in the sentence": -0.5,
        "no strong term of defence in the document": -1.2,
        "obligation": 2.5,
        "contract notice": 5.0,
        "from a body that buys": 3.0,
        "same sentence": 0.8,
        "same paragraph": 0.4,
        "share of output": 1.5,
        "bare percentage": -1.5,
        "share before": 1.5,
    },
    "flow": {f"{flow} | {kind} {flow}": value for flow in FLOWS for kind, value in (("cues", 2.0), ("theme", 1.5))},
    "status": {
        **{f"{status} | cues {status}": 2.0 for status in STATUSES},
        **{f"{status} | stage {status} of own budget": 2.0 for status in STATUSES},
        **{f"{status} | stage {status} of no year's budget": 1.0 for status in STATUSES},
        **{f"{status} | stage {status} of another year's budget": 0.3 for status in STATUSES},
        "spent | old level": 2.0,
        "spent | year past": 1.5,
        "spent | year next": -1.5,
        "spent | year later": -1.5,
        "planned | year later": 1.0,
        "signed | share": -2.0,
    },
    "item": {
        "relation goods of a contract above it": 3.0,
        "first after for for a notice": 3.0,
        "contract for a notice": -3.0,
        "as the notice has it": 5.0,
        "nothing for a notice": -1.0,
    },
    "period": {"right after in brackets": 2.5},
    "spender": {"helped by a gift": -2.0},
    "recipient": {"helped by a gift": 1.0, "by help for aid": 0.5, "nobody for aid": -1.0},
}
"""What the weights are before anything is learned: judgements, from which the penalty keeps them departing far.

The few documents cannot teach what their kind does not hold: that humanitarian money is no defence money.
"""


@dataclass(frozen=True)
class Example:
    """One decision: its options' features, and which of them are right."""

    document: str
    options: list[Features]
    right: list[bool]
    weight: float


class Annotator:
    """Keeps each decision with what the annotation says as an example; decides as it says, or as a guide does.

    What is decided is what later decisions see before them. As the annotation has it, that is always right, and its
    weight would be learned too high: the pipeline must lean on its own decisions (Ross, Gordon and Bagnell 2011).
    """

    def __init__(
        self,
        name: str,
        family: str,
        *,
        records: dict[Figure, Record],
        unsure: set[Figure],
        guide: Linear | None = None,
    ) -> None:
        self.name, self.weight = name, WEIGHTS[family]
        self.records, self.unsure, self.guide = records, unsure, guide
        self.examples: dict[str, list[Example]] = defaultdict(list)

    def choose(self, decision: str, figure: Figure, options: Sequence[Option[T]]) -> tuple[Option[T], float]:
        """Return the option that is right, or that the guide takes; where none is right, one that is made up."""
        record = self.records.get(figure)
        guided = self.guide.choose(decision, figure, options)[0] if self.guide is not None else None
        if decision == "defence":
            right = [option.value == (record is not None) for option in options]
            if figure not in self.unsure:
                self._keep(decision, options, right)
            return guided if guided is not None and record is None else options[right.index(True)], 1.0
        if record is None or decision not in record:
            return guided or options[-1], 1.0
        right = agreeing(decision, [words_of(option.value) for option in options], record[decision])
        self._keep(decision, options, right)
        if guided is not None:
            return guided, 1.0
        if any(right):
            return options[right.index(True)], 1.0
        return Option(record[decision], _made_up(decision, record[decision]), {}), 1.0

    def _keep(self, decision: str, options: Sequence[Option[Any]], right: list[bool]) -> None:
        example = Example(self.name, [option.features for option in options], right, self.weight)
        self.examples[decision].append(example)


def words_of(value: object) -> str | None:
    """Return the name of an option's value, or its words."""
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
    bar = max(best - 0.1, least_overlap(decision))
    return [value >= bar for value in alike]


def least_overlap(decision: str) -> float:
    """Return from which overlap on two texts mean the same: half for a name, three tenths for an item."""
    return 0.3 if decision == "item" else 0.5


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
    for family, file in OWN.items():
        for line in file.read_text(encoding="utf-8").splitlines():
            yield family, json.loads(line)
    with gzip.open(shared / "data" / "news" / CIVIL, "rt", encoding="utf-8") as lines:
        civil = [found for found in map(json.loads, lines) if found["topic_hits_per_1000_words"] <= CIVIL_AT_MOST]
    for found in civil[::ONE_IN]:
        yield "civil", found | {"spending": []}


class Reading:
    """A document with its annotation, read up to the decisions on spending."""

    def __init__(self, family: str, found: Record) -> None:
        self.family, self.found, text = family, found, found["text"]
        day = date.fromisoformat(found["published_on"]) if found.get("published_on") else None
        self.document = Document(found["doc_id"], text, found.get("source"), found.get("title"), day)
        self.doc = model.parse(model.load(), text)
        found_statements = find_statements(Passage(self.doc), reader.load())
        speakers = sorted({one.speaker for one in found_statements if one.speaker is not None})
        self.mentions, actors = resolve_actors(self.document, self.doc, speakers)
        self.actors = {actor.actor_id: actor for actor in actors}
        self.figures = find_figures(self.doc)
        self.records, self.unsure = align(found, self.figures)
        if family == "civil":
            self.unsure = set(self._beside_defence())

    def _beside_defence(self) -> Iterator[Figure]:
        """Yield the figures in whose sentence there is a strong term of defence: nobody has read whether they are."""
        words = Words(self.doc)
        strong = [words.starts[hit.start] for hit in defence.lexicon().find(words) if hit.weight >= STRONG]
        for figure in self.figures:
            if any(figure.sentence.start <= start < figure.sentence.end for start in strong):
                yield figure

    def spending(self, chooser: Chooser) -> list[Spending]:
        """Return the spending as the chooser decides."""
        return find_spending(self.document, self.doc, self.figures, self.mentions, self.actors, chooser=chooser)

    def told(self, record: Spending, what: str) -> str:
        """Return what is to be said of a record, with its sentence."""
        text, (start, end), around = self.document.text, record.figure.span, record.figure.sentence
        before, after = text[around.start : start], text[end : around.end]
        return f"  {what}: {self.document.doc_id}: {before}[[{text[start:end]}]]{after}"

    def annotated(self, guide: Linear | None = None) -> Annotator:
        """Return the annotator, once everything is decided."""
        name = self.document.doc_id
        annotator = Annotator(name, self.family, records=self.records, unsure=self.unsure, guide=guide)
        self.spending(annotator)
        return annotator


def align(found: Record, figures: Sequence[Figure]) -> tuple[dict[Figure, Record], set[Figure]]:
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
            records.setdefault(hit, record)
    sums = {(f.kind, f.low, f.high, f.unit) for f in records}
    again = {f for f in figures if f not in records and (f.kind, f.low, f.high, f.unit) in sums}
    return records, again


class Problem:
    """The examples of one decision as arrays: one row an option, grouped by example."""

    def __init__(self, examples: Sequence[Example], prior: Mapping[str, float]) -> None:
        seen: dict[str, set[str]] = defaultdict(set)
        for example in examples:
            for name in {name for features in example.options for name, value in features.items() if value}:
                seen[name].add(example.document)
        names = sorted(prior.keys() | {name for name, documents_ in seen.items() if len(documents_) >= LEAST_SEEN})
        self.names, self.prior = names, np.array([prior.get(name, 0.0) for name in names])
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
        return np.bincount(self.rows, self.values * weights[self.columns], self.size).astype(np.float64)

    def gradient(self, weights: Vector) -> Vector:
        """Return the gradient of the negative log-likelihood of the right options."""
        scores = self.scores(weights)
        wanted = self._softmax(np.where(self.right, scores, -1e9)) * self.right
        error = (self._softmax(scores) - wanted) * self.weight[self.group]
        return np.bincount(self.columns, self.values * error[self.rows], len(self.names)).astype(np.float64)

    def fit(self, penalty: float, steps: int = 400, rate: float = 0.05) -> Vector:
        """Return the weights that minimise the loss with an L2 penalty on what departs from the prior."""
        weights, mean, square = self.prior.copy(), np.zeros_like(self.prior), np.zeros_like(self.prior)
        for step in range(1, steps + 1):
            slope = self.gradient(weights) + penalty * (weights - self.prior)
            mean = 0.9 * mean + 0.1 * slope
            square = 0.99 * square + 0.01 * slope**2
            fade = rate * (1 - step / (steps + 1)) ** 0.5
            weights = weights - fade * (mean / (1 - 0.9**step)) / (np.sqrt(square / (1 - 0.99**step)) + 1e-8)
        return weights


def fitted(examples: Iterable[Example], decision: str) -> dict[str, float]:
    """Return the weights that are learned from the examples of which an option is right; those that count."""
    problem = Problem([example for example in examples if any(example.right)], PRIORS.get(decision, {}))
    weights = problem.fit(PENALTIES[decision])
    return {n: w for n, w in zip(problem.names, weights.tolist(), strict=True) if abs(w) >= SMALLEST}


def learn(readings: Sequence[Reading], folds: int) -> dict[str, dict[str, float]]:
    """Return the weights by decision: learned first from the annotation's own course, then from the guided one too.

    The guide of a document is learned without it, so that it errs as the finished model will.
    """
    given = [reading.annotated() for reading in readings]
    guided = []
    for fold in range(folds):
        others = [annotator for i, annotator in enumerate(given) if i % folds != fold]
        guide = Linear({d: fitted((e for a in others for e in a.examples[d]), d) for d in DECISIONS})
        guided += [reading.annotated(guide) for i, reading in enumerate(readings) if i % folds == fold]
    return {d: fitted((e for a in [*given, *guided] for e in a.examples[d]), d) for d in DECISIONS}


def cross_validate(readings: Sequence[Reading], folds: int, errors: str | None) -> str:
    """Return how well gold documents are read by weights learned without them, in words; print errors of a field."""
    right: Counter[str] = Counter()
    found = wanted = 0
    for fold in range(folds):
        chooser = Linear(learn([r for i, r in enumerate(readings) if i % folds != fold], folds))
        for reading in [r for i, r in enumerate(readings) if i % folds == fold and r.family == "gold"]:
            spending = reading.spending(chooser)
            found, wanted = found + len(spending), wanted + len(reading.found["spending"])
            for record in spending:
                gold = reading.records.get(record.figure)
                if gold is not None:
                    good = {d for d in FIELDS if agrees(d, getattr(record, d), gold[d])}
                    right.update([*good, "defence", *(["record"] if {"spender", "flow", "status"} <= good else [])])
                    if errors in FIELDS and errors not in good:
                        print(reading.told(record, f"{getattr(record, errors)!r} for {gold[errors]!r}"))
    f1 = [f"{name} F1 {2 * right[name] / (found + wanted):.3f}" for name in ("defence", "record")]
    return ", ".join([*f1, *(f"{d} {right[d] / right['defence']:.3f}" for d in FIELDS)])


def agrees(decision: str, value: str | None, gold: str | None) -> bool:
    """Return whether a field is right: names by half of their words, items by three tenths."""
    if value is None or gold is None or decision in ("flow", "status", "period"):
        return value == gold
    return overlap(value, gold) >= least_overlap(decision)


def main(arguments: Sequence[str] | None = None) -> None:
    """Learn the weights, and write them with their scores."""
    parser = argparse.ArgumentParser(prog="python -m training.spending", description=__doc__.split("\n")[0])
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--folds", type=int, default=6)
    parser.add_argument("--errors", choices=FIELDS, help="show what cross-validation gets wrong of one field")
    options = parser.parse_args(arguments)
    readings = [Reading(family, found) for family, found in documents(options.shared)]
    scores = cross_validate(readings, options.folds, options.errors)
    print(scores)
    weights = learn(readings, options.folds)
    rows = [(decision, name, f"{weight:.3f}") for decision in DECISIONS for name, weight in weights[decision].items()]
    with (FOLDER / "spending_weights.csv").open("w", encoding="utf-8", newline="") as file:
        file.write(HEADER.format(scores=scores))
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("decision", "feature", "weight"))
        writer.writerows(sorted(rows))


HEADER = """\
# What each feature counts in the decisions on spending: learned, not written by hand.
# By: python -m training.spending, from the gold documents train-a, train-b, train-c (78, annotated for this project),
# at half their weight from training/spending_passages.jsonl, at a twentieth from training/spending_documents.jsonl (950
# documents, invented and annotated for this project), and at a fifth from civilian releases of the White House.
# gold/train-*.jsonl, each document read by weights learned without it (fields: of the figures found):
#   {scores}
"""


if __name__ == "__main__":
    main()
