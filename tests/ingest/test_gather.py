"""Asking feeds of a real server: what is taken up, once, and what becomes of what fails."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from pipeline.ingest.feeds import Feed
from pipeline.ingest.fetch import Fetcher, Politeness
from pipeline.ingest.gather import gather
from pipeline.store.feed_state import FeedStates, Round
from tests.newsroom import FILLER, Article, Clock, Newsroom, newsroom

QUICK = Politeness(private=True, host_delay=0.0, retries=0, seconds=5.0)


class Desk:
    """One warehouse's side of a publisher."""

    def __init__(self, room: Newsroom, folder: Path) -> None:
        self.room, self.spool = room, folder / "spool"
        self.state = folder / "feeds.sqlite"
        self.feed = Feed("news", f"{room.url}/feed", "The News")
        self.clock = Clock(datetime(2025, 3, 1, 9))

    def ask(self, after: timedelta = timedelta(hours=1), **card: Any) -> Round | None:
        """Ask the feed, an hour later; return the round, None if it was not due."""
        self.clock.now += after
        with FeedStates(self.state) as states, Fetcher(QUICK) as fetcher:
            rounds = gather([replace(self.feed, **card)], states, self.spool, fetcher, self.clock)
        return rounds[0] if rounds else None

    def take(self) -> list[dict[str, Any]]:
        """Return the lines of the spool and remove its files, as ingestion does."""
        lines = []
        for path in sorted(self.spool.glob("*")):
            lines += [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
            path.unlink()
        return lines

    @property
    def health(self) -> str:
        with FeedStates(self.state) as states:
            return states.state(self.feed.name, self.feed.url).health


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with newsroom() as room:
        yield Desk(room, tmp_path)


def test_new_articles_are_taken_up_once(desk: Desk) -> None:
    """A teaser leads to its page; what was seen is not asked for again, an unchanged feed costs one request."""
    desk.room.publish("Norway will buy tanks.", "Poland will buy ships.")
    done = desk.ask()
    assert done is not None and (done.outcome, done.listed, done.articles, done.failed) == ("new", 2, 2, 0)
    lines = desk.take()
    assert [(line["title"], line["source"], line["feed"]) for line in lines] == [
        ("Article number 2", "The News", "news"),
        ("Article number 1", "The News", "news"),
    ]
    assert "Norway will buy tanks." in lines[1]["html"] and lines[1]["retrieved_at"] == "2025-03-01T10:00:00"
    desk.room.asked.clear()
    done = desk.ask()
    assert done is not None and (done.outcome, done.status) == ("unchanged", 304)
    assert desk.room.asked == ["/robots.txt", "/feed"] and desk.take() == []
    desk.room.publish("Latvia will buy boats.")
    assert [line["title"] for line in (desk.ask(), desk.take())[1]] == ["Article number 3"]


def test_a_feed_is_not_asked_more_often_than_its_card_says(desk: Desk) -> None:
    """A refresh within the half hour leaves it alone."""
    desk.room.publish("Norway will buy tanks.")
    assert desk.ask() is not None
    assert desk.ask(timedelta(minutes=29)) is None
    assert desk.ask(timedelta(minutes=2)) is not None


@pytest.mark.parametrize(
    ("follow", "full", "asked", "has"),
    [
        ("teaser", False, True, "html"), ("teaser", True, False, "html"), ("always", True, True, "html"),
        ("never", False, False, "html"),
    ],
)  # fmt: skip
def test_pages_are_fetched_where_the_card_says(desk: Desk, follow: str, full: bool, asked: bool, has: str) -> None:
    """A feed with whole articles needs no page, unless its card wants one; with `never` a teaser is all there is."""
    desk.room.publish("Norway will buy tanks. " + FILLER * 5, full=full)
    desk.ask(follow=follow)
    assert ("/1" in desk.room.asked) is asked
    (line,) = desk.take()
    assert has in line and ("Norway" in line[has]) is (follow != "never")


def test_an_article_that_changes_is_taken_up_again(desk: Desk) -> None:
    """What a feed says of an article changes with it; then its page is fetched anew."""
    desk.room.publish("Norway will buy 10 tanks.")
    desk.ask(), desk.take()
    desk.room.articles[0].text = "Norway will buy 12 tanks."
    done = desk.ask()
    assert done is not None and done.articles == 1
    assert "12 tanks" in desk.take()[0]["html"]


def test_a_page_that_fails_is_tried_in_later_rounds_and_then_told(desk: Desk) -> None:
    """Five rounds long, though the feed itself is unchanged; then the article ends in a refusal, with its reason."""
    desk.room.publish("Norway will buy tanks.", "Poland will buy ships.")
    desk.room.articles[0].status = 503
    for _ in range(4):
        done = desk.ask()
        assert done is not None and done.failed == 1
    lines = desk.take()
    assert [line["title"] for line in lines] == ["Article number 2"]
    desk.ask()
    (refused,) = desk.take()
    assert refused["refused"] == "busy" and refused["url"].endswith("/1?utm_source=rss")
    done = desk.ask()
    assert done is not None and done.status == 304 and desk.take() == []


def test_a_page_that_comes_back_is_taken_up(desk: Desk) -> None:
    """A failure of an hour loses nothing."""
    desk.room.publish("Norway will buy tanks.", status=500)
    desk.ask()
    desk.room.articles[0].status = 200
    done = desk.ask()
    assert done is not None and done.articles == 1 and len(desk.take()) == 1


def test_a_page_is_tried_again_though_the_feed_forgets_it(desk: Desk) -> None:
    """A feed lists its newest alone; what it no longer lists and could not be had is not lost."""
    desk.room.publish("Norway will buy tanks.", status=500)
    desk.ask()
    desk.room.body = b"<rss><channel></channel></rss>"
    done = desk.ask()
    assert done is not None and (done.listed, done.failed) == (0, 1)
    desk.room.articles[0].status = 200
    done = desk.ask()
    assert done is not None and done.articles == 1
    assert [line["title"] for line in desk.take()] == ["Article number 1"]


def test_a_host_that_fails_is_left_alone(desk: Desk) -> None:
    """After three pages that fail one after the other no more is asked of it in this round; all is had in the end."""
    desk.room.publish(*(f"State number {n} will buy tanks." for n in range(9)), status=503)
    done = desk.ask()
    assert done is not None and done.failed == 3
    assert len([path for path in desk.room.asked if path[1:].isdigit()]) == 3
    for one in desk.room.articles:
        one.status = 200
    assert desk.ask() is not None and len(desk.take()) == 9


def test_feeds_that_date_all_articles_alike_are_not_read_anew(desk: Desk) -> None:
    """A feed that says of all its articles that they were updated just now says nothing of them."""
    items = "<entry><title>{0}</title><id>{0}</id><updated>2025-03-0{1}T00:00:00Z</updated><summary>S</summary></entry>"
    taken = []
    for day in (1, 2):
        body = "".join(items.format(f"Article {n}", day) for n in range(4))
        desk.room.body = f"<feed xmlns='http://www.w3.org/2005/Atom'>{body}</feed>".encode()
        desk.ask(follow="never")
        taken.append(len(desk.take()))
    assert taken == [4, 0]


def test_a_feed_that_breaks_the_reader_stops_no_other(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """An error that nobody foresaw is that feed's failure, with its words."""
    monkeypatch.setattr("pipeline.ingest.gather.parse", lambda *_: 1 / 0)
    done = desk.ask()
    assert done is not None and (done.outcome, done.reason) == ("failed", "broken")
    assert "ZeroDivisionError" in (done.detail or "") and desk.health == "failing"


@pytest.mark.parametrize(("status", "reason"), [(404, "not_found"), (410, "gone"), (403, "refused")])
def test_a_page_that_is_not_there_is_told_at_once(desk: Desk, status: int, reason: str) -> None:
    """Asking again would change nothing."""
    desk.room.publish("Norway will buy tanks.", status=status)
    desk.ask()
    assert [line["refused"] for line in desk.take()] == [reason]


def test_robots_txt_is_heeded(desk: Desk) -> None:
    """A page that robots may not ask for is not asked for, and its article is told as refused."""
    desk.room.publish("Norway will buy tanks.")
    desk.room.robots = "User-agent: *\nDisallow: /1\n"
    desk.ask()
    assert "/1" not in desk.room.asked
    assert [line["refused"] for line in desk.take()] == ["robots"]


def test_ten_failures_in_a_row_pause_a_feed(desk: Desk) -> None:
    """Each wait is longer than the one before; after the tenth it is asked no more, until somebody resumes it."""
    desk.room.feed_status = 500
    failures, hours = 0, 0
    while desk.health != "paused":
        failures += desk.ask(timedelta(hours=1)) is not None
        hours += 1
        assert hours < 500
    assert failures == 10 and hours > 24
    assert desk.ask(timedelta(days=30)) is None
    desk.room.feed_status = 200
    desk.room.publish("Norway will buy tanks.")
    with FeedStates(desk.state) as states:
        assert states.resume("news") and not states.resume("other")
    done = desk.ask()
    assert done is not None and done.articles == 1 and desk.health == "ok"


def test_a_feed_that_is_gone_is_paused_at_once(desk: Desk) -> None:
    """410 says that it will not come back."""
    desk.room.feed_status = 410
    desk.ask()
    assert desk.health == "paused"


def test_an_answer_that_is_no_feed_is_a_failure(desk: Desk, tmp_path: Path) -> None:
    """A page in place of a feed is told by its reason; nothing is taken up."""
    desk.room.publish("Norway will buy tanks.")
    done = desk.ask(url=f"{desk.room.url}/1")
    assert done is not None and (done.outcome, done.reason) == ("failed", "not_a_feed")


BOMB = b"<!DOCTYPE r [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;'>]><rss><channel>&b;</channel></rss>"


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "empty"), (b"  \n", "empty"), (b"%PDF-1.7", "not_xml"), (b"{}", "not_a_feed"), (BOMB, "entities"),
        (b"<rss>" + b"<a>" * 5_000, "too_deep"), (b"<html><body>Maintenance</body></html>", "not_a_feed"),
    ],
)  # fmt: skip
def test_a_hostile_or_broken_feed_is_told_by_its_reason(desk: Desk, body: bytes, reason: str) -> None:
    """Nothing hangs, nothing is taken up, and the feed is asked again later."""
    desk.room.body = body
    done = desk.ask()
    assert done is not None and (done.outcome, done.reason, done.articles) == ("failed", reason, 0)
    desk.room.body = None
    desk.room.publish("Norway will buy tanks.")
    assert desk.health == "failing"
    done = desk.ask()
    assert done is not None and done.articles == 1 and desk.health == "ok"


def test_a_feed_that_is_cut_is_read_as_far_as_it_goes_and_asked_again(desk: Desk) -> None:
    """What is whole is taken up; as the rest is missing, the next round does not ask whether it has changed."""
    desk.room.publish(*(f"State number {n} will buy tanks." for n in range(3)))
    whole = desk.room.feed()
    desk.room.body = whole[: whole.rindex(b"<item>") + 20]
    done = desk.ask()
    assert done is not None and done.articles == 2 and done.detail
    desk.room.body = None
    done = desk.ask()
    assert done is not None and done.articles == 1 and desk.room.conditional == []


def test_a_feed_in_another_encoding_than_it_says(desk: Desk) -> None:
    """Bytes outweigh what is said of them."""
    desk.room.body = (
        "<?xml version='1.0' encoding='utf-8'?><rss><channel><item><title>Türkiye’s tanks</title><guid>1</guid>"
        f"<description>Türkiye will buy tanks, it was said. {FILLER}</description></item></channel></rss>"
    ).encode("cp1252")
    desk.ask(follow="never")
    assert [line["title"] for line in desk.take()] == ["Türkiye’s tanks"]


def test_the_articles_of_a_round_are_bounded(desk: Desk) -> None:
    """A new feed with many articles is worked off in several rounds, though it is unchanged in between."""
    desk.room.publish(*(f"State number {n} will buy tanks." for n in range(7)))
    taken = []
    for _ in range(4):
        desk.ask(articles_per_round=3)
        taken.append(len(desk.take()))
    assert taken == [3, 3, 1, 0]


def test_a_round_that_is_killed_before_it_is_remembered_is_made_again(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The spool comes first: the same articles come twice rather than never."""
    desk.room.publish("Norway will buy tanks.")
    with monkeypatch.context() as patched:
        patched.setattr(FeedStates, "remember", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            desk.ask()
    first = desk.take()
    desk.ask()
    second = desk.take()
    assert len(first) == 1
    assert [line | {"retrieved_at": ""} for line in first] == [line | {"retrieved_at": ""} for line in second]


def test_a_feed_that_dries_up_is_told(desk: Desk) -> None:
    """Less in a week than its card expects, but only once it is known for a week."""
    def week() -> tuple[str, int]:
        with FeedStates(desk.state) as states:
            return states.week(states.state("news", desk.feed.url), expected_per_day=1.0)

    desk.room.publish(*(f"State number {n} will buy tanks." for n in range(7)))
    desk.ask()
    assert week() == ("ok", 7)
    desk.ask(timedelta(days=6))
    assert week() == ("ok", 7)
    desk.ask(timedelta(days=2))
    assert week() == ("dry", 0)


def test_a_repeated_guid_is_one_article(desk: Desk) -> None:
    """A feed that gives two items one id gives one article."""
    desk.room.articles = [Article(1, "Norway buys tanks.", guid="x"), Article(2, "Poland buys ships.", guid="x")]
    done = desk.ask()
    assert done is not None and done.articles == 1
