"""A picture that can be made again with other values of its concepts, and a model that is asked about it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from data.features import Feature
from explain.cancelling import Cancelled
from explain.concepts import perturbations
from models.spec import Model, Progress, Report

if TYPE_CHECKING:
    from data.bakery import Scene

RenderAll = Callable[[Mapping[str, float]], np.ndarray]


@dataclass(frozen=True, slots=True, eq=False)
class Concepts:
    """What can be changed about a picture.

    Attributes
    ----------
    features : tuple of Feature
        The concepts that can change it.
    values : mapping of str to float
        Where each of them is now, by its name; inside its range, on the slider's steps or between.
    usual : mapping of str to (low, high)
        Where each lies in the pictures of the training.
    render : callable (mapping of str to float) -> ndarray of shape (height, width, 3)
        The picture, in [0, 1] and of the model's size, with these values and all else as it is.
    """

    features: tuple[Feature, ...]
    values: Mapping[str, float]
    usual: Mapping[str, tuple[float, float]]
    render: RenderAll

    def feature(self, name: str) -> Feature:
        """A concept by its name; raises ValueError for one that cannot change this picture."""
        for one in self.features:
            if one.name == name:
                return one
        known = ", ".join(one.name for one in self.features)
        raise ValueError(f"{name!r} cannot change this picture. What can: {known}.")

    def distance(self, name: str, value: float) -> float:
        """How far a value is from the present one, in widths of the concept's usual range."""
        low, high = self.usual[name]
        # Rounded, so that steps of equal length tie whatever the last bits of 0.1 do.
        return round(abs(value - self.values[name]) / (high - low), 9)

    def is_usual(self, name: str, value: float) -> bool:
        """Whether a value occurs in the pictures of the training; both ends do."""
        low, high = self.usual[name]
        return low <= value <= high


def of_scene(scene: Scene, size: int, pixels: Mapping[str, float] | None = None) -> Concepts:
    """The concepts of a scene; each is usual where the prior draws it.

    Parameters
    ----------
    scene : Scene
        As it is now.
    size : int
        Side of the picture in pixels.
    pixels : mapping, optional
        For `explain.concepts.perturbations.apply`: what is done to every picture after it was rendered.
    """
    from data import bakery

    prior = bakery.PRIOR[scene.kind]
    return Concepts(
        features=scene.live_concepts,
        values=dict(scene.concepts),
        usual={name: (where.low, where.high) for name, where in prior.items()},
        render=partial(_rendered, scene, size, pixels or {}),
    )


def _rendered(
    scene: Scene, size: int, pixels: Mapping[str, float], values: Mapping[str, float]
) -> np.ndarray:
    from data import bakery

    made = bakery.render(scene.replace(**values), size).image
    return perturbations.apply(made, pixels) if pixels else made


class Asking:
    """Renders and asks, each combination of values once; counts, tells, and stops when it is told to.

    Parameters
    ----------
    report : callable (Progress), optional
        Told after every picture.
    cancelled : callable () -> bool, optional
        Asked before every picture; `Cancelled` is raised if it says so.

    Attributes
    ----------
    renders : int
        Pictures that were made and asked.
    """

    def __init__(
        self,
        model: Model,
        concepts: Concepts,
        report: Report | None = None,
        cancelled: Callable[[], bool] | None = None,
    ) -> None:
        self._model, self._concepts = model, concepts
        self._report, self._cancelled = report, cancelled
        self._answers: dict[tuple[tuple[str, float], ...], np.ndarray] = {}
        self.renders = 0

    def __call__(self, moved: Mapping[str, float], step: str, total: int) -> np.ndarray:
        """Probabilities, ndarray of shape (n_classes,), with these concepts moved and the others as they are.

        Parameters
        ----------
        step, total
            For the report: what this picture is a part of, and how many pictures there may be in all.
        """
        key = tuple(sorted((name, value) for name, value in moved.items() if self._is_moved(name, value)))
        if key not in self._answers:
            if self._cancelled is not None and self._cancelled():
                raise Cancelled(f"{step}: cancelled.")
            # One at a time: the last bits of an answer depend on what else is in the batch.
            picture = self._concepts.render({**self._concepts.values, **moved})
            self._answers[key] = self._model.predict_proba(picture[None])[0]
            self.renders += 1
            if self._report is not None:
                self._report(Progress(step, min(self.renders, total), total))
        return self._answers[key]

    def _is_moved(self, name: str, value: float) -> bool:
        return value != self._concepts.values[name]


def margin(answer: np.ndarray, wanted: Iterable[int]) -> float:
    """Logit of the likeliest wanted class less that of the likeliest other: above 0 where a wanted one wins."""
    logits = np.log(np.maximum(answer, np.finfo(np.float64).tiny))
    chosen = np.isin(np.arange(len(answer)), list(wanted))
    return float(logits[chosen].max() - logits[~chosen].max())
