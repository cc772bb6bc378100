"""The same training many times: how much of a model and of its explanation is chance.

Many different models can be equally accurate (L. Breiman, "Statistical modeling: the two cultures",
Statistical Science 16, 2001, called it the Rashomon effect), and each has an explanation of its own. How
much any of them leans on a feature is a range, not a number (A. Fisher, C. Rudin and F. Dominici, "All
models are wrong, but many are useful", Journal of Machine Learning Research 20, 2019). The range over
models that were tried is a lower bound of the range over all.

A seed alone changes little where the training has few ties to break; a resampled training set (a
bootstrap) asks what would have come out had other rows been collected.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from explain.attributions.tree_shap import values_of_rows
from explain.numbers import percent, plural, threshold
from explain.overall.importance import permutation
from explain.trees.boxes import trees_of
from models.spec import Definition, Model, ModelSpec

SEEDS = 20
# How many first questions are named.
_LISTED = 5


@dataclass(frozen=True, slots=True, eq=False)
class ManySeeds:
    """Models of the same training, one a seed.

    Attributes
    ----------
    accuracies : ndarray of shape (n_seeds,)
        On the held-out rows.
    structures : tuple of int
        The same number where questions and thresholds are the same.
    first_questions : tuple of str
        What each model asks first; for a forest, what most of its trees ask first.
    reliances : ndarray of shape (n_seeds, n_features)
        Permutation importance on the held-out rows.
    """

    accuracies: np.ndarray
    structures: tuple[int, ...]
    first_questions: tuple[str, ...]
    reliances: np.ndarray

    def as_accurate_as(self, accuracy: float, tolerance: float) -> np.ndarray:
        """Which models are at least so accurate, less a tolerance: bool ndarray of shape (n_seeds,)."""
        return self.accuracies >= accuracy - tolerance - 1e-12


def train_seeds(
    definition: Definition,
    settings: Mapping[str, Any],
    seeds: Sequence[int],
    x: np.ndarray,
    y: np.ndarray,
    resample: bool,
) -> tuple[Model, ...]:
    """Train once a seed, in memory.

    Parameters
    ----------
    definition : Definition
        With a `train`.
    settings : mapping
        All of the definition's settings.
    x : ndarray of shape (n_rows, n_features)
        The training rows.
    y : ndarray of shape (n_rows,)
        Their classes, as positions.
    resample : bool
        Draw as many training rows with replacement, by the same seed; each class keeps its number, so
        that none is lost.

    Raises
    ------
    ValueError
        If the definition cannot be trained in memory.
    """
    if definition.train is None:
        raise ValueError(f"{definition.spec.title} cannot be trained in memory.")
    rows = (_resampled(y, seed) if resample else np.arange(len(y)) for seed in seeds)
    return tuple(
        definition.train(x[drawn], y[drawn], settings, seed) for seed, drawn in zip(seeds, rows, strict=True)
    )


def many_seeds(models: Sequence[Model], x: np.ndarray, y: np.ndarray) -> ManySeeds:
    """Compare models of one training on held-out rows.

    Parameters
    ----------
    models : sequence of Model
        With capability ``tree`` or ``trees``.
    x : ndarray of shape (n_rows, n_features)
        Held-out rows.
    y : ndarray of shape (n_rows,)
        Their classes, as positions.
    """
    numbers: dict[Any, int] = {}
    reliances = [permutation(model, x, y) for model in models]
    return ManySeeds(
        accuracies=np.array([np.mean(model.predict_proba(x).argmax(axis=1) == y) for model in models]),
        structures=tuple(numbers.setdefault(_structure(model), len(numbers)) for model in models),
        first_questions=tuple(first_question(model) for model in models),
        reliances=np.array([reliance.values for reliance in reliances]),
    )


def explained_by_each(models: Sequence[Model], row: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """What each model answers for a row, and its TreeSHAP values.

    Returns
    -------
    probabilities : ndarray of shape (n_models, n_classes)
    attributions : ndarray of shape (n_models, n_features, n_classes)
    """
    probabilities = np.array([model.predict_proba(row[None])[0] for model in models])
    return probabilities, np.array([values_of_rows(model, row[None])[0][0] for model in models])


def first_question(model: Model) -> str:
    """What most trees of a model ask first, ``Petal length ≤ 2.45 cm``; how many, where they differ."""
    trees = trees_of(model)
    asked = Counter(_question(model.spec, int(tree.feature[0]), float(tree.threshold[0])) for tree in trees)
    question, times = asked.most_common(1)[0]
    return question if len(trees) == 1 else f"{question} (in {times} of {len(trees)} trees)"


def finding(
    found: ManySeeds, equal: np.ndarray, reference: str, accuracy: float, tolerance: float
) -> tuple[str, str]:
    """Say how many models are as accurate as a version, and how many different ones are among them.

    Parameters
    ----------
    equal : ndarray of shape (n_seeds,), bool
        As `ManySeeds.as_accurate_as` gives it for the accuracy and the tolerance.
    reference : str
        What the version is called.
    """
    kinds = len({found.structures[i] for i in np.flatnonzero(equal)})
    return (
        f"{int(equal.sum())} of {plural(len(equal), 'model')} are as accurate on the held-out rows as {reference} "
        f"({percent(accuracy)}, less a tolerance of {tolerance * 100:g} points).",
        f"Among them are {plural(kinds, 'different model')}, by their questions and thresholds.",
    )


def asked_first(found: ManySeeds, equal: np.ndarray, stored: Model) -> str:
    """Say what the equally accurate models ask first, the most frequent first, and what the version asks."""
    asked = [found.first_questions[i] for i in np.flatnonzero(equal)]
    counted = sorted({question: asked.count(question) for question in asked}.items(), key=lambda one: -one[1])
    listed = "; ".join(f"{question} ({times})" for question, times in counted[:_LISTED])
    rest = f"; {len(counted) - _LISTED} other first questions" if len(counted) > _LISTED else ""
    return f"Asked first: {listed}{rest}. The stored version asks first: {first_question(stored)}."


def most_answer(spec: ModelSpec, probabilities: np.ndarray) -> str:
    """Say how many models give the most frequent answer for an input.

    Parameters
    ----------
    probabilities : ndarray of shape (n_models, n_classes)
        Their answers.
    """
    answers = probabilities.argmax(axis=1)
    top = int(np.bincount(answers).argmax())
    return f"{int(np.sum(answers == top))} of {len(answers)} answer {spec.classes[top]} for this input."


def _question(spec: ModelSpec, feature: int, limit: float) -> str:
    if feature < 0:
        return "nothing"
    return f"{spec.features[feature].label} ≤ {threshold(spec.features[feature], limit)}"


def _structure(model: Model) -> tuple[bytes, ...]:
    return tuple(
        part
        for tree in trees_of(model)
        # Leaves hold -2 in both arrays, so they are compared as leaves.
        for part in (tree.feature.tobytes(), np.round(tree.threshold, 6).tobytes())
    )


def _resampled(y: np.ndarray, seed: int) -> np.ndarray:
    random = np.random.default_rng(seed)
    own = [np.flatnonzero(y == index) for index in np.unique(y)]
    return np.concatenate([random.choice(rows, len(rows)) for rows in own])
