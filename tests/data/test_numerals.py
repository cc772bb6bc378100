"""Numbers in words: what people write is read, and nothing else that Python would take."""

from __future__ import annotations

import click
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from data import numerals

NO_NUMBERS = [
    "",
    " ",
    "6_0",
    "1_0.5",
    "\u0665",
    "inf",
    "-Infinity",
    "nan",
    "0x10",
    "1e",
    ".",
    "+-1",
    "1 0",
    "5,1",
    "\u00bd",
    "1e1_0",
]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("6", 6),
        ("-0.5", -0.5),
        ("+.5", 0.5),
        ("5.", 5),
        ("1e3", 1000),
        ("1E-2", 0.01),
        (" 7 ", 7),
        ("007", 7),
    ],
)
def test_a_number_as_people_write_it(text: str, value: float) -> None:
    assert numerals.number(text) == value


@pytest.mark.parametrize("text", NO_NUMBERS)
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no number"):
        numerals.number(text)
    with pytest.raises(ValueError, match="is no whole number"):
        numerals.whole(text)


@pytest.mark.parametrize(
    ("text", "meant"), [("6_0", "60"), ("5,1", "5.1"), ("\u22123", "-3"), ("1\u00a0000", "1000")]
)
def test_what_was_meant_is_said(text: str, meant: str) -> None:
    with pytest.raises(ValueError, match=rf"\(write {meant}\)"):
        numerals.number(text)


def test_whole_numbers_have_no_fraction() -> None:
    assert numerals.whole("-12") == -12
    for text in ("3.0", "1e3", "9" * 5000):
        with pytest.raises(ValueError, match="whole"):
            numerals.whole(text)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_float_that_is_printed_is_read_back(value: float) -> None:
    assert numerals.number(repr(value)) == value


@given(st.text(max_size=12))
def test_any_text_is_a_number_to_python_too_or_refused(text: str) -> None:
    try:
        found = numerals.number(text)
    except ValueError:
        return
    assert found == float(text) and "_" not in text and text.isascii()


def test_an_option_takes_the_same() -> None:
    @click.command()
    @click.option("--n", type=numerals.WholeNumber(1, 50))
    def command(n: int) -> None:
        click.echo(n)

    assert CliRunner().invoke(command, ["--n", "10"]).output == "10\n"
    refused = CliRunner().invoke(command, ["--n", "1_0"])
    assert refused.exit_code == 2 and "(write 10)" in refused.output
    assert CliRunner().invoke(command, ["--n", "51"]).exit_code == 2
