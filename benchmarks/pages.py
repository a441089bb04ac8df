"""Article text from pages: F1 by kind of site beside plain trafilatura's, and the time a page.

    ./run bench pages

The pages are those of `tests/ingest`: sixty that the extractor was made with, thirty that it learned from afterwards,
eighteen that it did not. F1 is that of the article-extraction-benchmark, over runs of four words.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Any

import trafilatura

from pipeline.ingest.page import NoArticle, article, decode
from tests.ingest.pages import Page, pages
from tests.ingest.pages_held_out import held_out, second_round
from tests.ingest.test_page import score

REPEATS = 3


def own(page: str, address: str) -> str:
    """Return the text that `pipeline.ingest.page` finds."""
    try:
        return article(page, address or None).text
    except NoArticle:
        return ""


def plain(**options: Any) -> Callable[[str, str], str]:
    """Return the extraction of trafilatura with some options."""

    def extract(page: str, address: str) -> str:
        outcome = trafilatura.bare_extraction(page, with_metadata=True, include_comments=False, **options)
        return getattr(outcome, "text", None) or ""

    return extract


SYSTEMS: dict[str, Callable[[str, str], str]] = {
    "own": own,
    "default": plain(include_tables=False),
    "precision": plain(include_tables=False, favor_precision=True),
    "recall": plain(favor_recall=True),
}


def measure(title: str, made: Iterable[Page]) -> None:
    """Print the mean F1 of each kind of site, of all, and the time."""
    print(f"{title:<16}" + "".join(f"{name:>11}" for name in SYSTEMS))
    scores: dict[str, dict[str, list[float]]] = {}
    took = dict.fromkeys(SYSTEMS, 0.0)
    for page in made:
        text = decode(page.data)
        for name, system in SYSTEMS.items():
            start = time.perf_counter()
            for _ in range(REPEATS):
                found = system(text, page.address)
            took[name] += (time.perf_counter() - start) / REPEATS
            scores.setdefault(page.kind, {}).setdefault(name, []).append(score(page, found))
    for kind, of_kind in scores.items():
        print(f"{kind:<16}" + "".join(f"{sum(values) / len(values):>11.3f}" for values in of_kind.values()))
    every = {name: [value for of_kind in scores.values() for value in of_kind[name]] for name in SYSTEMS}
    print(f"{'mean':<16}" + "".join(f"{sum(values) / len(values):>11.3f}" for values in every.values()))
    print(f"{'lowest':<16}" + "".join(f"{min(values):>11.3f}" for values in every.values()))
    print(f"{'ms a page':<16}" + "".join(f"{1000 * took[name] / len(every[name]):>11.1f}" for name in SYSTEMS))
    print()


if __name__ == "__main__":
    measure("sixty pages", pages())
    measure("held out", held_out())
    measure("second round", second_round())
