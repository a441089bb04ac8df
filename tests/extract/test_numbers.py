"""Number expressions: text in, value out."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.extract.numbers import lex, numbers, read_digits


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("4.5 billion", [4.5e9]),
        ("61bn and 350m", [61e9, 350e6]),
        ("1,216,218,000", [1216218000.0]),
        ("62,370 crore", [623.7e9]),
        ("6.81 lakh crore", [6.81e12]),
        ("1,20,000", [120000.0]),
        ("1,2 bn", [1.2e9]),
        ("1.250.000", [1250000.0]),
        ("12\u00a0000 men", [12000.0]),
        ("half a billion", [5e8]),
        ("a half-billion", [5e8]),
        ("a quarter of a million", [25e4]),
        ("one and a half billion", [1.5e9]),
        ("2½ million", [2.5e6]),
        ("a trillion", [1e12]),
        ("three dozen", [36.0]),
        ("a dozen", [12.0]),
        ("twenty-three", [23.0]),
        ("two hundred and fifty thousand", [250e3]),
        ("five thousand three hundred", [5300.0]),
        ("seven million", [7e6]),
        ("4.703 billion", [4703000000.0]),
        ("500-million", [5e8]),
        ("a man, half of them", []),
        ("billions of", []),
        ("", []),
    ],
)
def test_expressions_are_read(text: str, values: list[float]) -> None:
    """Digits, words, multipliers and their mixtures have the value that they say."""
    assert [number.value for number in numbers(lex(text))] == values


@pytest.mark.parametrize("text", ["1,2,3,4", "1.2.3", "12,34,5", "9" * 400, "1," * 5000 + "1"])
def test_digits_that_are_no_number(text: str) -> None:
    """Separators that fit no number, and strings too long for one, are refused."""
    assert read_digits(text) is None


@given(st.integers(min_value=0, max_value=10**15))
def test_thousands_separators_change_nothing(value: int) -> None:
    """A number with commas reads like the one without."""
    assert read_digits(f"{value:,}") == read_digits(str(value)) == float(value)


@given(st.text(alphabet="0123456789.,\u00a0\u202f", max_size=20))
def test_any_separators_are_read_or_refused(text: str) -> None:
    """No mixture of separators breaks the reader: it is a number or it is none."""
    value = read_digits(text) if text else None
    assert value is None or value >= 0


@given(st.integers(min_value=1000, max_value=10**12), st.integers(min_value=0, max_value=99))
def test_continental_notation(whole: int, cents: int) -> None:
    """Points between thousands and a decimal comma read like their English counterpart."""
    continental = f"{whole:,}".replace(",", ".") + f",{cents:02}"
    assert read_digits(continental) == read_digits(f"{whole:,}.{cents:02}")


@given(st.text(max_size=200))
def test_lexemes_are_the_text(text: str) -> None:
    """Lexemes cover every character but blanks, in order."""
    lexemes = lex(text)
    assert all(text[lexeme.start : lexeme.end] == lexeme.text for lexeme in lexemes)
    assert "".join("".join(lexeme.text.split()) for lexeme in lexemes) == "".join(text.split())


@given(st.lists(st.sampled_from(["1", ",", ".", " ", "a", "half", "bn", "million", "twenty", "-", "½", "and"])))
def test_any_mixture_is_read(parts: list[str]) -> None:
    """No sequence of number parts breaks the reader, and numbers do not overlap."""
    found = list(numbers(lex(" ".join(parts))))
    assert all(left.last <= right.first for left, right in pairwise(found))


@pytest.mark.parametrize("unit", ["1,", "1.", "one ", "a ", "million ", "1 million ", "twenty-", "9", "hundred and "])
def test_long_repetition_is_endured(unit: str) -> None:
    """A long repetition is read to its end; quadratic work would not get there."""
    found = list(numbers(lex(unit * 30_000)))
    assert all(left.last <= right.first for left, right in pairwise(found))
