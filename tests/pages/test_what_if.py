"""Tabular what-if: what it answers is what the model answers, and every hand on it does what it says."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from governance import registry
from governance.home import open_store
from models import catalogue, loading
from models.iris_tree import DEFINITION
from tests import toys
from tests.conftest import OpenPage
from tests.pages.reading import alt, alts, button, percents, row, slide, widget, words

pytestmark = pytest.mark.usefixtures("trained_home")
SPEC = DEFINITION.spec
TREE, FOREST = {"version": "iris_tree"}, {"version": "iris_forest"}
Ask = Callable[[list[float]], np.ndarray]


@pytest.fixture
def ask(trained_home: Path) -> Callable[[str], Ask]:
    """Ask a version's scikit-learn estimator itself, past everything that the page uses."""

    def ask(reference: str) -> Ask:
        store = open_store()
        model = loading.load(store, registry.resolve(store, reference))
        return lambda values: model.estimator.predict_proba(np.array([values]))[0]

    return ask


def said(app_test: AppTest) -> str:
    """The class that the page names first."""
    return app_test.metric[0].value.partition(",")[0]


@pytest.mark.parametrize("reference", ["iris_tree", "iris_forest"])
def test_a_moved_slider_gives_the_models_own_answer(
    open_page: OpenPage, ask: Callable[[str], Ask], reference: str
) -> None:
    page = open_page("what_if.py", {"version": reference})
    assert page.title[0].value == DEFINITION.card.what_if
    start = ask(reference)(row(page, SPEC))
    for petal_length in (1.4, 5.0, 6.4):
        slide(page, petal_length=petal_length)
        now = ask(reference)(row(page, SPEC))
        top = int(np.argmax(now))
        assert percents(page.metric[0].value) == pytest.approx({SPEC.classes[top]: 100 * now[top]}, abs=1)
        assert f"Now {page.metric[0].value}" in words(page), "what stands above the sliders"
        told, _, before = alt(page, "Bars").partition("At the start")
        for probabilities, text in ((now, told), (start, before)):
            expected = dict(zip(SPEC.classes, 100 * probabilities, strict=True))
            assert percents(text) == pytest.approx(expected, abs=1)
        change = 100 * (now[top] - start[top])
        if abs(change) < 0.05:
            assert not page.metric[0].delta
        else:
            assert page.metric[0].delta == f"{change:+.1f} points against the start".replace("-", "−")


def test_the_path_compares_the_numbers_that_the_tree_compares(
    open_page: OpenPage, trained_home: Path
) -> None:
    page = slide(open_page("what_if.py", TREE), petal_length=4.8, petal_width=1.7)
    store = open_store()
    tree = loading.load(store, registry.resolve(store, "iris_tree")).estimator.tree_
    values = np.array([row(page, SPEC)], dtype=np.float32)
    nodes = tree.decision_path(values).indices
    steps = re.findall(r"^\d+\. (.+?) ≤ ([\d.]+) cm\? (Yes|No), it is [\d.]+ cm\.$", words(page), re.M)
    expected = []
    for node, child in pairwise(nodes):
        left = child == tree.children_left[node]
        label = SPEC.features[tree.feature[node]].label
        expected.append((label, f"{tree.threshold[node]:.3f}".rstrip("0"), "Yes" if left else "No"))
    assert steps == expected
    assert f"This leaf holds {tree.n_node_samples[nodes[-1]]} training rows" in words(page)


@pytest.mark.parametrize("query", [TREE, FOREST])
def test_the_waterfall_ends_at_the_answer(
    open_page: OpenPage, ask: Callable[[str], Ask], query: dict[str, str]
) -> None:
    page = slide(open_page("what_if.py", query), petal_length=5.0)
    for target in SPEC.classes:
        page.selectbox(key="target").set_value(target).run()
        answer = 100 * ask(query["version"])(row(page, SPEC))[SPEC.classes.index(target)]
        text = alt(page, "Waterfall")
        base, end = map(float, re.findall(r"(?:from|probability of) ([\d.]+)\s%", text))
        assert f"for {target}" in text
        assert end == pytest.approx(answer, abs=0.051)
        steps = [float(step.replace("−", "-")) for step in re.findall(r"([+−]?[\d.]+) points", text)]
        assert len(steps) == len(SPEC.features)
        # Each printed number is rounded to a tenth.
        assert base + sum(steps) == pytest.approx(end, abs=0.05 * (len(steps) + 2))


@pytest.mark.parametrize(
    ("view", "begin"), [("Tree", "Drawing of"), ("Surface", "Decision surface"), ("Curve", "Response curve")]
)
def test_every_drawing_tells_its_finding(open_page: OpenPage, view: str, begin: str) -> None:
    page = slide(open_page("what_if.py", TREE | {"view": view}), petal_length=6.0, petal_width=2.2)
    assert said(page) == "virginica"
    assert [text.split()[0] for text in alts(page)] == ["Bars:", begin.split()[0], "Waterfall:"]
    for text in alts(page):
        assert "virginica" in text
    assert alt(page, begin)


def test_a_value_never_seen_in_training_is_marked_and_the_answer_doubted(open_page: OpenPage) -> None:
    page = open_page("what_if.py", TREE)
    assert "Never seen" not in words(page)
    slide(page, sepal_length=8.4)
    assert words(page).count("Never seen in training") == 1
    assert "Sepal length 8.4 cm is above everything seen in training" in words(page)
    assert "Do not rely on this answer." in words(page)
    slide(page, sepal_length=7.0)
    assert "Never seen" not in words(page)
    slide(page, sepal_length=4.1)
    assert words(page).count("Never seen in training") == 1


def test_a_row_unlike_all_of_the_training_leads_its_answer_wherever_it_stands(open_page: OpenPage) -> None:
    page = open_page("what_if.py", {"version": "iris_tree"})
    leading = "This is not a row that the model knows."
    assert leading not in words(page)
    slide(page, sepal_length=4.3, sepal_width=4.4, petal_length=6.9, petal_width=0.1)
    # Above the sliders, before the answer, and first of the reasons.
    assert f"{leading} Now {page.metric[0].value}" in words(page)
    assert page.metric[0].label == "The model would say" and words(page).count(leading) == 3
    assert "Do not rely on this answer." in words(page)


def test_a_change_that_is_as_small_is_offered_too(open_page: OpenPage) -> None:
    values = {"sepal_length": 6.1, "sepal_width": 2.8, "petal_length": 4.9, "petal_width": 1.7}
    page = slide(open_page("what_if.py", {"version": "iris_tree"}), **values)
    first, other = "Apply this change", "Or petal width from 1.7 cm to 1.8 cm, to virginica"
    before = said(page)
    assert "As small is: petal width from 1.7 cm to 1.8 cm, to virginica." in words(page)
    for label in (first, other):
        button(page, label).click().run()
        assert said(page) == "virginica" != before
        button(page, "Undo").click().run()
        assert said(page) == before


def test_undo_goes_back_one_change_at_a_time(open_page: OpenPage) -> None:
    page = open_page("what_if.py", TREE)
    start = row(page, SPEC)
    assert button(page, "Undo").disabled
    slide(page, petal_length=5.0)
    between = row(page, SPEC)
    slide(page, petal_width=2.0)
    button(page, "Undo").click().run()
    assert row(page, SPEC) == between
    button(page, "Undo").click().run()
    assert row(page, SPEC) == start
    assert button(page, "Undo").disabled


def test_reset_returns_to_the_start_and_can_be_undone(open_page: OpenPage) -> None:
    page = open_page("what_if.py", TREE | {"sepal_width": "4.1"})
    moved = row(slide(page, petal_length=1.4), SPEC)
    button(page, "Reset").click().run()
    assert row(page, SPEC) == [feature.default for feature in SPEC.features]
    assert not page.metric[0].delta
    button(page, "Undo").click().run()
    assert row(page, SPEC) == moved


@pytest.mark.parametrize("name", SPEC.classes)
def test_a_typical_row_of_a_class_is_answered_with_its_class(open_page: OpenPage, name: str) -> None:
    page = open_page("what_if.py", TREE)
    button(page, name).click().run()
    assert said(page) == name


@pytest.mark.parametrize("query", [TREE, FOREST])
def test_the_nearest_flip_flips_and_undo_returns(
    open_page: OpenPage, ask: Callable[[str], Ask], query: dict[str, str]
) -> None:
    page = open_page("what_if.py", query)
    before, start = said(page), row(page, SPEC)
    promised = re.search(rf"flips {before} to (\w+)\.", words(page))
    assert promised
    button(page, "Apply this change").click().run()
    flipped = SPEC.classes[int(np.argmax(ask(query["version"])(row(page, SPEC))))]
    assert said(page) == flipped == promised[1] != before
    button(page, "Undo").click().run()
    assert (said(page), row(page, SPEC)) == (before, start)


def test_a_locked_feature_stays_in_the_nearest_flip(open_page: OpenPage) -> None:
    page = open_page("what_if.py", TREE)
    button(page, "Apply this change").click().run()
    free = row(page, SPEC)
    button(page, "Undo").click().run()
    start = row(page, SPEC)
    moved = [f.name for f, a, b in zip(SPEC.features, start, free, strict=True) if a != b]
    widget(page, "locked").set_value(moved)
    page.run()
    button(page, "Apply this change").click().run()
    for name, value in zip((f.name for f in SPEC.features), start, strict=True):
        assert name not in moved or page.slider(key=f"in.{name}").value == value
    assert row(page, SPEC) != start


def test_with_everything_locked_nothing_is_offered(open_page: OpenPage) -> None:
    page = open_page("what_if.py", TREE)
    widget(page, "locked").set_value([feature.name for feature in SPEC.features])
    page.run()
    assert not page.exception
    assert "Apply this change" not in [one.label for one in page.button]


def test_another_version_answers_the_same_input(open_page: OpenPage, ask: Callable[[str], Ask]) -> None:
    store = open_store()
    toys.train_into(store, catalogue.definition("iris_tree"), max_depth=1)
    page = slide(open_page("what_if.py", TREE), petal_length=6.0, petal_width=2.2)
    kept = row(page, SPEC)
    answers = {}
    for reference in ("iris_tree@1", "iris_tree@2", "iris_forest"):
        page.selectbox(key="version").set_value(reference).run()
        assert row(page, SPEC) == kept
        answers[reference] = ask(reference)(kept)
        top = int(np.argmax(answers[reference]))
        told = percents(alt(page, "Bars").partition("At the start")[0])
        assert told[SPEC.classes[top]] == pytest.approx(100 * answers[reference][top], abs=1)
    assert not np.allclose(answers["iris_tree@1"], answers["iris_tree@2"])


def test_an_old_version_says_which_it_is(open_page: OpenPage) -> None:
    toys.train_into(open_store(), catalogue.definition("iris_tree"), max_depth=1)
    page = open_page("what_if.py", {"version": "iris_tree@1"})
    assert "iris_tree@1 answers at once" in words(page)
    assert "1. " in words(page) and "3. " in words(page), "version 1 asks more than one question"


def test_the_first_model_of_the_catalogue_is_asked_first(open_page: OpenPage) -> None:
    page = open_page("what_if.py")
    assert page.selectbox(key="version").options[0] == catalogue.names()[0] == "iris_tree"
    assert "iris_tree@1 answers" in words(page)
