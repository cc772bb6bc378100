"""Models that only answer, as nobody built Crumbtrail for: no trees that could be read, no network, no gradients.

A logistic regression and boosted trees on the rows of `tests.toys`, and the nearest mean colour on the patches of
`tests.picture_toys`. Each is a handful of arrays and a formula on them; its artefact is those arrays.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy.special import softmax

from data import datasets
from models import catalogue, evaluation, sklearn_trees
from models.spec import Definition, Fitted, ModelSpec, Progress, Report
from tests import picture_toys, toys

Arrays = Mapping[str, np.ndarray]
ROUNDS = 8


@dataclass(frozen=True, eq=False)
class ArraysModel:
    """A `Model` of named arrays; ``scores`` turns them and a batch into a score for each class."""

    spec: ModelSpec
    held: Arrays
    scores: Callable[[Arrays, np.ndarray], np.ndarray]

    def predict_proba(self, batch: np.ndarray) -> np.ndarray:
        """The softmax of the scores, ndarray of shape (n, n_classes)."""
        return softmax(self.scores(self.held, np.asarray(batch, dtype=np.float64)), axis=1)


def linear(held: Arrays, rows: np.ndarray) -> np.ndarray:
    return ((rows - held["mean"]) / held["deviation"]) @ held["weights"].T + held["offset"]


def fit_linear(x: np.ndarray, y: np.ndarray, seed: int) -> Arrays:
    """A multinomial logistic regression (scikit-learn) of standardised columns."""
    from sklearn.linear_model import LogisticRegression

    mean, deviation = x.mean(axis=0), x.std(axis=0)
    fitted = LogisticRegression(C=10).fit((x - mean) / deviation, y)
    return {"mean": mean, "deviation": deviation, "weights": fitted.coef_, "offset": fitted.intercept_}


def boosted(held: Arrays, rows: np.ndarray) -> np.ndarray:
    scores = np.tile(held["prior"], (len(rows), 1))
    for root, column in zip(held["root"], held["column"], strict=True):
        node = np.full(len(rows), root)
        for _ in range(int(held["depth"][0])):
            goes_left = (
                rows.astype(np.float32)[np.arange(len(rows)), held["feature"][node]]
                <= held["threshold"][node]
            )
            # A leaf leads to itself.
            node = np.where(goes_left, held["left"][node], held["right"][node])
        scores[:, column] += held["value"][node]
    return scores


def fit_boosted(x: np.ndarray, y: np.ndarray, seed: int) -> Arrays:
    """Gradient boosting (scikit-learn), its trees one after another in flat arrays."""
    from sklearn.ensemble import GradientBoostingClassifier

    fitted = GradientBoostingClassifier(n_estimators=ROUNDS, max_depth=2, random_state=seed).fit(x, y)
    parts: dict[str, list[Any]] = {name: [] for name in ("left", "right", "feature", "threshold", "value")}
    roots, start = [], 0
    for tree in (member.tree_ for member in fitted.estimators_.ravel()):
        own, leaf = start + np.arange(tree.node_count), tree.children_left < 0
        parts["left"].append(np.where(leaf, own, start + tree.children_left))
        parts["right"].append(np.where(leaf, own, start + tree.children_right))
        parts["feature"].append(np.maximum(tree.feature, 0))
        parts["threshold"].append(tree.threshold)
        parts["value"].append(fitted.learning_rate * tree.value[:, 0, 0])
        roots.append(start)
        start += tree.node_count
    prior = fitted._raw_predict_init(x[:1])[0]
    flat = {name: np.concatenate(values) for name, values in parts.items()}
    columns = np.tile(np.arange(fitted.n_classes_), ROUNDS)
    return {**flat, "root": np.array(roots), "column": columns, "prior": prior, "depth": np.array([2])}


def nearest_colour(held: Arrays, pictures: np.ndarray) -> np.ndarray:
    colours = pictures.mean(axis=(1, 2))
    return -50 * ((colours[:, None] - held["colours"]) ** 2).sum(axis=2)


def fit_colours(x: np.ndarray, y: np.ndarray, seed: int) -> Arrays:
    """The mean colour of each class's pictures."""
    return {"colours": np.stack([x[y == one].mean(axis=(0, 1, 2)) for one in np.unique(y)])}


def definition(
    like: Definition,
    name: str,
    title: str,
    fit: Callable[[np.ndarray, np.ndarray, int], Arrays],
    scores: Callable[[Arrays, np.ndarray], np.ndarray],
) -> Definition:
    """A model that learns from the same data as another toy, and offers nothing but answers."""
    from safetensors.numpy import load, save

    spec = replace(like.spec, name=name, title=title, capabilities=frozenset())

    def learn(dataset: Any, settings: Mapping[str, Any], seed: int, report: Report) -> Fitted:
        report(Progress("training", 0, 1))
        train, test = dataset.split.train, dataset.split.test
        x = dataset.x if spec.features else dataset.pixels(lambda done, total: None) / 255
        held = {
            key: np.ascontiguousarray(value) for key, value in fit(x[train], dataset.y[train], seed).items()
        }
        model = ArraysModel(spec, held, scores)
        report(Progress("training", 1, 1))
        low, high = x[train].min(axis=0), x[train].max(axis=0)
        return Fitted(
            model=model,
            artefact=save(held),
            artefact_name="model.safetensors",
            chosen={},
            metrics={"accuracy": evaluation.accuracy_on(model.predict_proba(x[test]), dataset.y[test])},
            curve=[],
            probe=sklearn_trees.probe_set(low, high, 64) if spec.features else x[:4],
        )

    return replace(
        like,
        spec=spec,
        card=replace(like.card, examples=()),
        settings=(),
        fit=learn,
        restore=lambda artefact: ArraysModel(spec, load(artefact), scores),
        arrays=lambda model: dict(model.held),
        train=None,
    )


LINEAR = definition(toys.DEFINITION, "toy_linear", "Toy regression", fit_linear, linear)
BOOSTED = definition(toys.DEFINITION, "toy_boosted", "Toy boosting", fit_boosted, boosted)
COLOURS = definition(picture_toys.DEFINITION, "toy_colours", "Toy colours", fit_colours, nearest_colour)
ALL = {one.spec.name: one for one in (LINEAR, BOOSTED, COLOURS)}
TABLES = (LINEAR.spec.name, BOOSTED.spec.name)


@contextmanager
def registered(name: str) -> Iterator[Definition]:
    """One of them in this process's catalogue, with its dataset, as long as the block runs."""
    datasets.register(toys.SOURCE)
    datasets.register(picture_toys.SOURCE)
    catalogue.register(ALL[name])
    try:
        yield ALL[name]
    finally:
        catalogue.unregister(name)
