"""The step that asks the feeds for new articles: an asset a feed, so that each has its health and freshness in Dagster.

The project's only use of the network but for official expenditure. A feed that fails stops nothing: it is told, asked
again later, and paused after ten failures in a row.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import dagster as dg

from pipeline.assets.presentation import OWNERS
from pipeline.assets.workspace import Workspace
from pipeline.ingest.feeds import Feed, FeedsError, read
from pipeline.settings import Settings
from pipeline.store.feed_state import FeedStates, Round

if TYPE_CHECKING:
    from pipeline.ingest.fetch import Politeness

GATHERED = "gathered_articles"
"""The asset that stands for all that the feeds gave; there is one whether feeds are listed or not."""

_WAIT = timedelta(hours=3)
_CHECK = "answers"


def politeness(settings: Settings) -> Politeness:
    """Return how requests are made."""
    from pipeline.ingest.fetch import Politeness  # noqa: PLC0415 - without feeds nothing is fetched

    return Politeness(
        private=settings.private_addresses,
        contact=settings.contact,
        max_bytes=settings.max_bytes,
        host_delay=settings.host_delay,
    )


def _listed(settings: Settings) -> tuple[Feed, ...]:
    """Return the feeds; a list that cannot be read has none here, and fails the step when it runs."""
    try:
        return read(settings.feeds)
    except FeedsError:
        return ()


def _spec(feed: Feed) -> dg.AssetSpec:
    fails = max(timedelta(minutes=10 * feed.every_minutes), _WAIT)
    return dg.AssetSpec(
        ["feeds", feed.name],
        group_name="feeds",
        kinds={"xml"},
        owners=OWNERS,
        skippable=True,
        description=f"{feed.publisher}: {feed.url}" + (f" ({feed.licence})" if feed.licence else ""),
        metadata={"url": dg.MetadataValue.url(feed.url), "expected_per_day": feed.expected_per_day},
        freshness_policy=dg.FreshnessPolicy.time_window(fail_window=fails, warn_window=fails / 2),
    )


def gathering(settings: Settings) -> dg.AssetsDefinition:
    """Return the step that asks the feeds that are listed now; a list that changes is seen when Dagster loads again."""
    specs = [_spec(feed) for feed in _listed(settings)]
    whole = dg.AssetSpec(
        GATHERED,
        deps=[spec.key for spec in specs],
        group_name="ingest",
        kinds={"jsonl"},
        owners=OWNERS,
        description="New articles of the feeds in feeds.yaml, asked for politely, each once; ingestion reads them.",
    )

    checks = [dg.AssetCheckSpec(_CHECK, asset=spec.key, description="It answers, with a feed.") for spec in specs]

    @dg.multi_asset(name="gathering", specs=[*specs, whole], check_specs=checks)
    def step(workspace: dg.ResourceParam[Workspace]) -> Iterator[dg.MaterializeResult[None] | dg.AssetCheckResult]:
        """Ask every feed that is due."""
        try:
            rounds = ask(workspace)
        except FeedsError as error:
            raise dg.Failure(str(error), allow_retries=False) from error
        known = {spec.key.path[-1]: spec.key for spec in specs}
        for done in rounds:
            if done.outcome == "failed":
                dg.get_dagster_logger().warning(f"feed {done.name}: {done.detail} ({done.reason})")
            elif done.name in known:  # else it was listed after Dagster was loaded
                yield dg.MaterializeResult(asset_key=known[done.name], metadata=_told(done))
        yield from _healths(workspace.settings, known)
        yield dg.MaterializeResult(asset_key=GATHERED, metadata=_summary(rounds))

    return step


def ask(workspace: Workspace) -> list[Round]:
    """Ask the feeds that are due, and keep what came of it.

    Raises:
        FeedsError: the list of feeds cannot be used.
    """
    settings = workspace.settings
    feeds = read(settings.feeds)
    if not feeds:
        return []
    from pipeline.ingest.fetch import Fetcher  # noqa: PLC0415 - without feeds nothing is fetched
    from pipeline.ingest.gather import gather  # noqa: PLC0415 - nor gathered

    with FeedStates(settings.feed_states) as states, Fetcher(politeness(settings)) as fetcher:
        return gather(feeds, states, settings.spool, fetcher, lambda: _moment(workspace.now()))


def _moment(now: datetime) -> datetime:
    return now.astimezone(UTC).replace(tzinfo=None)


def _told(done: Round) -> dict[str, int | float | str]:
    told = {"listed": done.listed, "articles": done.articles, "pages not had": done.failed, "seconds": done.seconds}
    return told | ({"detail": done.detail} if done.detail else {})


def _healths(settings: Settings, known: Mapping[str, dg.AssetKey]) -> Iterator[dg.AssetCheckResult]:
    """Yield how each feed does, also of those that were not asked this time."""
    if not known:
        return
    listed = {feed.name: feed.url for feed in _listed(settings)}
    with FeedStates(settings.feed_states) as states:
        for name, key in known.items():
            state = states.state(name, listed.get(name, ""))
            told: dict[str, int | str] = {"health": state.health, "failures": state.failures}
            if state.reason and state.detail:
                told |= {"reason": state.reason, "detail": state.detail}
            yield dg.AssetCheckResult(
                passed=state.failures == 0,
                asset_key=key,
                check_name=_CHECK,
                severity=dg.AssetCheckSeverity.WARN,
                metadata=told,
            )


def _summary(rounds: list[Round]) -> dict[str, int]:
    return {
        "feeds asked": len(rounds),
        "feeds that failed": sum(done.outcome == "failed" for done in rounds),
        "articles": sum(done.articles for done in rounds),
        "pages not had": sum(done.failed for done in rounds),
    }
