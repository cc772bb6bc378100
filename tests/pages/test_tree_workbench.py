"""Workbench: what it shows is what scikit-learn's own training gives, and nothing is kept unasked."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from sklearn.model_selection import RepeatedStratifiedKFold, cross_val_score
from sklearn.tree import DecisionTreeClassifier
from streamlit.testing.v1 import AppTest

from data import datasets
from governance import jobs, registry
from governance.home import open_store
from models import loading
from models.spec import Definition
from tests import toys
from tests.conftest import OpenPage
from tests.pages.reading import alt, button, words

pytestmark = pytest.mark.usefixtures("trained_home")
PAGE = "tree_workbench.py"


def accuracies(app_test: AppTest) -> dict[str, float]:
    """Share by the name of its line."""
    told = alt(app_test, "Accuracies").removeprefix("Accuracies: ")
    found = re.findall(r"([^;]+?) ([\d.]+)\s% \(95", told)
    return {name.strip(): float(value) / 100 for name, value in found}


def cut(app_test: AppTest) -> list[str]:
    """Keys of the thresholds' sliders, those on the input's path first."""
    return [str(one.key) for one in app_test.slider if str(one.key).startswith("_cut_")]


def splits() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    dataset = datasets.load("iris")
    train, test = dataset.split.train, dataset.split.test
    return dataset.x[train], dataset.y[train], dataset.x[test], dataset.y[test]


def test_it_opens_at_the_stored_version_and_offers_nothing_to_keep(open_page: OpenPage) -> None:
    page = open_page(PAGE)
    assert not page.exception and not page.error and not page.warning
    assert page.title[0].value == "What if the model were different?"
    assert "All 120 training rows get the same answer as from iris_tree@1." in words(page)
    assert button(page, "Train a version with these settings").disabled
    figures = accuracies(page)
    assert figures["Training rows, this tree"] == figures["Training rows, iris_tree@1"]
    assert "cuts" not in page.query_params


def test_a_changed_setting_is_trained_and_judged_as_scikit_learn_does(open_page: OpenPage) -> None:
    page = open_page(PAGE, {"with.max_depth": "1", "with.min_samples_leaf": "2", "with.seed": "5"})
    x, y, _, _ = splits()
    estimator = DecisionTreeClassifier(max_depth=1, min_samples_leaf=2, random_state=5)
    folds = RepeatedStratifiedKFold(n_splits=5, n_repeats=10, random_state=0)
    figures = accuracies(page)
    validated = cross_val_score(estimator, x, y, cv=folds).mean()
    assert figures["Cross-validation, this tree"] == pytest.approx(validated, abs=0.0006)
    estimator.fit(x, y)
    assert figures["Training rows, this tree"] == pytest.approx(estimator.score(x, y), abs=0.0006)
    store = open_store()
    stored = loading.load(store, registry.resolve(store, "iris_tree")).predict_proba(x).argmax(axis=1)
    others = int(np.sum(stored != estimator.predict(x)))
    assert f"{others} of 120 training rows** get another answer" in words(page)
    assert not button(page, "Train a version with these settings").disabled


def test_a_threshold_moved_by_hand_is_followed_linked_and_undone(open_page: OpenPage) -> None:
    page = open_page(PAGE)
    key = cut(page)[0]
    learned, before = page.slider(key=key).value, accuracies(page)
    page.slider(key=key).set_value(1.5).run()
    assert not page.exception
    assert "≤ 1.5 cm? " in words(page)
    assert accuracies(page)["Training rows, this tree"] < before["Training rows, this tree"]
    assert "Cross-validation, this tree" not in accuracies(page), "no training made this tree"
    assert button(page, "Train a version with these settings").disabled
    assert "cannot be kept" in words(page)
    link = page.query_params["cuts"]
    again = open_page(PAGE, {"cuts": link})
    assert again.slider(key=key).value == 1.5 and accuracies(again) == accuracies(page)
    button(page, "Undo").click().run()
    assert page.slider(key=key).value == pytest.approx(learned)
    assert accuracies(page) == before and "cuts" not in page.query_params


def test_thresholds_of_another_tree_in_a_link_are_named_and_left_out(open_page: OpenPage) -> None:
    page = open_page(PAGE, {"cuts": "00000000:0=1.5"})
    assert "thresholds of another tree (00000000:0=1.5)" in words(page)
    assert accuracies(page)["Training rows, this tree"] == accuracies(page)["Training rows, iris_tree@1"]


def test_another_training_forgets_the_moved_thresholds_and_undo_brings_them_back(open_page: OpenPage) -> None:
    page = open_page(PAGE)
    page.slider(key=cut(page)[0]).set_value(1.5).run()
    page.slider(key="with.max_depth").set_value(2).run()
    assert "cuts" not in page.query_params and "≤ 1.5 cm? " not in words(page)
    button(page, "Undo").click().run()
    assert page.slider(key="with.max_depth").value == 3 and "≤ 1.5 cm? " in words(page)
    button(page, "Reset").click().run()
    assert "All 120 training rows get the same answer" in words(page) and "cuts" not in page.query_params


def test_test_rows_stay_shut_until_opened_and_each_look_is_counted(open_page: OpenPage) -> None:
    page = open_page(PAGE, {"with.max_depth": "1"})
    assert "Test rows, this tree" not in accuracies(page)
    assert accuracies(page)["Test rows, iris_tree@1"] > 0
    button(page, "Look at the test rows").click().run()
    x, y, test_x, test_y = splits()
    expected = DecisionTreeClassifier(max_depth=1, min_samples_leaf=3, random_state=0).fit(x, y)
    assert accuracies(page)["Test rows, this tree"] == pytest.approx(
        expected.score(test_x, test_y), abs=0.0006
    )
    assert "Test rows opened for 1 tree in this visit" in words(page)
    page.slider(key="with.max_depth").set_value(2).run()
    assert "Test rows, this tree" not in accuracies(page), "another tree, another look"
    button(page, "Look at the test rows").click().run()
    assert "Test rows opened for 2 trees in this visit" in words(page)


def test_nothing_is_stored_until_asked_and_then_one_job(open_page: OpenPage) -> None:
    store = open_store()
    versions, before = registry.references(store), len(jobs.recent(store))
    page = open_page(PAGE)
    page.slider(key="with.max_depth").set_value(2).run()
    assert registry.references(store) == versions and len(jobs.recent(store)) == before
    button(page, "Train a version with these settings").click().run()
    assert not page.exception
    (job, *rest) = jobs.recent(store)
    assert len(rest) == before
    assert (job.kind, job.model, job.request["settings"]) == ("train", "iris_tree", {"max_depth": 2})
    assert len(page.get("progress")) == 1
    page.run()
    assert len(jobs.recent(store)) == before + 1


@pytest.mark.parametrize("drawing", ["Tree", "Surface"])
def test_a_model_that_nobody_thought_of(toy: Definition, open_page: OpenPage, drawing: str) -> None:
    page = open_page(PAGE, {"base": toys.MODEL, "drawing": drawing, "with.max_depth": "2"})
    assert not page.exception and not page.error and not page.warning
    assert "iris" not in "".join(words(page)).replace("iris_tree", "")
    assert alt(page, "Drawing of" if drawing == "Tree" else "Decision surface")
    assert "Training rows, toy_table@1" in accuracies(page)


def test_another_version_brings_its_own_settings(open_page: OpenPage) -> None:
    from models import catalogue

    toys.train_into(open_store(), catalogue.definition("iris_tree"), seed=4, max_depth=2)
    page = open_page(PAGE)
    page.selectbox(key="base").set_value("iris_tree@2").run()
    assert page.slider(key="with.max_depth").value == 2 and page.number_input(key="with.seed").value == 4
    assert "get the same answer as from iris_tree@2" in words(page)


def test_without_a_version_it_says_what_to_do(home: Path, open_page: OpenPage) -> None:
    import shutil

    shutil.rmtree(home)
    page = open_page(PAGE)
    assert not page.exception
    assert "Train one in the catalogue" in words(page)
