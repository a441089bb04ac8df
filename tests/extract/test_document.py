"""From a text to rows, every step of extraction together: what a reader of the tables would check first."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from spacy.language import Language

from pipeline.extract import document
from pipeline.extract.document import extract, extract_all
from pipeline.extract.records import Document

DAY = date(2025, 9, 10)


def spending(nlp: Language, text: str, title: str | None = None, source: str | None = None) -> list[dict[str, Any]]:
    """Return the spending rows of a text."""
    return extract(Document("d", text, source, title, DAY), nlp)["extracted_spending"]


def fields(rows: list[dict[str, Any]], *names: str) -> list[tuple[Any, ...]]:
    """Return some columns of rows."""
    return [tuple(row[name] for name in names) for row in rows]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "Belgium has ordered 200 armoured vehicles from the French maker Arquus for 900 million euros.",
            [("900 million euros", "Belgium", "procurement", "signed", None)],
        ),
        (
            "The Netherlands will give Ukraine 150 million euros for drones.",
            [("150 million euros", "Netherlands", "aid", "planned", None)],
        ),
        (
            "Parliament in Helsinki passed the defence budget for 2026 on Tuesday. It amounts to 7 billion euros.",
            [("7 billion euros", "Finland", "budget", "approved", "2026")],
        ),
        (
            "Military expenditures of Chile: 1.6% of GDP (2024 est.); 1.8% of GDP (2023 est.).",
            [
                ("1.6% of GDP", "Chile", "budget", "spent", "2024"),
                ("1.8% of GDP", "Chile", "budget", "spent", "2023"),
            ],
        ),
    ],
)
def test_sums_become_records(nlp: Language, text: str, expected: list[tuple[str, ...]]) -> None:
    """Who pays, for which kind of thing, how far it has come, and for which year."""
    assert fields(spending(nlp, text), "amount_text", "spender", "flow", "status", "period") == expected


def test_a_notice_of_contracts(nlp: Language) -> None:
    """The awardee is paid, the contracting activity pays, and funds that are obligated are a record of their own."""
    text = (
        "Granite Tools Inc., Reno, Nevada, was awarded a $7,100,250 firm-fixed-price contract for hydraulic jacks. "
        "Fiscal 2025 operation and maintenance, Army funds in the amount of $7,100,250 were obligated at the time of "
        "the award. Army Contracting Command, Rock Island, Illinois, is the contracting activity."
    )
    rows = spending(nlp, text, "Contracts for Sept. 10, 2025", "US Department of Defense")
    assert [row["low"] for row in rows] == [7100250.0, 7100250.0]
    first = rows[0]
    assert (first["recipient"], first["item"], first["status"]) == ("Granite Tools Inc.", "hydraulic jacks", "signed")
    assert "Army Contracting Command" in first["spender"]


@pytest.mark.parametrize(
    "text",
    [
        "Brightwater Foods announced a $300 million investment in its bakery in Ohio. It will create 200 jobs.",
        "The health ministry will spend 40 million euros on vaccines and 15 million euros on clinics.",
        "Norway gave 60 million kroner for tents and food after the earthquake.",
        "The court fined the bank 2 million pounds. Its profit had fallen by 3 percent of revenue.",
        "Rebuilding the bridges will cost 1.2 billion euros, the World Bank estimates.",
        "Tickets cost $45, and the stadium took in $3.2 million on Saturday.",
    ],
)
def test_civilian_money_stays_out(nlp: Language, text: str) -> None:
    """Investments of companies, health, relief, fines, reconstruction and prices are figures, not defence spending."""
    rows = extract(Document("d", text, published_on=DAY), nlp)
    assert rows["extracted_spending"] == []
    assert rows["extracted_figures"]


def test_military_beside_civilian(nlp: Language) -> None:
    """Of two sums in one sentence only the military one is defence spending."""
    text = "Sweden has sent Ukraine weapons worth 2 billion kronor and 300 million kronor in humanitarian aid."
    assert fields(spending(nlp, text), "amount_text") == [("2 billion kronor",)]


def test_past_years_are_converted_at_their_average(nlp: Language) -> None:
    """The expenditure of a past year takes that year's rates, a new contract those of the day."""
    (past,) = spending(nlp, "Poland spent 100 billion zlotys on defence in 2023.")
    (new,) = spending(nlp, "Poland signed a contract worth 100 billion zlotys for tanks.")
    assert past["rate_date"] == date(2023, 12, 29) and new["rate_date"] == DAY
    assert past["low_eur"] == pytest.approx(22.0e9, rel=0.01)


@pytest.mark.parametrize(
    "text",
    ["", "\n", "$", "$ € %", "7" * 12_000, "(" * 500 + "€3bn" + ")" * 500, "1,1 2,2 3:3 " * 400, "٣ مليار دولار"],
)
def test_odd_texts_are_read(nlp: Language, text: str) -> None:
    """Texts of signs and digits, in any script, are read without an error and yield no absurd sum."""
    for row in spending(nlp, text):
        assert 0 < (row["low"] or row["high"]) < 1e14


@pytest.mark.parametrize("together", [1, 2, 64])
def test_documents_together_give_the_rows_of_each_alone(
    nlp: Language, monkeypatch: pytest.MonkeyPatch, together: int
) -> None:
    """Whatever else is extracted with it, in whatever order, a document has the same rows."""
    texts = [
        "Kaja Kallas said Estonia will spend 5.4% of GDP on defence. “We have to pay,” she added.",
        "",
        "Poland signed a contract worth 100 billion zlotys for tanks, Mr Kosiniak-Kamysz said.\n" * 9,
        "Boris Pistorius warned that it “takes years”. Berlin denied the report.",
    ]
    documents = [Document(str(number), text, published_on=DAY) for number, text in enumerate(texts)]
    alone = [extract(one, nlp) for one in documents]
    monkeypatch.setattr(document, "TOGETHER", together)
    assert list(extract_all(documents, nlp)) == alone
    assert list(extract_all(reversed(documents), nlp)) == alone[::-1]
