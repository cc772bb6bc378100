"""What matters overall, and a second opinion: figures are scikit-learn's, and any tabular model fits."""

from __future__ import annotations

import re

import numpy as np
import pytest
from sklearn.inspection import permutation_importance

from data import datasets
from governance import registry
from governance.home import open_store
from models import catalogue, loading
from models.iris_tree import SPEC
from models.spec import Definition, Model
from tests import toys
from tests.conftest import OpenPage
from tests.pages.reading import alt, alts, links, percents, widget, words

pytestmark = pytest.mark.usefixtures("trained_home")
IMPORTANCE, OPINION = "importance.py", "second_opinion.py"


def loaded(reference: str) -> Model:
    store = open_store()
    return loading.load(store, registry.resolve(store, reference))


def figures(text: str) -> dict[str, float]:
    """``1. Petal width 36.4`` as a map from the feature to the figure."""
    found = re.findall(r"\d+\. ([A-Z][a-z ]+?) (−?\d+\.\d)", text)
    return {name: float(value.replace("−", "-")) for name, value in found}


@pytest.mark.parametrize("reference", ["iris_tree", "iris_forest"])
def test_importances_are_scikit_learns(open_page: OpenPage, reference: str) -> None:
    page = open_page(IMPORTANCE, {"about": reference})
    assert not page.exception and not page.error and not page.warning
    dataset, estimator = datasets.load("iris"), loaded(reference).estimator
    test = dataset.split.test
    shuffled = permutation_importance(
        estimator, dataset.x[test], dataset.y[test], scoring="accuracy", n_repeats=40, random_state=0
    )
    told = figures(alt(page, "Importance by Permutation"))
    for label, mean, deviation in zip(
        [feature.label for feature in SPEC.features],
        shuffled.importances_mean,
        shuffled.importances_std,
        strict=True,
    ):
        assert told[label] == pytest.approx(100 * mean, abs=0.06 + 450 * deviation / np.sqrt(40))
    told = figures(alt(page, "Importance by Impurity"))
    assert list(told.values()) == pytest.approx(
        [100 * estimator.feature_importances_[SPEC.features.index(f)] for f in ordered(told)], abs=0.051
    )
    assert "They agree" in words(page) or "They disagree" in words(page)
    assert alt(page, "Beeswarm of TreeSHAP values of 150 rows for setosa")


def ordered(told: dict[str, float]) -> list:
    return [next(f for f in SPEC.features if f.label == label) for label in told]


def test_interactions_are_of_the_chosen_class(open_page: OpenPage) -> None:
    page = open_page(IMPORTANCE, {"section": "Interactions", "for": "setosa"})
    # iris_tree@1 parts setosa by one question alone.
    assert "For setosa, every feature acts alone" in words(page)
    page.selectbox(key="for").set_value("virginica").run()
    assert "of all effects are of features together" in words(page)
    assert len(alts(page)) == 2 and all("virginica" in text for text in alts(page))


@pytest.mark.parametrize("section", ["Importance", "Interactions"])
def test_importance_of_a_model_that_nobody_thought_of(
    toy: Definition, open_page: OpenPage, section: str
) -> None:
    page = open_page(IMPORTANCE, {"about": toys.MODEL, "section": section, "for": "west"})
    assert not page.exception and not page.error and not page.warning
    assert any("west" in text for text in alts(page))


def test_the_second_opinion_is_the_other_models_own(open_page: OpenPage) -> None:
    page = open_page(OPINION, {"at.petal_length": "5", "class": "virginica"})
    row = np.array([[5.8, 3.0, 5.0, 1.3]])
    told = {one.label: one.value for one in page.metric}
    for reference in ("iris_tree@1", "iris_forest@1"):
        shares = loaded(reference).predict_proba(row)[0]
        top = int(np.argmax(shares))
        assert percents(told[f"{reference} says"]) == pytest.approx(
            {SPEC.classes[top]: 100 * shares[top]}, abs=1
        )
    values = re.findall(
        r": ([+−]?\d+\.\d) \| ([+−]?\d+\.\d)", alt(page, "Attributions for virginica in points")
    )
    assert len(values) == len(SPEC.features)
    for position, reference in enumerate(("iris_tree@1", "iris_forest@1")):
        model = loaded(reference)
        total = sum(float(pair[position].replace("−", "-")) for pair in values)
        base = np.mean([tree.value[0, 2] for tree in model.trees])
        assert total == pytest.approx(100 * (model.predict_proba(row)[0, 2] - base), abs=0.25)


def test_where_two_models_part_on_the_test_rows(open_page: OpenPage) -> None:
    toys.train_into(open_store(), catalogue.definition("iris_tree"), max_depth=1)
    page = open_page(OPINION, {"against": "iris_tree@2"})
    dataset = datasets.load("iris")
    x, y = dataset.x[dataset.split.test], dataset.y[dataset.split.test]
    one, two = (loaded(f"iris_tree@{number}").predict_proba(x).argmax(axis=1) for number in (1, 2))
    assert f"They answer {np.sum(one != two)} of 30 test rows differently" in words(page)
    only = int(np.sum((one == y) & (two != y)))
    assert f"Only iris_tree@1 is right on {only}," in words(page)
    assert len(page.dataframe[0].value) == np.sum(one != two)


def test_other_seeds_are_as_accurate_and_explain_otherwise(open_page: OpenPage) -> None:
    page = open_page(OPINION, {"opinion": "Other seeds"})
    assert not page.exception and not page.warning
    found = re.search(r"\*\*(\d+) of 20 models are as accurate", words(page))
    assert found and 1 <= int(found[1]) <= 20
    # Petal length and petal width part setosa from the others equally well: the seed decides which is asked.
    low, high = re.findall(r"Petal width ([\d.]+) to ([\d.]+)", alt(page, "Points of accuracy lost"))[0]
    assert float(high) > float(low)
    widget(page, "rows").set_value("Resampled rows")
    page.run()
    assert not page.exception and "are as accurate on the held-out rows" in words(page)


@pytest.mark.parametrize("opinion", ["Another model", "Other seeds"])
def test_a_second_opinion_on_a_model_that_nobody_thought_of(
    toy: Definition, open_page: OpenPage, opinion: str
) -> None:
    page = open_page(OPINION, {"mine": toys.MODEL, "opinion": opinion})
    assert not page.exception and not page.error and not page.warning
    if opinion == "Another model":
        assert "no other version that answers the same question" in words(page)
    else:
        assert any("Points of accuracy lost" in text for text in alts(page))


def test_a_second_opinion_is_asked_for_the_version_that_was_looked_at(open_page: OpenPage) -> None:
    asked = links(open_page(IMPORTANCE, {"about": "iris_forest@1"}))["Does another model say the same?"]
    assert widget(open_page(OPINION, asked), "mine").value == "iris_forest@1"
