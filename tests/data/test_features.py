"""Features: range, step, digits."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.features import Feature, printed


def feature(**changes: Any) -> Feature:
    values = {"low": 0.0, "high": 10.0, "step": 0.1, "default": 5.0} | changes
    return Feature("size", "Size", "cm", **values)


@pytest.mark.parametrize(
    ("step", "digits"),
    [
        (1, 0),
        (5, 0),
        (10, 0),
        (0.1, 1),
        (0.5, 1),
        (1.5, 1),
        (0.05, 2),
        (0.25, 2),
        (0.125, 3),
        (0.001, 3),
        (1e-7, 7),
    ],
)
def test_digits_are_those_that_the_step_needs(step: float, digits: int) -> None:
    assert feature(step=step).decimals == digits


@pytest.mark.parametrize(
    ("value", "step", "expected"),
    [
        (4.94, 0.1, 4.9),
        (4.96, 0.1, 5.0),
        (0.3000000000000004, 0.1, 0.3),
        (0.3, 0.25, 0.25),
        (2.9, 1.5, 3.0),
        (1.6, 1.5, 1.5),
    ],
)
def test_snap_gives_the_nearest_multiple_of_the_step(value: float, step: float, expected: float) -> None:
    assert feature(step=step).snap(value) == expected


@pytest.mark.parametrize(("value", "expected"), [(-3, 0.2), (99, 9.8), (0.1, 0.2), (9.9, 9.8)])
def test_snap_stays_inside_the_range(value: float, expected: float) -> None:
    assert feature(low=0.15, high=9.89, step=0.2).snap(value) == expected


@given(value=st.floats(-20, 20), step=st.sampled_from([0.01, 0.05, 0.1, 0.2, 0.25, 0.5, 1, 2]))
def test_snap_is_exact_in_decimals_and_does_not_move_what_is_snapped(value: float, step: float) -> None:
    made = feature(step=step)
    snapped = made.snap(value)
    assert made.snap(snapped) == snapped
    assert Decimal(repr(snapped)) % Decimal(repr(step)) == 0
    inside = min(max(value, 0), 10)
    assert abs(snapped - inside) <= step / 2 + 1e-9


@pytest.mark.parametrize(
    ("made", "value", "shown"),
    [
        (feature(), 4.9, "4.9 cm"),
        (feature(step=0.25), 0.25, "0.25 cm"),
        (feature(step=1), 7.0, "7 cm"),
        (Feature("share", "Share", "", 0, 1, 0.01, 0), 0.5, "0.50"),
    ],
)
def test_show_has_the_step_s_digits_and_the_unit(made: Feature, value: float, shown: str) -> None:
    assert made.show(value) == shown


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"low": 10.0}, "not below"),
        ({"low": 11.0}, "not below"),
        ({"step": 0.0}, "not positive"),
        ({"step": -1.0}, "not positive"),
        ({"default": 10.5}, "outside"),
        ({"default": float("nan")}, "outside"),
        ({"high": float("nan")}, "not below"),
        ({"step": float("nan")}, "not positive"),
    ],
)
def test_an_impossible_feature_cannot_be_made(changes: dict[str, float], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        feature(**changes)


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [(-35.0, 0, "−35"), (-0.25, 2, "−0.25"), (-0.04, 1, "0.0"), (-0.0, 1, "0.0"), (4.94, 1, "4.9")],
)
def test_numbers_are_printed_with_a_real_minus_and_zero_without(value: float, digits: int, text: str) -> None:
    assert printed(value, digits) == text
    assert Feature("tilt", "Tilt", "°", -50, 50, 10.0**-digits, 0).show(value) == f"{text} °"
