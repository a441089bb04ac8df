"""Statements: how well they are read, how far their confidence holds, words a second beside spaCy and textacy.

    ./run bench statements [--documents 40]

Reads `data/polnear/dev`, `gold/dev.jsonl` and the scorers in `tools` of COMMUNIQUE_SHARED (default ../shared). textacy,
a baseline, is no part of the project: `pip install textacy` into the environment. Every other article of PolNeAR's dev
split taught the confidence (`training.confidence`); its reliability is printed for the rest.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from itertools import pairwise
from pathlib import Path
from types import ModuleType
from typing import Any

from benchmarks.refresh import ROOT, corpus, news, refresh, write
from pipeline.extract import model, reader
from pipeline.extract.cues import UNSAID
from pipeline.extract.passage import Passage
from pipeline.extract.records import Attribution
from pipeline.extract.statements import find_statements
from pipeline.settings import Settings
from training.confidence import is_right
from training.examples import Annotated, polnear

SHARED = Path(os.environ.get("COMMUNIQUE_SHARED", ROOT.parent / "shared"))
EDGES = (0.3, 0.4, 0.6, 0.8, 0.9, 1.01)
LONG = 5_000_000


def tool(name: str) -> ModuleType:
    """Return a scorer of the shared folder."""
    sys.path.insert(0, str(SHARED / "tools"))
    return importlib.import_module(name)


def read(text: str) -> list[Attribution]:
    """Return the statements of a text that a refresh would keep, parse included."""
    found = find_statements(Passage(model.parse(model.load(), text)), reader.load())
    return [one for one in found if one.confidence >= Settings().confidence]


def row(doc_id: str, one: Attribution) -> dict[str, Any]:
    """Return a statement as the scorers take it."""
    start, end = one.speaker or (None, None)
    return {
        "doc_id": doc_id,
        "speaker_start": start,
        "speaker_end": end,
        "content_spans": [list(s) for s in one.content],
    }


def figures(result: dict[str, Any]) -> str:
    """Return the F1 of contents, and of contents with their speakers, for all and for direct speech."""
    parts = [(result[part][key]["f1"]) for part in ("all", "direct") for key in ("match", "full")]
    return "match {:.3f}, full {:.3f}; direct: match {:.3f}, full {:.3f}".format(*parts)


def quality() -> None:
    """Print the scores on both dev sets, and how often statements of like confidence are right."""
    scorer = tool("score_statements")
    articles = [json.loads(line) for line in corpus("polnear/dev", 10_000)]
    annotated = list(polnear(SHARED / "data" / "polnear" / "dev.jsonl.gz"))
    found = [read(article["text"]) for article in articles]
    rows = [row(article["doc_id"], one) for article, ones in zip(articles, found, strict=True) for one in ones]
    print(f"PolNeAR dev, {len(articles)} articles: {figures(scorer.score({a['doc_id']: a for a in articles}, rows))}")
    print("    (bars .77, .70; .94, .90; one trained annotator against another: .801, .760; direct full .981)")
    reliability(annotated[1::2], found[1::2])
    gold = [json.loads(line) for line in (SHARED / "gold" / "dev.jsonl").read_text(encoding="utf-8").splitlines()]
    units = {unit["doc_id"]: unit for unit in tool("score_gold").gold_units(gold)}
    said = [row(d["doc_id"], one) for d in gold for one in read(d["text"]) if one.cue_class not in UNSAID]
    print(f"gold dev, {len(gold)} documents, think and plan left out: {figures(scorer.score(units, said))}")
    print("    (bars full .82; direct full .92; a second careful annotator: .96, .98)")


def reliability(documents: Sequence[Annotated], found: Sequence[Sequence[Attribution]]) -> None:
    """Print for each band of confidence how many statements it has, their mean confidence, and how many are right."""
    judged = [
        (one.confidence, is_right(one, document.annotations))
        for document, ones in zip(documents, found, strict=True)
        for one in ones
    ]
    print(f"reliability of `confidence` on the {len(documents)} articles that it was not learned from:")
    for low, high in pairwise(EDGES):
        band = [(confidence, right) for confidence, right in judged if low <= confidence < high]
        if band:
            mean, right = (sum(column) / len(band) for column in zip(*band, strict=True))
            bounds = f"{low:.1f} to {min(high, 1):.1f}"
            print(f"    {bounds}: {len(band):4} statements, confidence {mean:.2f}, right {right:.2f}")


def seconds(work: Callable[[str], object], texts: Iterable[str]) -> float:
    """Return the seconds that some work on texts takes."""
    start = time.perf_counter()
    for text in texts:
        work(text)
    return time.perf_counter() - start


def speed(documents: int) -> None:
    """Print the words/s of statements, parse included, beside spaCy's pipeline alone and textacy's quotations."""
    texts = [json.loads(line)["text"] for line in news(documents)]
    words = sum(len(text.split()) for text in texts)
    nlp = model.load()
    read(texts[0])
    alone, own = seconds(nlp, texts), seconds(read, texts)
    print(f"words/s on {documents} White House documents, one process:")
    print(f"    spaCy's pipeline alone {words / alone:,.0f}; statements {words / own:,.0f}: {alone / own:.2f} of it")
    try:
        from textacy.extract import direct_quotations  # noqa: PLC0415 - no part of the project
    except ImportError:
        print("    textacy is not installed: no ratio")
        return

    def quotations(text: str) -> None:
        with suppress(ValueError):  # it gives up where a mark is not closed
            list(direct_quotations(nlp(text)))

    peer = seconds(quotations, texts)
    print(f"    textacy's direct quotations {words / peer:,.0f}: statements reach {peer / own:.2f} of it")


def whole(documents: int) -> None:
    """Print the words/s of a whole refresh beside spaCy's pipeline alone, and the memory it takes."""
    with tempfile.TemporaryDirectory(prefix="communique-bench-") as name:
        inbox = write(Path(name) / "inbox", news(documents)).parent
        taken, peak = refresh(inbox, Path(name) / "warehouse")
        print(f"whole refresh of {documents} documents: {taken:.1f} s, {peak / 1e6:,.0f} MB  (bar 700 MB)")


def long_texts() -> None:
    """Print the seconds for texts without an end beside those for a fifth of them: linear time is five to one."""
    print(f"statements in one text of {LONG / 1e6:.0f} MB, and how many times as long as for a fifth of it:")
    for name, piece in (
        ("quotations", '"We will pay," Kallas said.\n'),
        ("one quotation that nothing closes", "We will pay for this and more. "),
        ("marks only", "\"' “ "),
    ):
        opened = '"' if name.startswith("one") else ""
        fifth, all_of_it = (seconds(read, [opened + piece * (size // len(piece))]) for size in (LONG // 5, LONG))
        print(f"    {name}: {all_of_it:.0f} s, {all_of_it / fifth:.1f} times", flush=True)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(prog="./run bench statements", description=__doc__.split("\n")[0])
    parser.add_argument("--documents", type=int, default=40, help="for the speed")
    parser.add_argument("--long", action="store_true", help="texts of five megabytes too; an hour")
    options = parser.parse_args(arguments)
    quality()
    speed(options.documents)
    whole(options.documents)
    if options.long:
        long_texts()


if __name__ == "__main__":
    main()
