"""The report as a reader meets it: drawn in a real browser, filtered, followed to the sentence, and safe."""

from __future__ import annotations

import base64
import json
import re
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import axe_core_python
import dagster as dg
import duckdb
import pytest

from pipeline.assets.workspace import Workspace
from pipeline.refresh import instance, refresh
from pipeline.report import charts, data, page
from pipeline.settings import Settings
from pipeline.tables import FLOWS
from tests.browser import Browser, browser
from tests.newsroom import Clock
from tests.warehouses import ARTICLES, query, run, write_jsonl

HOSTILE = {
    "text": (
        "Defence Minister <img src=x onerror=window.owned=1> Olsen said on Monday that Norway would buy "
        "<script>window.owned=2</script> missiles for €3bn. “We are </script>"
        "<script>window.owned=3</script> ready 🚀,” Norwegian Prime Minister Ola Dahl said."
    ),
    "title": "</title><script>window.owned=4</script>",
    "source": "<b onmouseover=window.owned=5>Outlet</b>",
    "url": "javascript:window.owned=6",
    "published_on": "2025-03-01",
}
GERMANY = "The German government put the cost at 2 billion euros for 2026, while the ministry spoke of 3 billion euros."


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a published warehouse with articles, one of them hostile."""
    folder = tmp_path_factory.mktemp("report")
    texts = [
        {"text": text, "source": "The Test", "title": f"Article {n}", "url": f"https://example.org/{n}",
         "published_on": f"2025-0{n % 9 + 1}-10"}
        for n, text in enumerate([*ARTICLES, GERMANY])
    ]  # fmt: skip
    write_jsonl(folder / "in" / "a.jsonl", [*texts, HOSTILE])
    assert run(folder / "in", folder / "w").succeeded
    return folder / "w"


@pytest.fixture(scope="module", params=[1280, 390], ids=["desktop", "phone"])
def window(request: pytest.FixtureRequest, warehouse: Path) -> Iterator[Browser]:
    """Return a browser with the report open, at the width of a desk and of a phone."""
    with browser(request.param) as opened:
        opened.open(Settings(warehouse=warehouse).report_file)
        yield opened


def rows(window: Browser, table: str) -> list[str]:
    """Return the text of each row that a table shows."""
    found: list[str] = window.run(
        "return [...document.querySelectorAll(`#${arguments[0]} tbody tr`)].map(row => row.textContent)", table
    )
    return found


def choose(window: Browser, field: str, value: str) -> None:
    """Fill in a field as a reader does."""
    window.run(
        "const field = document.getElementById(arguments[0]); field.value = arguments[1];"
        "field.dispatchEvent(new Event('input')); field.dispatchEvent(new Event('change'))",
        field,
        value,
    )


def show_all(window: Browser) -> None:
    """Take back all filters."""
    window.run("document.getElementById('filters').reset()")
    choose(window, "words", "")


def click(window: Browser, mark: str) -> None:
    """Click in the middle of the first mark of a chart that a CSS selector finds."""
    window.run(
        "const mark = document.querySelector(arguments[0]); mark.scrollIntoView();"
        "const box = mark.getBoundingClientRect(), x = box.x + box.width / 2, y = box.y + box.height / 2;"
        "mark.dispatchEvent(new MouseEvent('click', {bubbles: true, clientX: x, clientY: y}))",
        mark,
    )


def test_a_refresh_writes_the_report(warehouse: Path) -> None:
    """The report is there after a refresh, names no address that it would load, and is not written twice."""
    settings = Settings(warehouse=warehouse)
    text = settings.report_file.read_text(encoding="utf-8")
    text = re.sub(r"(<script[^>]*>).*?</script>", r"\1", text, flags=re.DOTALL)
    assert text.count("<script") == 3
    assert not re.search(r"<(?:script|link|img|iframe)[^>]*\s(?:src|href)=", text)
    assert not page.write(settings).changed
    assert page.write(settings, warehouse / "other.html").changed


def test_there_must_be_tables_to_report_on(warehouse: Path, tmp_path: Path) -> None:
    """Nothing published, and a database of another version, are told in a word."""
    with pytest.raises(page.NoReport, match="nothing is published"):
        page.write(Settings(warehouse=tmp_path))
    shutil.copytree(warehouse, tmp_path / "w")
    (tmp_path / "w" / "communique.duckdb").unlink()
    duckdb.connect(str(tmp_path / "w" / "communique.duckdb")).close()
    with pytest.raises(page.NoReport, match="of another version"):
        page.write(Settings(warehouse=tmp_path / "w"), tmp_path / "page.html")


def test_it_is_drawn(window: Browser) -> None:
    """Every chart is drawn, the tables have rows, the page is not wider than the window, and nothing complains."""
    for chart in charts.ROWS:
        drawn = window.run("return document.querySelectorAll(`#chart-${arguments[0]} svg path`).length", chart)
        assert drawn > 3, chart
    assert len(rows(window, "statements")) >= 6 and len(rows(window, "spending")) >= 3
    assert window.run("return document.documentElement.scrollWidth <= window.innerWidth")
    assert window.complaints() == []


def test_filters_choose_rows(window: Browser) -> None:
    """An actor, a country or words leave the rows that have them, and the reset brings all back."""
    everything = rows(window, "statements")
    choose(window, "actor", "Anda Bite")
    chosen = rows(window, "statements")
    assert chosen and len(chosen) < len(everything) and all("Anda Bite" in row for row in chosen)
    window.run("document.getElementById('filters').reset()")
    choose(window, "country", "NOR")
    assert rows(window, "statements") != everything and any("Dahl" in row for row in rows(window, "statements"))
    window.run("document.getElementById('filters').reset()")
    choose(window, "words", "five YEARS")
    assert len(rows(window, "statements")) == 1
    assert "five YEARS" in window.run("return document.getElementById('state').textContent")
    show_all(window)
    assert rows(window, "statements") == everything


def test_a_row_leads_to_its_sentence(window: Browser) -> None:
    """A click on a statement opens its passage with speaker, cue and content marked, character for character."""
    choose(window, "words", "no time to lose")
    window.run("document.querySelector('#statements .open').click()")
    assert window.run("return document.getElementById('passage').open")
    marks = dict(
        window.run("return [...document.querySelectorAll('#passage-text mark')].map(m => [m.className, m.textContent])")
    )
    assert marks == {"content": "We have no time to lose", "speaker": "she", "cue": "said"}
    assert window.run("return document.querySelector('#passage-link a').href") == "https://example.org/0"
    window.run("document.getElementById('passage').close()")
    show_all(window)


def test_a_mark_of_a_chart_leads_to_its_rows(window: Browser) -> None:
    """A click on a bar of the countries leaves that country's sums of that kind."""
    click(window, "#chart-countries .mark-rect path")
    assert window.run("return document.getElementById('state').textContent").startswith("Shown: ")
    assert rows(window, "spending")
    show_all(window)


@pytest.mark.parametrize("chart", ["months", "coverage"])
def test_a_point_in_time_leads_to_its_statements(window: Browser, chart: str) -> None:
    """A click on a point leaves the statements of its month, and of its actor or source."""
    click(window, f"#chart-{chart} .mark-symbol path")
    state = window.run("return document.getElementById('state').textContent")
    month = re.search(r"\d{4}-\d\d", state)
    assert month and rows(window, "statements"), state
    assert all(row.startswith(month[0]) for row in rows(window, "statements"))
    show_all(window)


def test_an_arrow_of_the_graph_leads_to_its_statements(window: Browser) -> None:
    """A click on an arrow leaves what the one said about the other."""
    click(window, "#chart-graph .mark-path path")
    assert " about " in window.run("return document.getElementById('state').textContent")
    assert rows(window, "statements")
    show_all(window)


def test_nothing_in_a_document_is_executed(window: Browser) -> None:
    """Markup, scripts and addresses in text, title, source and URL are shown as text, and lead nowhere."""
    choose(window, "words", "ready")
    window.run("[...document.querySelectorAll('#statements .open, #spending .open')].forEach(button => button.click())")
    about = window.run("return document.getElementById('passage-about').textContent")
    assert HOSTILE["title"] in about and HOSTILE["source"] in about
    assert "🚀" in window.run("return document.getElementById('passage-text').textContent")
    assert window.run("return document.querySelectorAll('#passage-link a, #passage-text img, table img').length") == 0
    assert window.run("return window.owned ?? null") is None
    window.run("document.getElementById('passage').close()")
    assert window.complaints() == []


def test_basics_of_access(window: Browser) -> None:
    """Headings go down by one, fields have labels, header cells a scope, charts a description, buttons a name."""
    levels = window.run("return [...document.querySelectorAll('main h2, h1')].map(h => +h.tagName[1])")
    assert levels[0] == 1 and set(levels[1:]) == {2}
    assert window.run("return [...document.querySelectorAll('main input, main select')].every(f => f.labels.length)")
    assert window.run("return [...document.querySelectorAll('th')].every(th => th.scope === 'col')")
    drawn = window.run("return [...document.querySelectorAll('.chart svg')].map(svg => svg.outerHTML)")
    assert len(drawn) == len(charts.ROWS) and all("aria-label" in chart for chart in drawn)
    assert window.run("return [...document.querySelectorAll('button')].every(button => button.textContent.trim())")


def test_axe_finds_nothing_serious(window: Browser) -> None:
    """axe-core finds no serious breach of accessibility, neither in the page nor in an open passage."""
    window.run((Path(axe_core_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8"))
    for opened in (False, True):
        if opened:
            window.run("document.querySelector('#statements .open').click()")
        found = window.run_async("axe.run().then(found => arguments[0](found.violations))")
        assert [f"{one['id']}: {one['help']}" for one in found if one["impact"] in ("serious", "critical")] == []
    window.run("document.getElementById('passage').close()")


def test_the_same_charts_are_in_dagster(warehouse: Path) -> None:
    """Each chart of the page is an image in Markdown for Dagster; with no rows there is a word instead."""
    found = data.collect(warehouse / "communique.duckdb")
    for name, query_name in charts.ROWS.items():
        shown = charts.markdown(name, found)
        start, _, packed = shown.rstrip(")").partition("base64,")
        assert start == f"![{name}](data:image/svg+xml;"
        image = base64.b64decode(packed).decode()
        assert image.startswith("<svg") and image.count("<path") > 3 and "NaN" not in image
        assert charts.markdown(name, found | {query_name: []}) == "nothing to draw yet"


def test_dagster_is_given_the_charts_once_a_day(tmp_path: Path) -> None:
    """The first change of a day brings them, further ones do not: Dagster keeps all that it is given."""
    clock = Clock(datetime(2025, 6, 1, 9, tzinfo=UTC))
    settings = Settings(inboxes=(tmp_path / "in",), warehouse=tmp_path / "w")
    plots = []
    for hour, text in enumerate(ARTICLES[:3]):
        write_jsonl(tmp_path / "in" / f"{hour}.jsonl", [{"text": text, "published_on": "2025-05-01"}])
        clock.now += timedelta(hours=8)
        assert refresh(Workspace(settings, now=clock)).errors == []
        with instance(settings.warehouse) as opened:
            (last,) = opened.fetch_materializations(dg.AssetKey("report"), limit=1).records
        shown = last.asset_materialization
        assert shown is not None
        plots.append(sum(name.startswith("plot ") for name in shown.metadata))
    assert plots == [len(charts.ROWS), len(charts.ROWS), 0]  # 17:00 and, on the next day, 1:00 and 9:00


def test_colours_are_by_the_kinds_of_spending() -> None:
    """The specifications name the flows that there are, so that a kind has one colour in all charts."""
    for name in ("countries", "sums"):
        text = json.dumps(charts.specifications()[name])
        assert text.count(json.dumps({"domain": list(FLOWS), "scheme": "tableau10"})) == text.count('"domain"') > 0


def collected(database: Path) -> dict[str, Any]:
    """Return what the page holds, its columns as rows."""
    found = data.collect(database)
    for name in ("statements", "spending"):
        columns = json.loads(found[name])
        found[name] = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    return found


def test_the_page_holds_what_fits(warehouse: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All sums and the newest statements go in, each in its passage, until the page is full."""
    found = collected(warehouse / "communique.duckdb")
    whole = len(found["statements"])
    for row in [*found["statements"], *found["spending"]]:
        text = found["passages"][row["passage"]]
        for spans in filter(None, row["spans"].values()):
            assert all(0 <= start < end <= len(text) for start, end in spans)
    amounts = {
        (row["spending_id"], found["passages"][row["passage"]][slice(*row["spans"]["amount"][0])])
        for row in found["spending"]
    }
    assert amounts == set(query(warehouse, "SELECT spending_id, amount_text FROM defence_spending"))
    monkeypatch.setattr(data, "MOST_CHARACTERS", 1_500)
    less = collected(warehouse / "communique.duckdb")
    assert 0 < len(less["statements"]) < whole and len(less["spending"]) == len(found["spending"])
    days = [row["published_on"] for row in less["statements"]]
    assert days == sorted(days, reverse=True) and days[0] == max(row["published_on"] for row in found["statements"])
