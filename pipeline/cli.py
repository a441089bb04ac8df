"""The command line: `communique refresh`, `sql`, `report`, `status`, `ui`, `rollback`. `./run` calls it.

Exit status: 0 done; 1 a step or a blocking check failed (the old tables stay); 2 wrong usage. Tables and answers go to
standard output, progress and errors to standard error. Nothing is computed here.
"""

from __future__ import annotations

import errno
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table as RichTable

from pipeline import __version__
from pipeline.settings import SettingError, Settings

FAILED, USAGE = 1, 2

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Raw news text in, a warehouse out: who said what, and who pays how much for defence.",
)
err = Console(stderr=True, highlight=False, soft_wrap=True)
out = Console(highlight=False, soft_wrap=True)

WarehouseOption = Annotated[
    Path | None,
    typer.Option("--warehouse", help="Folder of the warehouse.", envvar="COMMUNIQUE_WAREHOUSE", metavar="DIR"),
]


class Format(StrEnum):
    """How answers are written."""

    table = "table"
    csv = "csv"
    json = "json"
    parquet = "parquet"
    xlsx = "xlsx"


class Engine(StrEnum):
    """Where batches are extracted."""

    local = "local"
    dask = "dask"


def fail(message: str, status: int = FAILED) -> typer.Exit:
    """Print one clear line and return the exit to raise."""
    err.print(f"[bold red]error:[/] {escape(message)}")
    return typer.Exit(status)


def _settings(warehouse: Path | None) -> Settings:
    try:
        settings = Settings.from_environment()
    except SettingError as error:
        raise fail(str(error), USAGE) from error
    return settings if warehouse is None else replace(settings, warehouse=warehouse.expanduser().resolve())


def _check_schedule(settings: Settings) -> None:
    from dagster._utils.schedules import is_valid_cron_schedule  # noqa: PLC0415 - only this command needs it

    if not is_valid_cron_schedule(settings.schedule):
        raise fail(
            f"COMMUNIQUE_SCHEDULE={settings.schedule!r} is no cron expression such as '0 * * * *'; "
            "unset it to refresh every hour",
            USAGE,
        )


def _check_lists(settings: Settings) -> None:
    """Turn away what the user wrote by hand and cannot be meant, before anything is made."""
    from pipeline import corrections  # noqa: PLC0415 - only this command needs it
    from pipeline.ingest import feeds  # noqa: PLC0415 - only this command needs it

    try:
        corrections.read(settings.corrections)
        feeds.read(settings.feeds)
    except (corrections.CorrectionError, feeds.FeedsError) as error:
        raise fail(str(error), USAGE) from error


def _show_version(value: bool) -> None:
    if value:
        print(f"communique {__version__}")
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Raw news text in, a warehouse out."""


@contextmanager
def _progress(quiet: bool) -> Iterator[tuple[object, object]]:
    """Yield two callbacks, expect(total) and advance(by), that draw a bar with documents/s and time left."""
    if quiet:
        yield (lambda _: None), (lambda _: None)
        return
    from rich.progress import (  # noqa: PLC0415 - only this command needs it
        BarColumn,
        MofNCompleteColumn,
        Progress,
        ProgressColumn,
        SpinnerColumn,
        Task,
        TextColumn,
        TimeRemainingColumn,
    )
    from rich.text import Text  # noqa: PLC0415 - only this command needs it

    class Speed(ProgressColumn):
        def render(self, task: Task) -> Text:
            return Text(f"{task.speed or 0:.1f} documents/s")

    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        Speed(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=err, transient=True) as bar:
        task = bar.add_task("reading the inbox", total=None)

        def expect(total: int) -> None:
            bar.update(task, description="reading documents", total=max(total, 1), completed=0 if total else 1)

        def advance(by: int) -> None:
            bar.advance(task, by)
            if bar.tasks[0].finished:
                bar.update(task, description="building and checking the tables")

        yield expect, advance


def _check_folders(settings: Settings) -> None:
    """Turn away what cannot be a refresh before anything is made."""
    for inbox in settings.inboxes:
        if not inbox.is_dir():
            raise fail(f"the inbox {inbox} is missing or no folder; give one with --inbox DIR", USAGE)
    warehouse = settings.warehouse
    if warehouse.exists() and not warehouse.is_dir():
        raise fail(f"the warehouse {warehouse} is a file; give a folder with --warehouse DIR", USAGE)
    if warehouse.is_dir() and not (warehouse / "dagster").is_dir():
        strange = [
            path.name for path in warehouse.iterdir() if path.name not in ("README.md", ".gitkeep", "refresh.lock")
        ]
        if strange:
            raise fail(
                f"{warehouse} is no warehouse: it holds {', '.join(sorted(strange)[:3])}; "
                "give an empty or new folder with --warehouse DIR",
                USAGE,
            )
    try:
        warehouse.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise fail(
            f"the warehouse {warehouse} cannot be made: {error.strerror}; give another folder with --warehouse DIR",
            USAGE,
        ) from error


@app.command()
def refresh(  # noqa: PLR0917 - its options
    inbox: Annotated[
        list[Path] | None, typer.Option("--inbox", help="Folder with documents; may be given again.", metavar="DIR")
    ] = None,
    warehouse: WarehouseOption = None,
    jobs: Annotated[
        int | None, typer.Option("--jobs", min=1, help="Processes that read documents.", metavar="N")
    ] = None,
    engine: Annotated[Engine | None, typer.Option("--engine", help="Where documents are read.")] = None,
    scheduler: Annotated[
        str | None,
        typer.Option("--scheduler", help="Dask's scheduler, tcp://HOST:8786; it reads documents.", metavar="ADDRESS"),
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress; only errors and the tables.")] = False,
) -> None:
    """Read the inboxes, extract, build, audit and publish."""
    settings = _settings(warehouse)
    if inbox:  # these and nothing else, unless feeds are named as well
        settings = replace(settings, inboxes=tuple(path.expanduser().resolve() for path in inbox))
        if not os.environ.get("COMMUNIQUE_FEEDS", "").strip():
            settings = replace(settings, feeds=Path(os.devnull))
    if jobs:
        settings = replace(settings, jobs=jobs)
    if scheduler and engine == Engine.local:
        raise fail("--scheduler is the address of a Dask cluster; leave --engine local out, or --scheduler", USAGE)
    if engine:
        settings = replace(settings, engine=engine.value)
    if scheduler:
        settings = replace(settings, engine=Engine.dask.value, dask_scheduler=scheduler)
    _check_folders(settings)
    _check_schedule(settings)
    _check_lists(settings)
    from sqlalchemy.exc import DBAPIError  # noqa: PLC0415 - only this command needs it

    from pipeline.assets.workspace import Workspace  # noqa: PLC0415 - Dagster takes a second to import
    from pipeline.refresh import refresh as run_refresh  # noqa: PLC0415 - only this command needs it
    from pipeline.store import publish  # noqa: PLC0415 - only this command needs it

    before = publish.current(settings)
    with _progress(quiet) as (expect, advance):
        try:
            outcome = run_refresh(Workspace(settings, expect, advance))  # type: ignore[arg-type]
        except (OSError, DBAPIError) as error:  # the second from Dagster's own records, which are in SQLite
            raise fail(_disk_error(error, settings)) from error
    if not outcome.succeeded:
        for message in outcome.errors or ["the refresh failed; ./run ui shows the run"]:
            err.print(f"[bold red]error:[/] {escape(_full_disk(message, settings) or message)}")
        if publish.current(settings) == before:
            err.print("Nothing was published; the tables of the last good refresh stay as they were.")
        else:
            err.print(f"The tables in {settings.warehouse} are published all the same.")
        raise typer.Exit(FAILED)
    after = publish.current(settings)
    assert after is not None
    old = before.rows if before else {}
    table = RichTable("table", "rows", "change", box=None, header_style="bold")
    table.columns[1].justify = table.columns[2].justify = "right"
    for name, rows in after.rows.items():
        difference = rows - old.get(name, 0)
        table.add_row(name, f"{rows:,}", f"{difference:+,}" if difference else "=")
    out.print(table)
    if after.failed_checks and not quiet:
        err.print(f"warnings: {', '.join(after.failed_checks)}  (SELECT * FROM data_quality WHERE NOT passed)")
    if not quiet:
        out.print('\nAsk:     ./run sql "SELECT speaker_text, content FROM statements LIMIT 5"')
        out.print(f"See:     {settings.report_file}  (open it in a browser)")
        out.print("Look:    ./run ui          (lineage, checks, schedule, in the browser)")
        out.print(f"Open:    {settings.database}  (DuckDB; the tables as Parquet in tables/)")


def _disk_error(error: Exception, settings: Settings) -> str:
    reason = (error.strerror if isinstance(error, OSError) else None) or str(error).splitlines()[0]
    place = (error.filename if isinstance(error, OSError) else None) or settings.warehouse
    return _full_disk(str(error), settings) or f"{place} cannot be written: {reason}"


def _full_disk(message: str, settings: Settings) -> str | None:
    """Return what to say where a message tells of a full disk: the system's words, or those of SQLite."""
    told = os.strerror(errno.ENOSPC) in message or "disk is full" in message
    # Where SQLite cannot grow its journal it only speaks of an I/O error.
    if not told and not ("disk I/O error" in message and shutil.disk_usage(settings.warehouse).free < 1_000_000):
        return None
    return f"the disk of {settings.warehouse} is full; free some space and refresh again: it goes on where it stopped"


# A question may begin with a comment, "-- Who …?", which is no option.
@app.command(context_settings={"ignore_unknown_options": True})
def sql(
    query: Annotated[str, typer.Argument(help="One SELECT.", metavar="QUERY")],
    warehouse: WarehouseOption = None,
    format_: Annotated[Format, typer.Option("--format", help="How to write the answer.")] = Format.table,
    output: Annotated[Path | None, typer.Option("--out", help="File to write to.", metavar="FILE")] = None,
) -> None:
    """Ask the published tables, read-only."""
    from pipeline import query as asking  # noqa: PLC0415 - only this command needs it

    settings = _settings(warehouse)
    try:
        asking.answer(settings.database, query, format_.value, output)
    except asking.QueryError as error:
        raise fail(str(error), error.status) from error
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@app.command()
def report(
    warehouse: WarehouseOption = None,
    output: Annotated[Path | None, typer.Option("--out", help="File to write to.", metavar="FILE")] = None,
) -> None:
    """Write one HTML page to look at: who said what, who pays how much, where sources disagree."""
    from pipeline.report import page  # noqa: PLC0415 - only this command needs it

    settings = _settings(warehouse)
    try:
        written = page.write(settings, output)
    except page.NoReport as error:
        raise fail(str(error)) from error
    except OSError as error:
        raise fail(f"{output or settings.report_file} cannot be written: {error.strerror}", USAGE) from error
    out.print(f"{written.path}  ({written.size / 1e6:.1f} MB; open it in a browser)")


@app.command()
def status(warehouse: WarehouseOption = None) -> None:
    """Show the last refresh: when, how long, rows, failed checks; how the last run ended, and how feeds do."""
    from pipeline.store import publish  # noqa: PLC0415 - only this command needs it

    settings = _settings(warehouse)
    release = publish.current(settings)
    if release is None:
        raise fail(f"nothing is published in {settings.warehouse}; run ./run refresh")
    out.print(f"published  {release.published_at[:19].replace('T', ' ')} UTC")
    out.print(f"duration   {release.seconds:.1f} s")
    out.print(f"release    {release.release_id}")
    out.print(f"rows       {sum(release.rows.values()):,}")
    for name, rows in release.rows.items():
        out.print(f"           {rows:>9,}  {name}")
    out.print(f"failed checks  {', '.join(release.failed_checks) or 'none'}")
    _show_run(settings)
    _show_feeds(settings)
    _show_corrections(settings)


def _show_run(settings: Settings) -> None:
    """Tell how the last run of Dagster ended, whoever started it: it may have failed since the last publish."""
    from pipeline.refresh import last_run  # noqa: PLC0415 - Dagster takes a second to import

    run = last_run(settings.warehouse)
    if run is None:
        return
    took = f" after {run.seconds:.1f} s" if run.seconds is not None else ""
    out.print(f"last run       {run.status}{took}, started {run.started or 'not yet'}")


def _show_feeds(settings: Settings) -> None:
    """List the feeds with their health at this moment."""
    from pipeline.ingest import feeds  # noqa: PLC0415 - only this command needs it
    from pipeline.store.feed_state import FeedStates  # noqa: PLC0415 - only this command needs it

    try:
        known = feeds.read(settings.feeds)
    except feeds.FeedsError as error:
        raise fail(str(error)) from error
    out.print(f"feeds          {len(known) or 'none'}{f' in {settings.feeds}' if known else ''}")
    if not known:
        return
    with FeedStates(settings.feed_states) as states:
        for feed in known:
            state = states.state(feed.name, feed.url)
            health, articles = states.week(state, feed.expected_per_day)
            told = f"{health}, {articles:,} articles in a week"
            if state.last_answer:
                told += f", answered {state.last_answer:%Y-%m-%d %H:%M}"
            if state.reason:
                told += f", {state.failures} failures: {state.detail} ({state.reason})"
            if state.paused:
                told += f"; ./run feeds --resume {feed.name}"
            out.print(escape(f"               {feed.name}: {told}"))


def _show_corrections(settings: Settings) -> None:
    """List what the user's file corrects, and in how many of the published documents it tells."""
    from pipeline import corrections, query  # noqa: PLC0415 - only this command needs it

    try:
        found = corrections.read(settings.corrections)
    except corrections.CorrectionError as error:
        raise fail(str(error)) from error
    try:
        told = query.rows(settings.database, "SELECT line, actor_id, document_count FROM actor_corrections")
    except query.QueryError:  # published by a version that knew no corrections
        told = []
    counts = {(line, actor_id): documents for line, actor_id, documents in told}
    out.print(f"corrections    {len(found) or 'none'}{f' in {settings.corrections}' if found else ''}")
    for one in found:
        documents = counts.get((one.line, one.actor_id))
        tells = "not published yet" if documents is None else f"{documents:,} documents"
        out.print(escape(f"               line {one.line}: {one} ({tells}){f': {one.because}' if one.because else ''}"))


@app.command()
def feeds(
    check: Annotated[
        str | None, typer.Option("--check", help="Ask one feed, show what it lists, keep nothing.", metavar="NAME")
    ] = None,
    resume: Annotated[
        str | None, typer.Option("--resume", help="Let a paused feed be asked again.", metavar="NAME")
    ] = None,
    warehouse: WarehouseOption = None,
) -> None:
    """List the feeds with their health, try one, or resume one that was paused."""
    from pipeline.ingest.feeds import FeedsError, read  # noqa: PLC0415 - only this command needs it

    settings = _settings(warehouse)
    if check is None and resume is None:
        _show_feeds(settings)
        return
    try:
        known = {feed.name: feed for feed in read(settings.feeds)}
    except FeedsError as error:
        raise fail(str(error), USAGE) from error
    name = check or resume or ""
    if name not in known:
        raise fail(f"{settings.feeds.name} has no feed {name!r}; it has {', '.join(known) or 'none'}", USAGE)
    if resume is not None:
        from pipeline.store.feed_state import FeedStates  # noqa: PLC0415 - only this command needs it

        with FeedStates(settings.feed_states) as states:
            states.resume(name)
        out.print(f"{name} is asked again with the next refresh")
        return
    from pipeline.assets.gathering import politeness  # noqa: PLC0415 - Dagster takes a second to import
    from pipeline.ingest.fetch import Fetcher, FetchError  # noqa: PLC0415 - only this command needs it
    from pipeline.ingest.syndication import NotAFeed, parse  # noqa: PLC0415 - only this command needs it

    try:
        with Fetcher(politeness(settings)) as fetcher:
            answer = fetcher.get(known[name].url)
        channel = parse(answer.content, answer.content_type, answer.url)
    except FetchError as error:
        raise fail(str(error)) from error
    except NotAFeed as error:
        raise fail(f"{known[name].url}: {error.detail} ({error.reason})") from error
    out.print(escape(f"{channel.kind}: {channel.title or 'no title'}, {len(channel.entries)} articles"))
    for entry in channel.entries[:10]:
        day = entry.published or entry.updated
        out.print(escape(f"  {day.date() if day else 'no day    '}  {entry.title or entry.guid}"))


@app.command()
def rollback(warehouse: WarehouseOption = None) -> None:
    """Put the tables of the publish before the last one back in place."""
    from pipeline.store import publish  # noqa: PLC0415 - only this command needs it
    from pipeline.store.files import Busy, lock  # noqa: PLC0415 - only this command needs it

    settings = _settings(warehouse)
    if not settings.warehouse.is_dir():
        raise fail(f"there is no warehouse in {settings.warehouse}; run ./run refresh")
    try:
        with lock(settings.warehouse / "refresh.lock", settings.lock_wait):
            release = publish.rollback(settings)
    except (Busy, publish.NoRelease) as error:
        raise fail(str(error)) from error
    out.print(
        f"back to the release of {release.published_at[:19].replace('T', ' ')} UTC: {sum(release.rows.values()):,} rows"
    )


@app.command()
def ui(
    port: Annotated[int, typer.Option("--port", min=1, max=65535, help="Port on localhost.")] = 3000,
    warehouse: WarehouseOption = None,
) -> None:
    """Open Dagster on localhost: lineage, checks, runs, schedule and sensor."""
    settings = _settings(warehouse)
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise fail(f"port {port} is in use; end what uses it, or give another with --port N", USAGE) from error
    _check_schedule(settings)
    from pipeline.refresh import home  # noqa: PLC0415 - only this command needs it

    environment = os.environ | {
        "DAGSTER_HOME": str(home(settings.warehouse)),
        "COMMUNIQUE_WAREHOUSE": str(settings.warehouse),
        "COMMUNIQUE_LOCK_WAIT": os.environ.get("COMMUNIQUE_LOCK_WAIT", "600"),
    }
    out.print(f"Dagster is starting on http://127.0.0.1:{port}  (Ctrl-C ends it)")
    command = [sys.executable, "-m", "dagster", "dev", "-m", "pipeline.definitions", "-h", "127.0.0.1", "-p", str(port)]
    if os.name == "posix":  # in this process's place, so that what ends it ends Dagster too
        sys.stdout.flush()
        os.execve(sys.executable, command, environment)
    try:
        raise typer.Exit(subprocess.call(command, env=environment))
    except KeyboardInterrupt:
        raise typer.Exit(0) from None


def main() -> None:
    """Run the command line."""
    app()


if __name__ == "__main__":
    main()
