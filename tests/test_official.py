"""Official expenditure from the files of its publishers, and what is said of a file that is none of them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from openpyxl import Workbook

from pipeline.official import DOLLARS, SHARE, OfficialError, fetch, overlaid, read
from tests.warehouses import query, run, write_jsonl

HEAD = "iso3,year,share_of_gdp,usd,source\n"


def bank(country: str, year: str, value: float | None, indicator: str) -> dict[str, object]:
    """Return a row as the World Bank's API gives it."""
    return {"indicator": {"id": indicator}, "countryiso3code": country, "date": year, "value": value}


def sipri(path: Path) -> Path:
    """Write a spreadsheet in the form of SIPRI's: notes above, a heading row, fractions and millions."""
    book = Workbook()
    share = book.active
    share.title = "Share of GDP"
    for row in (
        ["Military expenditure by country"], [], ["Country", "Notes", 2022, 2023], ["Europe"],
        ["Norway", "", 0.0145, 0.0161], ["Germany", 3, "...", 0.0152], ["Yugoslavia", "", "xxx", "xxx"],
    ):  # fmt: skip
        share.append(row)
    dollars = book.create_sheet("Current US$")
    for row in (["Figures in US$ m."], ["Country", "Notes", 2022, 2023], ["Norway", "", 8388.3, 8670]):
        dollars.append(row)
    book.save(path)
    return path


def test_each_form_is_read(tmp_path: Path) -> None:
    """JSON and CSV of the World Bank, SIPRI's spreadsheet and a plain CSV give the same kind of rows."""
    shares = [bank("NOR", "2023", 1.61, SHARE), bank("NOR", "2022", None, SHARE), bank("WLD", "2023", 2.3, SHARE)]
    dollars = [bank("NOR", "2023", 8.67e9, DOLLARS), bank("NOR", "2023", 5.5e6, "SP.POP.TOTL")]
    pages = [[{"page": 1}, shares], [{"page": 1}, dollars]]
    (tmp_path / "a.json").write_text(json.dumps(pages), encoding="utf-8")
    (tmp_path / "one.json").write_text(json.dumps(pages[0]), encoding="utf-8")
    (tmp_path / "b.csv").write_text(
        '"Data Source","World Development Indicators"\n\n"Country Name","Country Code","Indicator Name",'
        f'"Indicator Code","2022","2023",\n"Norway","NOR","Military expenditure","{SHARE}","","1.61",\n',
        encoding="utf-8-sig",
    )
    (tmp_path / "c.csv").write_text(f"{HEAD}NOR,2023,1.61,,The ministry\n", encoding="utf-8")
    both = {"iso3": "NOR", "year": 2023, "share_of_gdp": 1.61, "usd": 8.67e9, "source": "World Bank (a.json)"}
    assert read(tmp_path / "a.json") == [both]
    assert read(tmp_path / "one.json") == [both | {"usd": None, "source": "World Bank (one.json)"}]
    assert read(tmp_path / "b.csv") == [both | {"usd": None, "source": "World Bank (b.csv)"}]
    assert read(tmp_path / "c.csv") == [both | {"usd": None, "source": "The ministry"}]
    found = read(sipri(tmp_path / "d.xlsx"))
    assert [(row["iso3"], row["year"], row["share_of_gdp"], row["usd"]) for row in found] == [
        ("DEU", 2023, pytest.approx(1.52), None),
        ("NOR", 2022, pytest.approx(1.45), pytest.approx(8388.3e6)),
        ("NOR", 2023, pytest.approx(1.61), 8670e6),
    ]


def nato(path: Path) -> Path:
    """Write a spreadsheet in the form of NATO's: blocks of current and constant prices, one below the other."""
    book = Workbook()
    book.active.title = "Table 1"
    tables = {
        "Table 1": ("Defence expenditure", "Million national currency units",
                    {"Current prices": [70000, 80000], "Constant 2021 prices": [60000, 61000]}),
        "Table 2": ("Defence expenditure", "Million US dollars",
                    {"Current prices and exchange rates": [8388.3, 8670],
                     "Constant 2021 prices and exchange rates": [7000, 7100]}),
        "Table 3": ("Defence expenditure as a share of GDP and annual real change", "Based on 2021 prices",
                    {"Share of real GDP (%)": [1.45, 1.61], "Annual real change (%)": [3, 4]}),
        "Table 5": ("Gross domestic product", "Million US dollars",
                    {"Current prices and exchange rates": [590000, 480000]}),
    }  # fmt: skip
    for name, (title, unit, blocks) in tables.items():
        sheet = book[name] if name in book.sheetnames else book.create_sheet(name)
        for line in ([f"{name} : {title}"], [unit], []):
            sheet.append(line)
        for heading, (first, second) in blocks.items():
            for line in (
                [None, heading], [None, 2022, "2023e"], ["Belgium*", "..", second + 1], ["Norway", first, second],
                ["NATO Europe and Canada", 300000, 310000], ["NATO Total", 900000, 910000], [],
            ):  # fmt: skip
                sheet.append(line)
        sheet.append(["Notes: figures for 2023 are estimates."])
    book.save(path)
    return path


def test_the_spreadsheet_of_nato_is_read(tmp_path: Path) -> None:
    """Of its blocks those in current dollars and in percent of GDP count, estimates too; totals are no state."""
    found = read(nato(tmp_path / "n.xlsx"))
    assert [(row["iso3"], row["year"], row["share_of_gdp"], row["usd"]) for row in found] == [
        ("BEL", 2023, pytest.approx(2.61), 8671e6),
        ("NOR", 2022, 1.45, pytest.approx(8388.3e6)),
        ("NOR", 2023, 1.61, 8670e6),
    ]
    assert {row["source"] for row in found} == {"NATO (n.xlsx)"}


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("Korea, South", "KOR"), ("Korea, North", "PRK"), ("Congo, Republic", "COG"), ("Congo, DR", "COD"),
        ("Gambia, The", "GMB"), ("Kyrgyz Republic", "KGZ"), ("Timor Leste", "TLS"), ("Trinidad & Tobago", "TTO"),
        ("United States of America", "USA"), ("Viet Nam", "VNM"), ("Türkiye", "TUR"), ("Albania (Leks)", "ALB"),
    ],
)  # fmt: skip
def test_states_are_known_by_the_names_that_publishers_use(tmp_path: Path, name: str, code: str) -> None:
    """A name turned round, a note, a currency in brackets: each is the state that it names."""
    book = Workbook()
    book.active.title = "Share of GDP"
    for row in (["Country", "Notes", 2023], [name, "", 0.02]):
        book.active.append(row)
    book.save(tmp_path / "s.xlsx")
    assert [(row["iso3"], row["share_of_gdp"]) for row in read(tmp_path / "s.xlsx")] == [(code, 2.0)]


@pytest.mark.parametrize("name", ["Yemen, North", "USSR", "North America", "NATO Europe and Canada", "Europe"])
def test_regions_and_past_states_are_no_state(tmp_path: Path, name: str) -> None:
    """A part of a name is not the name."""
    book = Workbook()
    book.active.title = "Share of GDP"
    for row in (["Country", "Notes", 2023], ["Norway", "", 0.01], [name, "", 0.02]):
        book.active.append(row)
    book.save(tmp_path / "s.xlsx")
    assert [row["iso3"] for row in read(tmp_path / "s.xlsx")] == ["NOR"]


@pytest.fixture
def server() -> Iterator[tuple[str, dict[str, bytes]]]:
    """Return the address of a web server, and what it answers by indicator; what is missing is not found."""
    answers: dict[str, bytes] = {}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found = answers.get(self.path.strip("/"))
            self.send_response(404 if found is None else 200)
            self.end_headers()
            self.wfile.write(found or b"")

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    running = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=running.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{running.server_address[1]}/{{indicator}}", answers
    running.shutdown()
    running.server_close()


def test_the_series_is_fetched_where_it_is_turned_on(tmp_path: Path, server: tuple[str, dict[str, bytes]]) -> None:
    """It is fetched once a month and goes before ours; a server that fails ends no refresh and loses nothing."""
    address, answers = server
    text = "Norway will spend 2.1% of GDP on defence in 2031, Defence Minister Tore Sandvik said."
    write_jsonl(tmp_path / "in" / "a.jsonl", [{"text": text, "published_on": "2031-01-10"}])
    asked = "SELECT official, official_source FROM spending_vs_official"

    def refresh(**settings: object) -> list[tuple[object, ...]]:
        assert run(tmp_path / "in", tmp_path / "w", world_bank_address=address, **settings).errors == []
        return query(tmp_path / "w", asked)

    ours = refresh()
    assert refresh(world_bank=True) == ours  # not found
    answers[SHARE] = json.dumps([{}, [bank("NOR", "2031", 2.0, SHARE)]]).encode()
    answers[DOLLARS] = b"<html>"
    assert refresh(world_bank=True) == ours  # one answer is no indicator, so neither counts
    answers[DOLLARS] = json.dumps([{}, []]).encode()
    assert refresh(world_bank=True) == [(2.0, "World Bank (world-bank.json) (2031)")]
    answers.clear()
    assert refresh(world_bank=True) == [(2.0, "World Bank (world-bank.json) (2031)")]
    assert refresh() == ours


def test_only_the_web_is_fetched(tmp_path: Path) -> None:
    """An address of a file is refused, and so is a server that is not there."""
    with pytest.raises(OfficialError, match="no address of the web"):
        fetch("file:///etc/{indicator}", tmp_path / "x.json")
    with pytest.raises(OfficialError, match="does not answer"):
        fetch("http://127.0.0.1:9/{indicator}", tmp_path / "x.json")
    assert not (tmp_path / "x.json").exists()


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.json", "{", "none of the forms"),
        ("a.json", '[{"message": "no"}]', "none of the forms"),
        ("a.json", "[{}, []]", "holds no expenditure"),
        ("a.csv", "x,y\n1,2\n", "no line of headings"),
        ("a.csv", "iso3,year,share_of_gdp\nNOR,soon,2\n", "none of the forms"),
        ("a.xlsx", "no spreadsheet", "none of the forms"),
    ],
)
def test_another_file_is_refused(tmp_path: Path, name: str, content: str, message: str) -> None:
    """The error names the file and the forms that are read."""
    (tmp_path / name).write_text(content, encoding="utf-8")
    with pytest.raises(OfficialError, match=message) as caught:
        read(tmp_path / name)
    assert name in str(caught.value) and "SIPRI" in str(caught.value)


def test_the_file_goes_before_what_is_shipped(tmp_path: Path) -> None:
    """A number of the file replaces ours of that state and year; what it lacks stays."""
    (tmp_path / "c.csv").write_text(f"{HEAD}NOR,2023,1.7,,Mine\nNOR,2024,2,,Mine\n", encoding="utf-8")
    ours = [{"iso3": "NOR", "year": 2023, "share_of_gdp": 1.6, "usd": 8e9, "source": "Ours"},
            {"iso3": "SWE", "year": 2023, "share_of_gdp": 1.5, "usd": None, "source": "Ours"}]  # fmt: skip
    assert overlaid(ours, None) == ours
    found = overlaid(ours, tmp_path / "c.csv")
    assert [tuple(row[name] for name in HEAD.strip().split(",")) for row in found] == [
        ("NOR", 2023, 1.7, 8e9, "Mine"), ("NOR", 2024, 2.0, None, "Mine"), ("SWE", 2023, 1.5, None, "Ours"),
    ]  # fmt: skip


def test_claims_are_compared_with_the_file(tmp_path: Path) -> None:
    """A refresh with the file has its figures beside the claims; a file that is none ends it with a word."""
    text = "Norway will spend 2.1% of GDP on defence in 2031, Defence Minister Tore Sandvik said."
    write_jsonl(tmp_path / "in" / "a.jsonl", [{"text": text, "published_on": "2031-01-10"}])
    (tmp_path / "c.csv").write_text(f"{HEAD}NOR,2031,2.0,,Mine\n", encoding="utf-8")
    assert run(tmp_path / "in", tmp_path / "w", official=tmp_path / "c.csv").errors == []
    found = query(tmp_path / "w", "SELECT country, year, claimed, official, official_source FROM spending_vs_official")
    assert found == [("NOR", 2031, 2.1, 2.0, "Mine (2031)")]
    (tmp_path / "c.csv").write_text("nothing", encoding="utf-8")
    outcome = run(tmp_path / "in", tmp_path / "w", official=tmp_path / "c.csv")
    assert not outcome.succeeded and "c.csv is in none of the forms" in outcome.errors[0]
