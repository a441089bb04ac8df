"""What capitalised phrases name, by their words alone."""

from __future__ import annotations

import pytest

from pipeline import reference
from pipeline.extract import kinds


@pytest.mark.parametrize(
    ("name", "doubt"),
    [
        ("Kaja Kallas", None),
        ("Ned Price", None),  # a given name begins it
        ("James Brown", None),
        ("Anda Bite", "common"),
        ("Bite", "common"),
        ("Averi Finance", "thing"),
        ("Pell Grants", "thing"),
        ("Scott Plan", "thing"),
        ("Legal Officer", "thing"),
        ("Civilian Advisor", "thing"),
        ("Reporting Requirements", "thing"),
        ("Q Hello", "thing"),
        ("Branch-wide", "thing"),
    ],
)
def test_what_is_hardly_a_person(name: str, doubt: str | None) -> None:
    """A name that ends in a thing is no person's; one that ends in a common word needs support."""
    assert kinds.doubt(name.split()) == doubt


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Walt Disney Company", "company"),
        ("Kongsberg Defence Systems", "company"),
        ("Johns Hopkins Center for Systems Science and Engineering", "organisation"),
        ("Labor Working Group", "organisation"),
        ("Vistula Courier", "media"),
        ("Center party", "party"),
        ("Polish Air Force", "armed_force"),
        ("Carrier Strike Group", "armed_force"),
        ("National Audit Office", "government_body"),
        ("Repeal of Civil Service Rule", None),
        ("Army Civilian Meritorious Service Awards", None),
        ("Co-Chair", None),
        ("Kongsberg", None),
        ("Green Party", "party"),
        ("Northern Herald", "media"),
        ("Nordic Aerospace", "company"),
        ("Third Armoured Brigade", "armed_force"),
        ("Port Authority", "government_body"),
        ("Hague Forum", "organisation"),
        ("Something Else", None),
    ],
)
def test_the_type_that_a_name_tells(name: str, expected: str | None) -> None:
    """The head of a name tells more than what it is for; a thing is of no type."""
    assert kinds.type_of(name) == expected


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("Century Aluminum", True),
        ("Bank of Lithuania", True),
        ("Anthropic", True),
        ("Officials", False),
        ("Some officials", False),
        ("SENIOR ADMINISTRATION OFFICIAL", False),
        ("", False),
    ],
)
def test_names_and_descriptions(words: str, expected: bool) -> None:
    """Every word of a name begins with a capital; a common word alone, or shouted words, are none."""
    assert kinds.proper_name(words) is expected


def test_no_official_would_be_taken_for_a_thing() -> None:
    """The words that end no person's name are no surnames of officials, but for those whose given name is known."""
    wrong = [row["name"] for row in reference.rows("officials") if kinds.doubt(row["name"].split()) == "thing"]
    assert wrong == ["Samantha Power"]
