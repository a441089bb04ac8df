"""A year of a feed that grows: 365 refreshes by a test clock, against one refresh of everything.

    ./run bench year [--days 365] [--articles 3]

A publisher on this machine publishes so many invented articles a day; every day is one refresh, with all that it costs.
Printed are the seconds of a refresh about day 30 and about the last day, and whether the tables end as those of one
refresh of everything. The days about day 30 are those of a second warehouse, which takes turns with the last days of
the first: a machine that has other work in between slows both. The articles are made here; the publisher is the tests'
(`tests.newsroom`).
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median

from pipeline.assets.workspace import Workspace
from pipeline.refresh import refresh
from pipeline.settings import Settings
from tests.newsroom import Clock, Newsroom, newsroom
from tests.warehouses import query

SEED = 20261124
EARLY = 30  # the day with which the last is compared
ABOUT = 7  # days on either side over which the median is taken
SAME = ("statements", "mentions", "figures", "defence_spending", "actors", "statements_by_actor_month", "actor_network")
STATES = ("Norwegian", "Latvian", "Polish", "Danish", "Finnish", "Dutch", "Spanish", "Czech", "Greek", "Canadian")
NAMES = ("Ola Dahl", "Anda Bite", "Jan Nowak", "Mette Holm", "Aino Salo", "Ruud Visser", "Ana Vidal", "Petr Malek")
THINGS = ("tanks", "air defence missiles", "patrol boats", "drones", "artillery shells", "helicopters", "radars")
SAID = ("said", "warned", "promised", "told reporters", "announced", "denied")
PLANS = (
    "the order would be placed before the summer", "the army needed them sooner", "allies had asked for more",
    "the budget would have to grow", "the first would come in two years", "the talks were going well",
)  # fmt: skip


BACKGROUND = (
    "village", "harbour", "bridge", "winter", "teacher", "engine", "valley", "market", "letter", "garden", "station",
    "river", "window", "journey", "captain", "kitchen", "forest", "paper", "island", "machine", "corner", "summer",
    "doctor", "railway", "college", "mountain", "painter", "museum", "factory", "weather", "lantern", "orchard",
)  # fmt: skip
DONE = ("reached", "followed", "passed", "surprised", "outlived", "resembled", "overlooked", "preceded", "replaced")


def article(number: int, draw: random.Random) -> str:
    """Return an invented article, unlike all others: sentences of the field between others that say nothing."""
    lines = []
    for _ in range(4):
        lines.append(" ".join(
            f"The {draw.choice(BACKGROUND)} of the {draw.choice(BACKGROUND)} {draw.choice(DONE)} the "
            f"{draw.choice(BACKGROUND)} near the {draw.choice(BACKGROUND)}." for _ in range(3)
        ))  # fmt: skip
        state, name, thing = draw.choice(STATES), draw.choice(NAMES), draw.choice(THINGS)
        day = draw.choice(("Monday", "Tuesday", "Friday"))
        lines.append(
            f"{state} Defence Minister {name} {draw.choice(SAID)} on {day} that "
            f"{draw.choice(PLANS)}. The government will buy {draw.randint(10, 900)} {thing} for "
            f"{draw.randint(2, 99) / 10} billion euros, and “{draw.choice(PLANS)},” the minister added."
        )
    return "\n".join([*lines, f"It was meeting number {number} of its kind."])


class Simulation:
    """A publisher and a warehouse that asks it once a day by a test clock."""

    def __init__(self, folder: Path, room: Newsroom, articles: int) -> None:
        self.room, self.articles = room, articles
        self.settings = _settings(folder, room)
        self.clock = Clock(datetime(2025, 1, 1, 9, tzinfo=UTC))
        self.draw = random.Random(SEED)
        self.number = 0

    def day(self) -> float:
        """Let the publisher publish, and refresh; return the seconds of the refresh.

        Raises:
            RuntimeError: the refresh failed.
        """
        for _ in range(self.articles):
            self.number += 1
            self.room.publish(article(self.number, self.draw), day=self.clock.now.date().isoformat())
        start = time.monotonic()
        outcome = refresh(Workspace(self.settings, now=self.clock))
        seconds = time.monotonic() - start
        if not outcome.succeeded:
            raise RuntimeError(f"day {self.number // self.articles} failed: {outcome.errors}")
        self.clock.now += timedelta(days=1)
        return seconds


def _settings(folder: Path, room: Newsroom) -> Settings:
    cards, inbox = folder / "feeds.yaml", folder / "in"
    inbox.mkdir(parents=True)
    cards.write_text(
        f"- name: news\n  url: {room.url}/feed\n  publisher: News\n  articles_per_round: 10000\n", encoding="utf-8"
    )
    return Settings(
        inboxes=(inbox,), warehouse=folder / "w", feeds=cards, private_addresses=True, host_delay=0.0
    )


def _tables(warehouse: Path) -> dict[str, list[tuple[object, ...]]]:
    return {table: query(warehouse, f"SELECT * FROM {table} ORDER BY ALL") for table in SAME}


def main() -> int:
    """Run the year and print its figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--articles", type=int, default=3)
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary, newsroom() as room, newsroom() as other_room:
        year = Simulation(Path(temporary) / "year", room, wanted.articles)
        for day in range(1, wanted.days - 2 * ABOUT + 1):
            seconds = year.day()
            if day % 30 == 0:
                print(f"day {day}: {seconds:.2f} s", file=sys.stderr, flush=True)
        month = Simulation(Path(temporary) / "month", other_room, wanted.articles)
        for _ in range(EARLY - ABOUT - 1):
            month.day()
        early, late = zip(*((month.day(), year.day()) for _ in range(2 * ABOUT)), strict=True)
        once = _settings(Path(temporary) / "once", room)
        start = time.monotonic()
        outcome = refresh(Workspace(once, now=year.clock))
        if not outcome.succeeded:
            print(f"one refresh of everything failed: {outcome.errors}")
            return 1
        taken = time.monotonic() - start
        same = _tables(year.settings.warehouse) == _tables(once.warehouse)
    print(f"documents: {year.number:,} in {wanted.days} refreshes; one refresh of everything took {taken:.0f} s")
    print(
        f"a refresh about day {EARLY}: {median(early):.2f} s, about day {wanted.days}: {median(late):.2f} s: "
        f"{median(late) / median(early):.2f} times"
    )
    print(f"tables {', '.join(SAME)}: {'the same' if same else 'NOT THE SAME'}")
    return 0 if same else 1


if __name__ == "__main__":
    sys.exit(main())
