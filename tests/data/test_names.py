"""What a person may have meant."""

from __future__ import annotations

import pytest

from data.names import did_you_mean, two_spellings

METHODS = ("tree_shap", "grad_cam", "saliency", "pixel_blur")


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("gradcam", "grad_cam"),
        ("GRAD_CAM", "grad_cam"),
        ("salency", "saliency"),
        ("shap", "tree_shap"),
        ("blur", "pixel_blur"),
    ],
)
def test_the_nearest_name_is_offered(given: str, meant: str) -> None:
    assert did_you_mean(given, METHODS) == f" Did you mean {meant}?"


@pytest.mark.parametrize("given", ["", "e", "lr", "zzz", "grad_cam_of_something_else_altogether"])
def test_nothing_is_offered_for_what_is_like_nothing(given: str) -> None:
    assert did_you_mean(given, METHODS) == ""
    assert did_you_mean(given, ()) == ""


def test_a_name_is_offered_as_it_is_written() -> None:
    assert did_you_mean("bmy", ["Age", "BMI"]) == " Did you mean BMI?"


def test_of_equals_the_first_is_offered() -> None:
    assert did_you_mean("muffin-9", ["muffin-2", "muffin-1", "muffin-4"]) == " Did you mean muffin-2?"


@pytest.mark.parametrize(
    "written",
    ["Age", "AGE (years)", "age [y]", " a g e ", "a-g-e", "Age{y}", "aGe (years since birth, whole numbers)"],
)
def test_what_differs_in_capitals_spaces_or_unit_alone_is_meant(written: str) -> None:
    assert did_you_mean(written, ["ages", "age", "wage"]) == " Did you mean age?"


def test_a_name_of_brackets_alone_is_nobody_s() -> None:
    assert did_you_mean("(cm)", ["[]"]) == ""


def test_two_spellings_are_those_of_one_text() -> None:
    assert two_spellings(["caf\u00e9", "tea", "cafe\u0301"]) == ("caf\u00e9", "cafe\u0301")
    assert two_spellings(["caf\u00e9", "caf\u00e9", "cafe", "Cafe"]) is None
