"""The report's page: data, style, scripts and chart library put into one HTML file that needs no network.

Text of documents enters it as packed data alone, and is only ever shown as text (`report.js`). What the page holds is
decided in `data`.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import html
import time
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import duckdb

from pipeline import query
from pipeline.report import charts, data
from pipeline.settings import Settings
from pipeline.store import publish
from pipeline.store.files import write_bytes

HERE = Path(__file__).resolve().parent
_MARK = "<!-- report of "


class NoReport(RuntimeError):
    """There is nothing to report on; the message says what to do."""


@dataclass(frozen=True)
class Written:
    """A report that was written, or found to be there already."""

    path: Path
    size: int  # bytes
    seconds: float
    found: dict[str, Any] | None = None  # what `data.collect` found, where the page was written anew

    @property
    def changed(self) -> bool:
        """Return whether the page was written anew."""
        return self.found is not None


def write(settings: Settings, out: Path | None = None) -> Written:
    """Write the report of the published tables, unless the one that is there is of them.

    Raises:
        NoReport: nothing is published, or what is published cannot be read.
        OSError: the file cannot be written.
    """
    start = time.monotonic()
    release = publish.current(settings)
    if release is None or not settings.database.is_file():
        raise NoReport(f"nothing is published in {settings.warehouse}; run ./run refresh")
    target = out or settings.report_file
    mark = f"{_MARK}{release.release_id} by {_version()} -->"
    if target.is_file():
        with target.open(encoding="utf-8") as file:
            if mark in file.read(200):
                return Written(target, target.stat().st_size, time.monotonic() - start)
    try:
        found = data.collect(settings.database)
    except (query.QueryError, duckdb.Error) as error:
        raise NoReport(f"{settings.database} is damaged or of another version; ./run refresh makes it anew") from error
    page = render(found | {"published": release.published_at[:16].replace("T", " ")}, mark)
    target.parent.mkdir(parents=True, exist_ok=True)
    write_bytes(target, page.encode())
    return Written(target, target.stat().st_size, time.monotonic() - start, found)


def render(found: dict[str, object], mark: str = "") -> str:
    """Return the page for what `data.collect` found."""
    whole = found | {"charts": charts.specifications()}
    packed = base64.b64encode(gzip.compress(data.as_json(whole).encode(), 6, mtime=0)).decode()
    parts = {
        "MARK": mark,
        "STYLE": _file("report.css"),
        "LIBRARY": _library(),
        "DATA": packed,
        "SCRIPT": _file("report.js"),
        "PUBLISHED": html.escape(str(found.get("published", ""))),
    }
    page = _file("report.html")
    for name, text in parts.items():
        page = page.replace(f"@{name}@", text, 1)
    return page


def _file(name: str) -> str:
    return (HERE / name).read_text(encoding="utf-8")


@cache
def _library() -> str:
    """Return Vega, Vega-Lite and Vega-Embed as one script, fit for an HTML page."""
    import vl_convert  # noqa: PLC0415 - large, and a report that is up to date needs none

    script = vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;", vl_version=charts.VEGA_LITE)
    return script.replace("</script", "<\\/script").replace("<!--", "<\\!--")


@cache
def _version() -> str:
    """Return a hash of all that decides how the page looks."""
    digest = hashlib.sha256(version("vl-convert-python").encode())
    files = [*sorted(HERE.glob("report.*")), *sorted(HERE.glob("*.py")), *sorted(charts.FOLDER.glob("*.json"))]
    files += sorted(data.FOLDER.glob("*.sql"))
    for file in files:
        digest.update(file.name.encode() + file.read_bytes())
    return digest.hexdigest()[:12]
