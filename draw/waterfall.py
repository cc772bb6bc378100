"""An attribution as a staircase: from the base, one step a feature, to the model's output."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from explain.attributions.attribution import Attribution

MOST_STEPS = 12


@dataclass(frozen=True, slots=True)
class Stair:
    """One step of a waterfall.

    Attributes
    ----------
    features : tuple of int
        Positions of the features that the step stands for: one, or several small ones together.
    begin, end : float
        Running sum before and after it.
    """

    features: tuple[int, ...]
    begin: float
    end: float


@dataclass(frozen=True, slots=True)
class Waterfall:
    """Steps from base to sum.

    Attributes
    ----------
    base : float
    stairs : tuple of Stair
        Largest first; where there are many features, the last one holds all the rest.
    total : float
        Base plus all values: where the last step ends.
    output : float
        The model's own answer, from which the total may differ by the completeness gap.
    """

    base: float
    stairs: tuple[Stair, ...]
    total: float
    output: float


def waterfall(attribution: Attribution, most_steps: int = MOST_STEPS) -> Waterfall:
    """Order an attribution's values by size and add them up, one after the other.

    Parameters
    ----------
    attribution : Attribution
        Of a row, with one value a feature.
    most_steps : int
        Beyond it, the smallest values are put together in the last step.
    """
    order = [int(i) for i in np.argsort(-np.abs(attribution.values), kind="stable")]
    groups: list[tuple[int, ...]] = [(i,) for i in order]
    if len(order) > most_steps:
        groups = [*groups[: most_steps - 1], tuple(order[most_steps - 1 :])]
    level, stairs = attribution.base_value, []
    for features in groups:
        after = level + float(attribution.values[list(features)].sum())
        stairs.append(Stair(features, level, after))
        level = after
    return Waterfall(attribution.base_value, tuple(stairs), level, attribution.output)
