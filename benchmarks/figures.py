"""Figures and spending: passages a second beside quantulum3, the cost of the spending step, lines of five megabytes.

    ./run bench figures [--documents 60]

Reads `data/news` and `data/spending` of COMMUNIQUE_SHARED (default ../shared). quantulum3, the baseline, is no part of
the project: `pip install quantulum3` into the environment. How well figures are read is not measured here.
"""

from __future__ import annotations

import argparse
import json
import time
import warnings
from collections.abc import Callable, Sequence
from datetime import date
from functools import partial
from typing import Any
from unittest.mock import patch

from benchmarks.refresh import corpus, news
from pipeline.extract import model
from pipeline.extract.document import extract
from pipeline.extract.figures import find_figures
from pipeline.extract.records import Document, Spending
from pipeline.resolve.spending import find_spending

PASSAGES = 300
LONG = 5_000_000
BARS = {"quantulum3": 20.0, "spending": 0.10}


def seconds(work: Callable[[], object]) -> float:
    """Return the seconds that some work takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def against_quantulum3() -> None:
    """Print passages/s of `find_figures` and of quantulum3 on the same passages, one after the other."""
    passages = [json.loads(line)["text"] for line in corpus("spending/dev", PASSAGES)]
    find_figures(passages[0])
    own = len(passages) / seconds(lambda: list(map(find_figures, passages)))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from quantulum3 import parser  # noqa: PLC0415 - no part of the project
    except ImportError:
        print(f"find_figures: {own:,.0f} passages/s  (quantulum3 is not installed: no ratio)")
        return
    parser.parse(passages[0])
    base = len(passages) / seconds(lambda: list(map(parser.parse, passages)))
    print("find_figures, without a model, against quantulum3:")
    print(f"    {own:,.0f} against {base:,.1f} passages/s: {own / base:.0f} times  (bar {BARS['quantulum3']:.0f})")


def document(record: dict[str, Any]) -> Document:
    """Return a record of the corpus as extraction takes it."""
    day = date.fromisoformat(record["published_on"])
    return Document(record["doc_id"], record["text"], record["source"], record["title"], day)


def spending_step(documents: int) -> None:
    """Print the seconds that the decisions on spending take, as a share of the whole extraction."""
    nlp = model.load()
    texts = [document(json.loads(line)) for line in news(documents)]
    spent = 0.0

    def timed(*arguments: Any) -> list[Spending]:
        nonlocal spent
        start = time.perf_counter()
        found = find_spending(*arguments)
        spent += time.perf_counter() - start
        return found

    def read_all() -> None:
        for text in texts:
            extract(text, nlp)

    extract(texts[0], nlp)
    with patch("pipeline.extract.document.find_spending", timed):
        whole = seconds(read_all)
    share = spent / (whole - spent)
    print(f"decisions on spending, {documents} documents:")
    print(
        f"    {spent:.2f} s on top of {whole - spent:.2f} s of extraction: +{share:.1%}  (bar +{BARS['spending']:.0%})"
    )


def long_lines() -> None:
    """Print the seconds for one line of five megabytes, and for a fifth of it: linear time is five to one."""
    print("find_figures on one line without a break:")
    for name, piece in (
        ("sums", "They spent 1.234,56 million euros and $3-4bn on 17 tanks, (over 5% of it). "),
        ("digits", "1234567890 "),
        ("one number", "7"),
        ("signs", "$ € % ( "),
    ):
        text = piece * (LONG // len(piece))
        small, large = seconds(partial(find_figures, text[: LONG // 5])), seconds(partial(find_figures, text))
        print(f"    {name}: {large:.1f} s for 5 MB, {small:.1f} s for 1 MB: {large / small:.1f} times")


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(prog="./run bench figures", description=__doc__.split("\n")[0])
    parser.add_argument("--documents", type=int, default=60, help="for the spending step")
    options = parser.parse_args(arguments)
    against_quantulum3()
    spending_step(options.documents)
    long_lines()


if __name__ == "__main__":
    main()
