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
from dataclasses import dataclass, field, replace
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
_MOST_BYTES = 25_000_000  # of the articles of one feed in one round, for they are held in memory
_MOST_SECONDS = 900.0  # for the articles of one feed in one round, so that a slow host holds up no refresh
_MOST_FAILURES = 3  # of pages one after the other; then the host is left alone until the next round
_NEVER = {"refused", "not_found", "too_large"}
"""Reasons for which a page is given up at once, beside those that the fetcher calls permanent."""

_DAY = 24 * 3600

Clock = Callable[[], datetime]
"""Tells the time: UTC without zone."""


@dataclass
class _Asked:
    """What came of asking one feed."""

    state: State
    done: Round
    seen: list[Seen] = field(default_factory=list)
    lines: list[dict[str, Any]] = field(default_factory=list)


def gather(feeds: Sequence[Feed], states: FeedStates, spool: Path, fetcher: Fetcher, now: Clock) -> list[Round]:
    """Ask every feed that is due; write its new articles into the spool, then remember them.

    Args:
        feeds: the feeds.
        states: what is known of them.
        spool: the folder that ingestion reads.
        fetcher: makes the requests.
        now: tells the time.

    Returns:
        What came of each feed that was asked, in the order of the feeds; one that fails is among them, no exception.

    Raises:
        OSError: the spool cannot be written.
    """
    known = [(feed, states.state(feed.name, feed.url)) for feed in feeds]
    due = [(feed, state) for feed, state in known if _is_due(state, now())]
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


def _is_due(state: State, now: datetime) -> bool:
    return not state.paused and (state.next_due is None or state.next_due <= now)


def _ask(feed: Feed, state: State, seen: dict[str, Seen], fetcher: Fetcher, now: Clock) -> _Asked:
    """Ask one feed. Whatever it sends, the others are none the worse for it."""
    asked_at = now()
    try:
        return _answer(feed, state, seen, fetcher, asked_at)
    except Exception as error:
        detail = f"it cannot be worked off: {type(error).__name__}: {error}"
        failed = state.failed(asked_at, "broken", detail, timedelta(minutes=feed.every_minutes), False)
        return _Asked(failed, Round(feed.name, asked_at, "failed", None, "broken", failed.detail, 0, 0, 0, 0.0))


def _answer(feed: Feed, state: State, seen: dict[str, Seen], fetcher: Fetcher, asked_at: datetime) -> _Asked:
    start = time.monotonic()
    every = timedelta(minutes=feed.every_minutes)

    def done(outcome: str, **found: Any) -> Round:
        told = {"status": None, "reason": None, "detail": None, "listed": 0, "articles": 0, "failed": 0} | found
        return Round(feed.name, asked_at, outcome, seconds=round(time.monotonic() - start, 3), **told)

    try:
        answer = fetcher.get(feed.url, etag=state.etag, last_modified=state.last_modified, accept=_FEEDS)
        channel = None if answer.status == 304 else parse(answer.content, answer.content_type, answer.url)
    except FetchError as error:
        wait = max(every, timedelta(seconds=error.retry_after or 0))
        failed = state.failed(asked_at, error.reason, error.detail, wait, error.reason == "gone")
        told = {"status": error.status, "reason": error.reason, "detail": error.detail}
        return _Asked(failed, done("failed", **told))
    except NotAFeed as error:
        failed = state.failed(asked_at, error.reason, error.detail, every, False)
        return _Asked(failed, done("failed", status=answer.status, reason=error.reason, detail=error.detail))
    entries = [] if channel is None else _entries(channel, seen, fetcher)
    found = _articles(feed, _jobs(feed, entries, seen, asked_at), fetcher)
    whole = (channel is None or channel.complete) and not found.left
    ttl = timedelta(seconds=min((channel and channel.ttl) or 0, _DAY))
    again = state.answered(
        asked_at,
        answer.etag if whole else None,
        answer.last_modified if whole else None,
        asked_at + (max(every, ttl) if whole else every),
    )
    moved = f"moved for good to {answer.permanent_url}; change its url" if answer.permanent_url else None
    told = {"status": answer.status, "detail": (channel and channel.broken) or moved, "listed": len(entries)}
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
    entries = list(found.values())
    if len(entries) > 2 and len({entry.updated for entry in entries}) == 1:  # when the feed was made, not the articles
        entries = [replace(entry, updated=None) for entry in entries]
    return entries


def _is_new(entry: Entry, seen: dict[str, Seen]) -> bool:
    known = seen.get(entry.guid)
    return known is None or known.digest != _digest(entry)


def _digest(entry: Entry) -> str:
    """Return a hash of what a feed says of an article, markup apart: it changes where the article does."""
    said = _plain(entry.text or entry.content or entry.summary or "")
    times = [str(moment) if moment else "" for moment in (entry.updated, entry.published)]
    return sha256(json.dumps([entry.title, *times, said]).encode()).hexdigest()[:32]


def _plain(text: str) -> str:
    return " ".join(_TAG.sub(" ", text).split())


@dataclass(frozen=True, slots=True)
class _Job:
    """An article to be taken up: what the feed says of it, and its text where the feed itself has it."""

    seen: Seen
    base: dict[str, Any]
    own: dict[str, Any] | None = None


def _jobs(feed: Feed, entries: Iterable[Entry], seen: dict[str, Seen], asked_at: datetime) -> list[_Job]:
    """Return what is to be taken up: the new articles of a feed, then those whose pages could not be had before."""
    jobs = []
    for entry in entries:
        if _is_new(entry, seen):
            own, base = _own_text(feed, entry), _base(feed, entry, asked_at)
            jobs.append(_Job(Seen(entry.guid, _digest(entry), 0, json.dumps(base)), base, own))
    again = {job.seen.guid for job in jobs}
    for one in seen.values():
        if one.pending is not None and one.guid not in again:
            jobs.append(_Job(one, json.loads(one.pending) | {"retrieved_at": asked_at.isoformat()}))
    return jobs


@dataclass
class _Found:
    """The articles of one round of a feed."""

    seen: list[Seen] = field(default_factory=list)
    lines: list[dict[str, Any]] = field(default_factory=list)
    articles: int = 0
    failed: int = 0
    left: bool = False  # whether some wait for the next round, so that the feed must name them once more

    def take(self, job: _Job, line: dict[str, Any], attempts: int) -> None:
        """Take an article up, or its refusal: it is done."""
        self.lines.append(job.base | line)
        self.articles += "refused" not in line
        self.seen.append(replace(job.seen, attempts=attempts, pending=None))


def _articles(feed: Feed, jobs: Iterable[_Job], fetcher: Fetcher) -> _Found:
    found = _Found()
    pages = size = failures = 0
    start = time.monotonic()
    for job in jobs:
        address = job.base["url"]
        if job.own is not None:
            found.take(job, job.own, 0)
        elif address is None:
            found.take(job, {"refused": "no_article_text", "detail": "the feed gives no text and no address"}, 0)
        elif (
            pages >= feed.articles_per_round
            or size >= _MOST_BYTES
            or failures >= _MOST_FAILURES
            or time.monotonic() - start >= _MOST_SECONDS
        ):
            found.left = True
        else:
            pages += 1
            try:
                answer = fetcher.get(address, accept=_PAGES)
            except FetchError as error:
                attempts = job.seen.attempts + 1
                found.failed += 1
                if attempts < _ATTEMPTS and not _is_final(error):
                    failures += 1
                    found.seen.append(replace(job.seen, attempts=attempts))
                else:
                    found.take(job, {"refused": error.reason, "detail": error.detail}, attempts)
                continue
            failures = 0
            size += len(answer.content)
            found.take(job, _page(answer), job.seen.attempts + 1)
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
