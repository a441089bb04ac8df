"""Feeds from end to end: a publisher's articles in the tables, its corrections as versions, its troubles as health."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import pyarrow.parquet as pq
import pytest

from pipeline.assets.gathering import ask
from pipeline.assets.workspace import Workspace
from pipeline.ingest.feeds import FeedsError, read
from pipeline.refresh import Outcome, instance, refresh
from pipeline.settings import Settings
from pipeline.store.feed_state import FeedStates
from pipeline.store.publish import rollback
from tests.newsroom import FILLER, Clock, Newsroom, newsroom
from tests.warehouses import query, rows, write_articles

TANKS = (
    "Norwegian Prime Minister Ola Dahl said on Monday that Norway would buy {} tanks for 2 billion euros.\n"
    + FILLER
    + "\nHe added that the first would be delivered in two years."
)
GERMAN = (
    "Der Verteidigungsminister sagte am Montag, dass Deutschland im nächsten Jahr mehr Geld für die Truppe ausgeben "
    "werde. Die Opposition kritisierte den Plan und forderte eine Debatte im Bundestag über die langfristigen Kosten.\n"
    "Nach Angaben des Ministeriums sollen die ersten Verträge noch vor der Sommerpause unterschrieben werden."
)


class House:
    """A warehouse that is refreshed from one feed."""

    def __init__(self, room: Newsroom, folder: Path) -> None:
        self.room = room
        self.warehouse = folder / "w"
        (folder / "in").mkdir()
        cards = folder / "feeds.yaml"
        cards.write_text(
            f"- name: news\n  url: {room.url}/feed\n  publisher: The News\n  licence: ours\n  expected_per_day: 1\n",
            encoding="utf-8",
        )
        self.clock = Clock(datetime(2025, 3, 1, 9, tzinfo=UTC))
        self.settings = Settings(
            inboxes=(folder / "in",), warehouse=self.warehouse, feeds=cards, private_addresses=True, host_delay=0.0
        )

    def refresh(self, after: timedelta = timedelta(hours=1)) -> Outcome:
        """Refresh, an hour later."""
        self.clock.now += after
        return refresh(Workspace(self.settings, now=self.clock))

    def ask(self, question: str) -> list[tuple[Any, ...]]:
        """Ask the published tables."""
        return query(self.warehouse, question)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with newsroom() as room:
        yield House(room, tmp_path)


def test_a_year_of_a_publisher_in_short(house: House) -> None:
    """What is published is in the tables with its card, a correction is a version, other languages wait."""
    house.room.publish(TANKS.format(10), GERMAN)
    assert house.refresh().errors == []
    assert house.ask(
        "SELECT title, source, feed, language, skipped, version, date_basis, published_on::VARCHAR, url, raw_uri "
        "FROM documents ORDER BY title"
    ) == [
        ("Article number 1", "The News", "news", "en", None, 1, "metadata", "2025-03-01", f"{house.room.url}/1",
         f"{house.room.url}/1?utm_source=rss"),
        ("Article number 2", "The News", "news", "de", "unsupported_language", 1, "metadata", "2025-03-01",
         f"{house.room.url}/2", f"{house.room.url}/2?utm_source=rss"),
    ]  # fmt: skip
    assert house.ask("SELECT count(*) FROM statements WHERE speaker_text LIKE '%Dahl%'")[0][0] == 1
    assert house.ask("SELECT count(*) FROM mentions JOIN documents USING (doc_id) WHERE language = 'de'") == [(0,)]
    before = rows(house.warehouse)
    assert house.refresh().errors == []  # nothing new
    assert rows(house.warehouse) == before

    house.room.articles[0].text = TANKS.format(12)
    assert house.refresh().errors == []
    assert house.ask("SELECT title, version, contains(text, '12 tanks') FROM documents ORDER BY title")[0] == (
        "Article number 1", 2, True,
    )  # fmt: skip
    assert house.ask("SELECT version, contains(text, '10 tanks'), is_last FROM document_versions ORDER BY 1") == [
        (1, True, False), (2, False, True),
    ]  # fmt: skip
    assert house.ask("SELECT count(*) FROM statements WHERE contains(content, '10 tanks')") == [(0,)]
    assert house.ask("SELECT health, document_count FROM feeds") == [("ok", 2)]

    house.room.feed_status = 500
    assert house.refresh(timedelta(days=8)).errors == []
    assert house.ask("SELECT health, failures, reason FROM feeds") == [("failing", 1, "server_error")]
    assert house.ask("SELECT passed, details FROM data_quality WHERE check_name = 'health'") == [
        (False, ["news is failing: 1"])
    ]
    house.room.feed_status = 200
    assert house.refresh(timedelta(days=1)).errors == []
    assert house.ask("SELECT health, articles_last_week FROM feeds") == [("dry", 0)]
    assert house.ask("SELECT outcome, status, articles FROM feed_rounds ORDER BY asked_at") == [
        ("new", 200, 2), ("unchanged", 304, 0), ("new", 200, 1), ("failed", 500, 0), ("unchanged", 304, 0),
    ]  # fmt: skip


def test_one_by_one_is_as_all_at_once(house: House, tmp_path: Path) -> None:
    """A feed that grows over many refreshes ends in the same tables as one refresh of everything."""
    texts = [TANKS.format(n) + f"\nThis was meeting number {n} of its kind, with {n + 3} ministers." for n in range(5)]
    for text in texts:
        house.room.publish(text)
        assert house.refresh().errors == []
    (tmp_path / "other").mkdir()
    other = House(house.room, tmp_path / "other")
    assert other.refresh().errors == []
    for table in ("statements", "figures", "mentions", "actors", "defence_spending", "statements_by_actor_month"):
        assert rows(house.warehouse)[table] == rows(other.warehouse)[table], table
    same = "SELECT doc_id, text, duplicate_of, version, published_on FROM documents ORDER BY doc_id"
    assert house.ask(same) == other.ask(same)


def test_what_lies_in_the_spool_is_not_lost(house: House) -> None:
    """A refresh that is killed after the feed was asked leaves its articles to the next one."""
    house.room.publish(TANKS.format(10))
    house.clock.now += timedelta(hours=1)
    ask(Workspace(house.settings, now=house.clock))
    assert len(list(house.settings.spool.iterdir())) == 1
    house.room.articles.clear()
    assert house.refresh(timedelta(minutes=1)).errors == []
    assert house.ask("SELECT title FROM documents") == [("Article number 1",)]
    assert list(house.settings.spool.iterdir()) == []


def test_a_page_that_cannot_be_had_is_a_rejection(house: House) -> None:
    """Nothing is lost: the article ends among the rejected, with its address and the reason."""
    house.room.publish(TANKS.format(10), status=404)
    house.room.publish("<p>Log in to read on</p>", page="<html><body><p>Log in to read on.</p></body></html>")
    assert house.refresh().errors == []
    assert house.ask("SELECT raw_uri, reason FROM rejected_documents ORDER BY raw_uri") == [
        (f"{house.room.url}/1?utm_source=rss", "not_found"),
        (f"{house.room.url}/2?utm_source=rss", "no_article_text"),
    ]


def test_a_warehouse_from_before_there_were_feeds(house: House, tmp_path: Path) -> None:
    """Batches of an earlier version lack the columns of feeds; they are null, and nothing is read again."""
    write_articles(tmp_path / "in")
    assert house.refresh().errors == []
    before = house.ask("SELECT * EXCLUDE (ingested_at) FROM documents ORDER BY doc_id")
    for file in (house.warehouse / "ingest").glob("*/source_documents.parquet"):
        pq.write_table(pq.read_table(file).drop_columns(["feed", "retrieved_at"]), file)
    house.room.publish(TANKS.format(10))
    assert house.refresh().errors == []
    assert house.ask("SELECT * EXCLUDE (ingested_at) FROM documents WHERE feed IS NULL ORDER BY doc_id") == before
    assert house.ask("SELECT count(*) FROM documents WHERE feed = 'news'") == [(1,)]


def test_private_addresses_are_refused_unless_allowed(house: House) -> None:
    """By default no feed leads into the network of the one who runs it; nothing is asked there."""
    house.room.publish(TANKS.format(10))
    house.settings = replace(house.settings, private_addresses=False)
    assert house.refresh().errors == []
    assert house.room.asked == []
    assert house.ask("SELECT health, reason FROM feeds") == [("failing", "forbidden_address")]


def test_dagster_shows_how_each_feed_does(house: House) -> None:
    """A feed is an asset with a check: materialised when it answers, red with its reason when it does not."""
    key = dg.AssetKey(["feeds", "news"])
    check = dg.AssetCheckKey(key, "answers")

    def shown() -> tuple[int, dict[str, object]]:
        with instance(house.warehouse) as opened:
            found = opened.event_log_storage.get_latest_asset_check_execution_by_key([check])[check]
            assert found.event and found.event.dagster_event
            told = found.event.dagster_event.asset_check_evaluation_data
            materialised = opened.fetch_materializations(key, limit=10).records
            return len(materialised), {name: value.value for name, value in told.metadata.items()} | {"ok": told.passed}

    house.room.publish(TANKS.format(10))
    assert house.refresh().errors == []
    assert shown() == (1, {"health": "ok", "failures": 0, "ok": True})
    house.room.feed_status = 404
    assert house.refresh().errors == []
    count, told = shown()
    assert count == 1 and told == {
        "health": "failing", "failures": 1, "reason": "not_found", "detail": told["detail"], "ok": False,
    }  # fmt: skip
    house.clock.now += timedelta(minutes=1)  # not due: how it does is told all the same
    assert house.refresh(timedelta(0)).errors == []
    assert shown() == (count, told)


def test_what_is_not_kept_is_forgotten(house: House) -> None:
    """Old runs of Dagster and rounds of feeds go, raw bytes only where the settings say so; the tables stay."""
    house.room.publish(TANKS.format(10))
    assert house.refresh().errors == []
    before = rows(house.warehouse)["statements"]
    raw = [path for path in (house.warehouse / "raw").glob("*/*") if path.is_file()]
    assert len(raw) == 1
    os.utime(raw[0], (1, 1))
    house.settings = replace(house.settings, keep_runs_days=30, keep_raw_days=0)
    house.room.publish(TANKS.format(77))
    house.clock.now = datetime.now(UTC) + timedelta(days=31)  # Dagster's records have the machine's time
    assert house.refresh(timedelta(0)).errors == []
    assert len(house.ask("SELECT * FROM feed_rounds")) == 2 and raw[0].is_file()
    with instance(house.warehouse) as opened:
        assert opened.get_runs_count() == 1  # the one before is gone
    house.settings = replace(house.settings, keep_raw_days=1)
    assert house.refresh(timedelta(days=1)).errors == []
    assert not raw[0].is_file()
    assert all(row in rows(house.warehouse)["statements"] for row in before)
    with FeedStates(house.settings.feed_states) as states:
        assert [done.articles for done in states.rounds()] == [1, 0]


def test_as_many_releases_are_kept_as_the_settings_say(house: House) -> None:
    """A rollback goes back through all of them."""
    house.settings = replace(house.settings, keep_releases=3)
    for number in range(5):
        house.room.publish(TANKS.format(number + 20))
        assert house.refresh().errors == []
    assert len(list((house.warehouse / "releases").iterdir())) == 3
    assert [len(rollback(house.settings).rows) > 0 for _ in range(2)] == [True, True]
    assert house.ask("SELECT count(*) FROM documents") == [(3,)]


@pytest.mark.parametrize(
    ("card", "message"),
    [
        ("name: news", "is no list"),
        ("- name: news", "line 1: a feed needs 'url'"),
        ("- name: The News\n  url: https://example.org/\n  publisher: P", "is no name of small letters"),
        ("- name: news\n  url: ftp://example.org/\n  publisher: P", "is no address"),
        ("- name: news\n  url: file:///etc/passwd\n  publisher: P", "is no address"),
        ("- name: news\n  url: https://example.org/", "needs 'publisher'"),
        ("- name: news\n  url: https://example.org/\n  publisher: P\n  follow: maybe", "none of teaser, always, never"),
        ("- name: news\n  url: https://example.org/\n  publisher: P\n  every_minutes: 0", "no number from 1"),
        ("- name: news\n  url: https://example.org/\n  publisher: P\n  expected: 3", "'expected' does not belong here"),
        ("- name: a\n  url: https://example.org\n  publisher: P\n- name: b\n  url: https://example.org\n  publisher: P",
         "line 4: line 1 has this url already"),
    ],
)  # fmt: skip
def test_a_card_that_cannot_be_meant_is_told(tmp_path: Path, card: str, message: str) -> None:
    """The error names the file, the line and the way out."""
    (tmp_path / "feeds.yaml").write_text(card, encoding="utf-8")
    with pytest.raises(FeedsError, match=message) as caught:
        read(tmp_path / "feeds.yaml")
    assert "feeds.yaml" in str(caught.value)


def test_the_shipped_list_is_empty_and_can_be_read() -> None:
    """Nothing on the network is asked until a user lists it."""
    assert read(Settings().feeds) == ()
