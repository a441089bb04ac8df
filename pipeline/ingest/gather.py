"""Asking the feeds: one round over those that are due, whose new articles end in a spool that ingestion reads.

How a request is made is `fetch`'s business, what a feed lists `syndication`'s, what a page holds `page`'s. An article
counts as seen once its line lies in the spool; so a round that is killed is made again, and loses nothing.

A spool file has one JSON object a line: an article as it came (`html` or `text`) with what the feed says of it, or a
refusal (`refused`, `detail`) where its page could not be had.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

from pipeline.ingest.clean import NotText
from pipeline.ingest.feeds import Feed
from pipeline.ingest.fetch import Answer, Fetcher, FetchError
from pipeline.ingest.page import decode
from pipeline.ingest.syndication import Channel, Entry, NotAFeed, parse
from pipeline.store.feed_state import FeedStates, Round, Seen, State
from pipeline.store.files import write_bytes

_WORKERS = 8  # feeds asked side by side; a host is asked by one of them at a time
_ATTEMPTS = 5  # at a page, in as many rounds, before the article is given up
_MOST_PAGES = 20  # of one feed: older pages of it, or the sitemaps of an index
_TEASER_WORDS = 120  # less in a feed is no article
_CUT = re.compile(r"(?:…|\.\.\.|\[…\]|\[\.\.\.\]|read more|continue reading)\W*\Z", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]*>")
_FEEDS = "application/rss+xml, application/atom+xml, application/feed+json, application/xml;q=0.9, */*;q=0.5"
_PAGES = "text/html, application/xhtml+xml, */*;q=0.5"
_NEVER = {"refused", "not_found", "too_large"}
"""Reasons for which a page is given up at once, beside those that the fetcher calls permanent."""

Clock = Callable[[], datetime]
"""Tells the time: UTC without zone."""


@dataclass
class _Asked:
    """What came of asking one feed."""

    state: State
    done: Round
    seen: list[Seen] = field(default_factory=list)
    lines: list[dict[str, Any]] = field(default_factory=list)


def gather(
    feeds: Sequence[Feed], states: FeedStates, spool: Path, fetcher: Fetcher, now: Clock, *, all_due: bool = False
) -> list[Round]:
    """Ask every feed that is due; write its new articles into the spool, then remember them.

    Args:
        feeds: the feeds.
        states: what is known of them.
        spool: the folder that ingestion reads.
        fetcher: makes the requests.
        now: tells the time.
        all_due: whether to ask also those that were asked a short while ago; paused ones are left alone all the same.

    Returns:
        What came of each feed that was asked, in the order of the feeds; one that fails is among them, no exception.

    Raises:
        OSError: the spool cannot be written.
    """
    due = [(feed, state) for feed in feeds if _is_due(state := states.state(feed.name, feed.url), now(), all_due)]
    rounds = []
    with ThreadPoolExecutor(_WORKERS) as pool:
        asked = [pool.submit(_ask, feed, state, states.seen(feed.name), fetcher, now) for feed, state in due]
        for (feed, _), each in zip(due, asked, strict=True):
            found = each.result()
            if found.lines:
                name = f"{found.done.asked_at:%Y%m%dT%H%M%S%f}-{feed.name}.jsonl"
                text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in found.lines)
                write_bytes(spool / name, text.encode("utf-8", "replace"))
            states.remember(found.state, found.seen, found.done)
            rounds.append(found.done)
    return rounds


def _is_due(state: State, now: datetime, all_due: bool) -> bool:
    return not state.paused and (all_due or state.next_due is None or state.next_due <= now)


def _ask(feed: Feed, state: State, seen: dict[str, Seen], fetcher: Fetcher, now: Clock) -> _Asked:
    asked_at, start = now(), time.monotonic()
    every = timedelta(minutes=feed.every_minutes)

    def done(outcome: str, **found: Any) -> Round:
        told = {"status": None, "reason": None, "detail": None, "listed": 0, "articles": 0, "failed": 0} | found
        return Round(feed.name, asked_at, outcome, seconds=round(time.monotonic() - start, 3), **told)

    waiting = any(not one.done for one in seen.values())  # then the feed must say once more where they are
    try:
        answer = fetcher.get(
            feed.url,
            etag=None if waiting else state.etag,
            last_modified=None if waiting else state.last_modified,
            accept=_FEEDS,
        )
        if answer.status == 304:
            again = state.answered(asked_at, answer.etag, answer.last_modified, asked_at + every)
            return _Asked(again, done("unchanged", status=304))
        channel = parse(answer.content, answer.content_type, answer.url)
    except FetchError as error:
        wait = max(every, timedelta(seconds=error.retry_after or 0))
        failed = state.failed(asked_at, error.reason, error.detail, wait, error.reason == "gone")
        told = {"status": error.status, "reason": error.reason, "detail": error.detail}
        return _Asked(failed, done("failed", **told))
    except NotAFeed as error:
        failed = state.failed(asked_at, error.reason, error.detail, every, False)
        return _Asked(failed, done("failed", status=answer.status, reason=error.reason, detail=error.detail))
    entries = _entries(channel, seen, fetcher)
    found = _articles(feed, entries, seen, fetcher, asked_at)
    whole = channel.complete and not found.left
    wait = max(every, timedelta(seconds=min(channel.ttl or 0, 24 * 3600))) if whole else every
    again = state.answered(
        asked_at, answer.etag if whole else None, answer.last_modified if whole else None, asked_at + wait
    )
    moved = f"moved for good to {answer.permanent_url}; change its url" if answer.permanent_url else None
    told = {"status": answer.status, "detail": channel.broken or moved, "listed": len(entries)}
    counts = {"articles": found.articles, "failed": found.failed}
    return _Asked(again, done("new" if found.lines else "unchanged", **told, **counts), found.seen, found.lines)


def _entries(channel: Channel, seen: dict[str, Seen], fetcher: Fetcher) -> list[Entry]:
    """Return the entries of a feed and of its older pages as far back as they are new, or of an index."""
    found = {entry.guid: entry for entry in channel.entries}
    todo, asked = list(channel.pages), 0
    is_index = channel.kind == "sitemap_index"
    news = bool(channel.entries) and all(_is_new(entry, seen) for entry in channel.entries)
    while todo and asked < _MOST_PAGES and (is_index or news):
        address = todo.pop(0)
        asked += 1
        try:
            answer = fetcher.get(address, accept=_FEEDS)
            page = parse(answer.content, answer.content_type, answer.url)
        except (FetchError, NotAFeed):  # an older page, or one sitemap of many: the rest is worth having
            continue
        todo += page.pages
        news = any(_is_new(entry, seen) for entry in page.entries)
        found |= {entry.guid: entry for entry in page.entries if entry.guid not in found}
    return list(found.values())


def _is_new(entry: Entry, seen: dict[str, Seen]) -> bool:
    known = seen.get(entry.guid)
    return known is None or not known.done or known.digest != _digest(entry)


def _digest(entry: Entry) -> str:
    """Return a hash of what a feed says of an article, markup apart: it changes where the article does."""
    said = _plain(entry.text or entry.content or entry.summary or "")
    times = [str(moment) if moment else "" for moment in (entry.updated, entry.published)]
    return sha256(json.dumps([entry.title, *times, said]).encode()).hexdigest()[:32]


def _plain(text: str) -> str:
    return " ".join(_TAG.sub(" ", text).split())


@dataclass
class _Found:
    """The articles of one round of a feed."""

    seen: list[Seen] = field(default_factory=list)
    lines: list[dict[str, Any]] = field(default_factory=list)
    articles: int = 0
    failed: int = 0
    left: bool = False  # whether some wait for the next round


def _articles(
    feed: Feed, entries: Iterable[Entry], seen: dict[str, Seen], fetcher: Fetcher, asked_at: datetime
) -> _Found:
    found = _Found()
    pages = 0
    for entry in entries:
        if not _is_new(entry, seen):
            continue
        digest = _digest(entry)
        known = seen.get(entry.guid)
        attempts = known.attempts if known is not None and known.digest == digest else 0
        own = _own_text(feed, entry)
        if own is None and entry.url is not None and pages >= feed.articles_per_round:
            found.left = True
            continue
        base = _base(feed, entry, asked_at)
        if own is not None:
            found.lines.append(base | own)
        elif entry.url is None:
            found.lines.append(base | {"refused": "no_article_text", "detail": "the feed gives no text and no address"})
        else:
            pages += 1
            try:
                answer = fetcher.get(entry.url, accept=_PAGES)
                found.lines.append(base | _page(answer))
            except FetchError as error:
                attempts += 1
                found.failed += 1
                if attempts < _ATTEMPTS and not _is_final(error):
                    found.left = True
                    found.seen.append(Seen(entry.guid, digest, attempts, False))
                    continue
                found.lines.append(base | {"refused": error.reason, "detail": error.detail})
        found.articles += "refused" not in found.lines[-1]
        found.seen.append(Seen(entry.guid, digest, attempts, True))
    return found


def _is_final(error: FetchError) -> bool:
    """Return whether asking for a page again would change nothing, or would not be polite."""
    forbidden_by_robots = error.reason == "robots" and (error.status is None or error.status < 500)
    return error.permanent or error.reason in _NEVER or forbidden_by_robots


def _base(feed: Feed, entry: Entry, asked_at: datetime) -> dict[str, Any]:
    said = {
        "title": entry.title,
        "author": entry.author,
        "language": entry.language,
        "published_at": entry.published and entry.published.isoformat(),
        "updated_at": entry.updated and entry.updated.isoformat(),
    }
    return {
        "url": entry.url,
        "external_id": entry.guid,
        "source": feed.publisher,
        "feed": feed.name,
        "retrieved_at": asked_at.isoformat(),
        **{key: value for key, value in said.items() if value},
    }


def _own_text(feed: Feed, entry: Entry) -> dict[str, Any] | None:
    """Return the article as the feed itself gives it, or None where its page is to be fetched."""
    if feed.follow == "always" and entry.url is not None:
        return None
    given = {"text": entry.text} if entry.text else {"html": entry.content} if entry.content else {}
    words = _plain(entry.text or entry.content or "")
    whole = len(words.split()) >= _TEASER_WORDS and not _CUT.search(words[-40:])
    if given and (whole or feed.follow == "never" or entry.url is None):
        return given
    if feed.follow == "never" or entry.url is None:
        return {"html": entry.summary} if entry.summary else None
    return None


def _page(answer: Answer) -> dict[str, Any]:
    try:
        return {"html": decode(answer.content, answer.charset), "address": answer.url}
    except NotText as error:
        return {"refused": "not_text", "detail": str(error)}
