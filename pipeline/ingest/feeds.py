"""The sources that a user lists in `seeds/feeds.yaml`: a card each, read and checked. Nothing is fetched here.

A card says where a source is, who publishes it under which terms, and how much is to be expected of it, so that checks
can tell when it dries up.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pipeline import entries

FOLLOW = ("teaser", "always", "never")
"""Whether an article's page is fetched: where the feed holds a teaser only, always, or never."""
_KEYS = ("name", "url", "publisher", "licence", "follow", "expected_per_day", "every_minutes", "articles_per_round")
_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,58}[a-z0-9])?")


class FeedsError(ValueError):
    """The list of feeds cannot be used; the message names file, line and the way out."""


@dataclass(frozen=True, slots=True)
class Feed:
    """One source: an RSS, Atom or JSON feed, or a sitemap."""

    name: str
    url: str
    publisher: str
    licence: str | None = None
    follow: str = "teaser"
    expected_per_day: float = 0.0  # articles; fewer over a week are a warning, 0 expects nothing
    every_minutes: int = 30  # asked no more often
    articles_per_round: int = 100  # pages fetched at most in one refresh; the others wait for the next
    line: int = 0


def read(path: Path) -> tuple[Feed, ...]:
    """Read the list of feeds, in the order of the file; no file is none.

    Raises:
        FeedsError: the file cannot be read, a card lacks something or says something that cannot be.
    """
    feeds: list[Feed] = []
    for line, card in entries.read(path, FeedsError, "feed", "name: …"):
        feed = _Card(f"{path.name}, line {line}", card).feed(line)
        for other in feeds:
            if feed.name == other.name or feed.url == other.url:
                same = "name" if feed.name == other.name else "url"
                raise FeedsError(f"{path.name}, line {line}: line {other.line} has this {same} already; change one")
        feeds.append(feed)
    return tuple(feeds)


@dataclass(frozen=True)
class _Card:
    """One entry of the file while it is checked."""

    place: str
    found: dict[str, Any]

    def error(self, message: str) -> FeedsError:
        return FeedsError(f"{self.place}: {message}")

    def feed(self, line: int) -> Feed:
        for key in self.found:
            if key not in _KEYS:
                raise self.error(f"{key!r} does not belong here; a feed has {', '.join(_KEYS)}")
        name, url = self.text("name"), self.text("url")
        if not _NAME.fullmatch(name):
            raise self.error(f"name: {name!r} is no name of small letters, digits and hyphens such as nato-news")
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise self.error(f"url: {url!r} is no address that begins with https:// or http://")
        follow = self.text("follow", "teaser")
        if follow not in FOLLOW:
            raise self.error(f"follow: {follow!r} is none of {', '.join(FOLLOW)}")
        return Feed(
            name,
            url,
            self.text("publisher"),
            self.text("licence", "") or None,
            follow,
            self.number("expected_per_day", 0.0, 0.0, 100_000.0),
            int(self.number("every_minutes", 30, 1, 7 * 24 * 60)),
            int(self.number("articles_per_round", 100, 1, 10_000)),
            line,
        )

    def text(self, key: str, default: str | None = None) -> str:
        value = self.found.get(key, default)
        if value is None:
            raise self.error(f"a feed needs {key!r}")
        if not isinstance(value, str):
            raise self.error(f"{key}: {value!r} is no text; put it in quotation marks if it is meant as one")
        return value.strip()

    def number(self, key: str, default: float, least: float, most: float) -> float:
        value = self.found.get(key, default)
        if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
            raise self.error(f"{key}: {value!r} is no number from {least:g} to {most:g}")
        return float(value)
