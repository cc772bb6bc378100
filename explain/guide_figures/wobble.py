"""Noise laid over a picture, and what it does to the answer and to a map."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from explain import methods
from explain.attributions.attribution import Attribution
from explain.concepts import perturbations
from explain.targets import ClassTarget
from explain.trust.checks.similarity import rank_similarity
from explain.trust.checks.stability import max_sensitivity
from models.spec import Model


@dataclass(frozen=True, slots=True, eq=False)
class Wobble:
    """A map before and after noise.

    Attributes
    ----------
    picture : ndarray of shape (height, width, 3)
        With the noise.
    before, after : Attribution
    change : float
        Size of the maps' difference over the size of the first map; see `explain.trust.checks.stability`.
    similarity : float
        Rank correlation of the two maps' sizes; see `explain.trust.checks.similarity`.
    """

    picture: np.ndarray
    before: Attribution
    after: Attribution
    change: float
    similarity: float


def wobble(
    model: Model,
    name: str,
    picture: np.ndarray,
    target: int,
    noise: float,
    seed: int,
    settings: Mapping[str, Any] | None = None,
) -> Wobble:
    """Explain a picture, and once more with noise laid over it.

    Parameters
    ----------
    name : str
        A method for pictures.
    noise : float
        Standard deviation, in the unit of the pixels (0 to 1).
    """
    method, chosen = methods.image_method(name), dict(settings or {})
    noisy = perturbations.apply(picture, {"noise": noise, "noise_seed": seed})
    before, after = (method.attribute(model, one, ClassTarget(target), **chosen) for one in (picture, noisy))
    change = max_sensitivity(before.values, [after.values])
    return Wobble(noisy, before, after, change, rank_similarity(before.values, after.values))
