"""Comparing: what is pinned, what the address restores, and what is said to differ."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from ask.asking import answer
from ask.question import Question, RowInput
from governance.home import open_store
from governance.record import RecordError
from pages.comparing import sides
from tests.conftest import OpenPage
from tests.pages.reading import alt, button, links, slide, words

FLOWER = {"sepal_length": "6", "sepal_width": "3", "petal_length": "4.9", "petal_width": "1.7"}


def query(a: dict[str, str], b: dict[str, str]) -> dict[str, str]:
    return {f"{side}.{name}": value for side, one in (("a", a), ("b", b)) for name, value in one.items()}


def flower(version: str, **changed: str) -> dict[str, str]:
    return {"version": version, "explain": "tree_shap", "target": "virginica", **FLOWER} | changed


def test_without_anything_to_compare_the_page_says_how_to_get_there(
    trained_home: Path, open_page: OpenPage
) -> None:
    page = open_page("compare.py")
    assert not page.exception
    assert "Nothing to compare yet" in page.info[0].value
    assert list(links(page)) == ["Image what-if", "Tabular what-if"]


def test_an_answer_is_pinned_and_the_next_one_laid_beside_it(trained_home: Path, open_page: OpenPage) -> None:
    page = open_page("what_if.py", {"version": "iris_tree@1"})
    assert not any(label.startswith("Compare with A") for label in links(page))
    button(page, "Pin as A").click().run()
    before = page.slider(key="in.petal_length").value
    slide(page, petal_length=2.0)
    (found,) = (to for label, to in links(page).items() if label.startswith("Compare with A"))
    assert float(found["a.in.petal_length"]) == before
    assert float(found["b.in.petal_length"]) == 2.0
    assert found["a.version"] == found["b.version"] == "iris_tree@1"

    other = open_page("compare.py", found)
    assert not other.exception and not other.error
    assert f"Petal length: **{before} cm** in A, **2.0 cm** in B." in words(other)


def test_two_models_are_asked_the_same(trained_home: Path, open_page: OpenPage) -> None:
    page = open_page("compare.py", query(flower("iris_tree@1"), flower("iris_forest@1")))
    assert not page.exception and not page.error
    store = open_store()
    row = RowInput(tuple((name, float(value)) for name, value in FLOWER.items()))
    told = [
        answer(store, Question(name, row, method="tree_shap", target="virginica"))
        for name in ("iris_tree", "iris_forest")
    ]
    gap = [float(abs(a - b)) for a, b in zip(*(one.attribution.values for one in told), strict=True)]
    widest = told[0].spec.features[int(np.argmax(gap))].label
    assert alt(page, "").startswith(f"{widest} differs most")
    for one in told:
        top = one.spec.classes[one.predicted]
        assert any(metric.label.endswith(f": {top}") for metric in page.metric)
    assert "Version: **iris\\_tree@1** in A, **iris\\_forest@1** in B." in words(page) or (
        "Version: **iris_tree@1** in A, **iris_forest@1** in B." in words(page)
    )


def test_another_version_can_be_chosen_for_one_side(trained_home: Path, open_page: OpenPage) -> None:
    page = open_page("compare.py", query(flower("iris_tree@1"), flower("iris_tree@1")))
    assert "Both sides ask the same" in words(page)
    page.selectbox(key="b.version").set_value("iris_forest@1").run()
    assert not page.exception
    assert "Both sides ask the same" not in words(page)


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"petal_length": "long"}, "petal_length=long, which is not a number"),
        ({"explain": ""}, "The link says of B no method"),
        ({"photo": "0123456789ab"}, "stayed in the visit in which it was uploaded"),
        ({"version": "iris_tree@99"}, "iris_tree@99"),
    ],
)
def test_a_link_that_asks_what_cannot_be_asked_is_told_in_a_sentence(
    trained_home: Path, open_page: OpenPage, changed: dict[str, str], sentence: str
) -> None:
    page = open_page("compare.py", query(flower("iris_tree@1"), flower("iris_tree@1") | changed))
    assert not page.exception
    assert sentence in words(page)


def test_a_change_of_the_pixels_that_is_no_number_is_named(trained_home: Path, open_page: OpenPage) -> None:
    asked = {"version": "muffin_cnn@1", "explain": "grad_cam", "scene": "muffin-1"}
    page = open_page("compare.py", query({**asked, "noise": "much"}, {**asked, "bake": "long"}))
    assert not page.exception
    assert [("noise=much" in e.value, "bake=long" in e.value) for e in page.error] == [
        (True, False),
        (False, True),
    ]


def test_checks_that_cannot_be_made_are_told_in_a_sentence(
    trained_home: Path, open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def altered(*_: object) -> None:
        raise RecordError("Measurement 0123 was altered.")

    monkeypatch.setattr(sides, "check", altered)
    page = open_page("compare.py", query(flower("iris_tree@1"), flower("iris_forest@1")))
    assert not page.exception
    assert [error.value for error in page.error] == ["Measurement 0123 was altered."] * 2


def test_two_scenes_are_told_apart_by_what_their_sliders_say(trained_home: Path, open_page: OpenPage) -> None:
    asked = {"version": "muffin_cnn@1", "explain": "grad_cam", "about": "Scene"}
    muffin = {**asked, "scene": "muffin-2", "bake": "30"}
    chihuahua = {**asked, "scene": "chihuahua-1", "pixel_blur": "2"}
    page = open_page("compare.py", query(muffin, chihuahua))
    assert not page.exception and not page.error
    text = words(page)
    assert "Time in the oven: **30 min** in A, **none** in B." in text
    # A link that is silent about the pixels leaves them as they are.
    assert "Blur of the pixels: **0.00 px** in A, **2.00 px** in B." in text
    assert "Contrast" not in text and "Version:" not in text
    # Each map says how far it can be trusted, and each picture how far it lies from the training.
    assert len(re.findall("Trust in this map: (strong|weak|fails)", text)) == 2
    assert "Checking trust" not in text and text.count("Every concept lies where the training's scenes") == 1
