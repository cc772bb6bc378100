"""How far a picture lies from the training pictures, in the network's own features.

The distance is that to the nearest training picture, both with features of length 1 (Y. Sun et al.,
"Out-of-distribution detection with deep nearest neighbors", ICML 2022, with the first neighbour). It is
compared with the same distance of pictures that are like those of the training and that it never saw.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from explain.nearby import features
from explain.nearby.examples import Examples
from explain.nearby.features import penultimate
from explain.nearby.typicality import Typicality, level_of
from explain.numbers import percent
from models.spec import Model, ModelSpec, Progress, Report

NAME = "typicality"
DEFAULT_N = 300
# Digits of stored features: their rows have length 1, so a distance is kept to the third digit or better.
_DIGITS = 4


@dataclass(frozen=True, slots=True, eq=False)
class Reference:
    """What a picture is compared with.

    Attributes
    ----------
    known : ndarray of shape (n, d)
        Features of training pictures.
    usual : ndarray of shape (m,)
        Distances of pictures that were held back to the nearest of `known`, ascending.
    what : str
        What was compared, for a sentence.
    """

    known: np.ndarray
    usual: np.ndarray
    what: str


def unsupported(spec: ModelSpec) -> str | None:
    """The reason, in one sentence, that `measure` cannot be run on a model; None where it can."""
    from data import bakery

    if set(spec.classes) != set(bakery.KINDS):
        return f"Typicality is measured over rendered scenes, and {spec.title} knows other classes."
    return features.unsupported(spec)


def reference_of(examples: Examples) -> Reference:
    """The reference that examples give; at least one must be held back."""
    return Reference(examples.features, _nearest(examples.held_back, examples.features), examples.what)


def of_picture(model: Model, picture: np.ndarray, reference: Reference) -> Typicality:
    """Where a picture lies.

    Parameters
    ----------
    model : Model
        The one whose features the reference holds.
    picture : ndarray of shape (height, width, 3), float32 in [0, 1]
    """
    distance = float(_nearest(penultimate(model, picture[None]), reference.known)[0])
    share = float(np.mean(reference.usual >= distance))
    further = "none" if share == 0 else percent(share)
    return Typicality(
        level_of(share),
        share,
        f"In the network's features it lies {distance:.2f} from the nearest of {reference.what} (0: the same, 1.41: "
        f"nothing in common); of {len(reference.usual)} pictures that the training did not see, {further} lie "
        "that far or further.",
    )


def measure(model: Model, n: int, seed: int, report: Report) -> dict[str, Any]:
    """Measure what is usual over scenes, to be kept with a version.

    Parameters
    ----------
    n : int
        Training scenes to compare with; half as many, drawn from the same prior with `seed`, are held back.
    seed : int
        Not the training's own: see `data.scenes`.

    Returns
    -------
    dict
        JSON values: ``known`` (n rows of features), ``usual`` (distances, ascending), ``what``.

    Raises
    ------
    ValueError
        If the model does not fit; see `unsupported`.
    """
    from data import bakery, scenes
    from data.images import as_input, scaled

    reason = unsupported(model.spec)
    if reason is not None:
        raise ValueError(reason)
    size = model.spec.image_size
    assert size is not None
    drawn = scenes.load(n)
    pixels = drawn.pixels(lambda done, total: report(Progress("training scenes", done, total)))
    seen = as_input(scaled(pixels[drawn.split.train], size))
    others = bakery.sample_scenes(max(n // 2, 1), seed)
    unseen = np.empty((len(others), size, size, 3), np.float32)
    for row, scene in enumerate(others):
        unseen[row] = bakery.render(scene, size).image
        report(Progress("scenes held back", row + 1, len(others)))
    known = np.round(penultimate(model, seen), _DIGITS)
    usual = np.round(_nearest(penultimate(model, unseen), known), _DIGITS)
    return {"known": known.tolist(), "usual": usual.tolist(), "what": f"{n} scenes of the training"}


def from_results(results: Mapping[str, Any]) -> Reference:
    """The reference that `measure` stored."""
    return Reference(np.array(results["known"]), np.array(results["usual"]), results["what"])


def _nearest(queries: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Distance of each query to the nearest known row, ascending, ndarray of shape (n_queries,)."""
    from scipy.spatial.distance import cdist

    return np.sort(cdist(queries, known).min(axis=1))
