"""The answer along one concept over many scenes: a curve each, and their mean.

Individual conditional expectation (A. Goldstein et al., "Peeking inside the black box", JCGS 24, 2015); the
mean is the partial dependence (J. Friedman, "Greedy function approximation", Annals of Statistics 29, 2001).
A flat mean can hide curves that go opposite ways, which is why the curves are shown.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from data.features import Feature
from explain.cancelling import Cancelled
from explain.concepts.space import Concepts
from explain.grid import grid
from explain.targets import check_class
from models.spec import Model, Progress, Report

VALUES = 9


@dataclass(frozen=True, slots=True, eq=False)
class ConceptIce:
    """Curves over scenes.

    Attributes
    ----------
    feature : Feature
        The concept.
    target : int
        Position of the class.
    values : ndarray of shape (n_values,)
        Of the slider, ascending, both ends among them.
    curves : ndarray of shape (n_scenes, n_values)
        Probability of the target.
    wins : ndarray of shape (n_scenes, n_values), bool
        Whether the target is the predicted class.
    usual : (low, high)
        Where the concept lies in the scenes of the training.
    """

    feature: Feature
    target: int
    values: np.ndarray
    curves: np.ndarray
    wins: np.ndarray
    usual: tuple[float, float]

    @property
    def mean(self) -> np.ndarray:
        """The partial dependence, ndarray of shape (n_values,)."""
        return self.curves.mean(axis=0)

    @property
    def flipping(self) -> int:
        """Scenes along whose curve the answer changes to the target or away from it."""
        return int(np.sum(self.wins.any(axis=1) & ~self.wins.all(axis=1)))


def concept_ice(
    model: Model,
    scenes: Sequence[Concepts],
    name: str,
    target: int,
    n: int = VALUES,
    report: Report | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> ConceptIce:
    """Ask a model along one concept of every scene, all else of each as it is.

    Parameters
    ----------
    model : Model
        An image model.
    scenes : sequence of Concepts
        At least one; each can be changed by the concept.
    name : str
        The concept.
    target : int
        Position of a class.
    n : int
        Values of the slider, spread evenly; at least 2.
    report : callable (Progress), optional
        Told after every picture.
    cancelled : callable () -> bool, optional
        Asked before every scene.

    Raises
    ------
    ValueError
        If there is no scene, one cannot be changed by the concept, `n` is below 2 or there is no such class.
    Cancelled
        If `cancelled` said so.
    """
    check_class(model.spec, target)
    if not scenes or n < 2:
        raise ValueError(f"Curves need a scene and two values at least; given are {len(scenes)} and {n}.")
    for one in scenes:
        feature = one.feature(name)
    every = grid(feature)
    values = every[np.unique(np.round(np.linspace(0, len(every) - 1, min(n, len(every)))).astype(int))]
    answers = np.empty((len(scenes), len(values), len(model.spec.classes)))
    for row, one in enumerate(scenes):
        if cancelled is not None and cancelled():
            raise Cancelled(f"The curves along {feature.label} were cancelled.")
        for column, value in enumerate(values):
            picture = one.render({**one.values, name: float(value)})
            answers[row, column] = model.predict_proba(picture[None])[0]
            if report is not None:
                done = row * len(values) + column + 1
                report(Progress(f"Rendering along {feature.label}", done, answers.shape[0] * len(values)))
    return ConceptIce(
        feature=feature,
        target=target,
        values=values,
        curves=answers[:, :, target],
        wins=np.argmax(answers, axis=2) == target,
        usual=scenes[0].usual[name],
    )
