"""What a page saves of an answer is, to the last digit, what ``python -m explain --json`` prints for the same state."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from streamlit.testing.v1 import AppTest

from ask import explain_command as command
from ask.answer import Answer
from pages.common import saved
from tests.conftest import OpenPage
from tests.pages.reading import alts, widget, words


@pytest.fixture
def kept(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What the pages offered to save, the last at the end."""
    offered: list[dict[str, Any]] = []

    def keep(asked: Answer, which: str = "") -> None:
        offered.append(json.loads(saved.content(asked.document())))

    monkeypatch.setattr(saved, "draw", keep)
    return offered


def printed(*arguments: str) -> dict[str, Any]:
    done = CliRunner().invoke(command.explain, [*arguments, "--json"])
    assert done.exit_code == 0, done.output
    found: dict[str, Any] = json.loads(done.stdout)
    return found


CHANGES = {"pixel_blur": 1.25, "noise": 0.1, "noise_seed": 7, "box_size": 30, "box_colour": 0.0}
QUERY = {"scene": "muffin-2", "berry_spacing": "1.3", **{name: str(value) for name, value in CHANGES.items()}}
ASKED = (
    "muffin_cnn",
    "muffin-2,berry_spacing=1.3",
    *(f"--change={name}={value}" for name, value in CHANGES.items()),
)


def test_a_scene_with_changed_pixels_is_saved_as_it_is_printed(
    home: Path, open_page: OpenPage, kept: list[dict[str, Any]]
) -> None:
    page: AppTest = open_page("image_what_if.py", QUERY)
    assert not page.exception and kept[-1]["changes"] == CHANGES
    # The page knows the picture's curves by now, and the document still says what its checks cost alone.
    widget(page, "method").set_value("saliency")
    page.run()
    asked = (*ASKED, "--method", "saliency", "--look", "typicality", "--look", "curve", "--along", "noise")
    told = printed(*asked)
    looks = told.pop("looks")
    assert kept[-1] == told
    assert looks["typicality"]["words"][0] in words(page)
    widget(page, "along").set_value("noise")
    assert looks["curve"]["words"][0] in alts(page.run())
    assert looks["curve"]["now"]["value"] == 0.1


def test_a_scene_as_it_is_has_no_changes(home: Path, open_page: OpenPage, kept: list[dict[str, Any]]) -> None:
    open_page("image_what_if.py", {"scene": "chihuahua-3", "target": "muffin"})
    assert kept[-1] == printed("muffin_cnn", "chihuahua-3", "--method", "grad_cam", "--target", "muffin")
    assert "changes" not in kept[-1]


def test_a_row_with_locked_features_is_saved_as_it_is_printed(
    trained_home: Path, open_page: OpenPage, kept: list[dict[str, Any]]
) -> None:
    values = {"sepal_length": 6.1, "sepal_width": 2.8, "petal_length": 4.9, "petal_width": 1.6}
    row = ",".join(f"{name}={value}" for name, value in values.items())
    page = open_page("what_if.py", {name: str(value) for name, value in values.items()})
    assert kept[-1] == printed("iris_tree", row, "--method", "tree_shap")
    widget(page, "locked").set_value(["petal_width"])
    page.run()
    told = printed("iris_tree", row, "--method", "tree_shap", "--lock", "petal_width")
    assert kept[-1] == told
    assert "With petal width kept as it is, moving petal length " in told["words"][-1]
