"""A row of a table model, and the grid of slider steps on which it can be moved."""

from __future__ import annotations

import math

import numpy as np

from data.features import Feature
from data.names import did_you_mean
from models.spec import ModelSpec

# Closer to a grid value than this share of a step, a value lies on the grid: 3 * 0.1 is 0.3.
ON_GRID = 1e-9


def as_row(spec: ModelSpec, row: np.ndarray) -> np.ndarray:
    """Check a row and return it as a new float64 array of shape (n_features,).

    Raises
    ------
    ValueError
        If it has another number of values than the model has features, or one is not finite.
    """
    values = np.array(row, dtype=np.float64)
    if values.shape != (len(spec.features),):
        raise ValueError(
            f"{spec.title} takes a row of {len(spec.features)} values, not an array of shape {values.shape}."
        )
    for feature, value in zip(spec.features, values, strict=True):
        if not math.isfinite(value):
            raise ValueError(f"{feature.label} is {value}, which is not a number that can be compared.")
    return values


def feature_index(spec: ModelSpec, name: str) -> int:
    """Position of a feature by its name; raises ValueError that names the nearest one."""
    return _position(name, [feature.name for feature in spec.features], "feature", spec)


def class_index(spec: ModelSpec, name: str) -> int:
    """Position of a class by its name; raises ValueError that names the nearest one."""
    return _position(name, list(spec.classes), "class", spec)


def flip_classes(spec: ModelSpec, before: int, to_class: str | None) -> set[int]:
    """Positions of the classes that count as a flip: the one that is asked for, else all but the present one.

    Raises
    ------
    ValueError
        If the class is unknown, or is what the model predicts already.
    """
    if to_class is None:
        return set(range(len(spec.classes))) - {before}
    wanted = class_index(spec, to_class)
    if wanted == before:
        raise ValueError(f"{spec.title} predicts {to_class} already, so there is nothing to flip.")
    return {wanted}


def grid(feature: Feature) -> np.ndarray:
    """Every value that the feature's slider can take, ascending, ndarray of shape (n_values,).

    The multiples of the step inside [low, high], rounded as `Feature.snap` rounds them.
    """
    first = math.ceil(feature.low / feature.step - ON_GRID)
    last = math.floor(feature.high / feature.step + ON_GRID)
    return np.array([round(k * feature.step, feature.decimals) for k in range(first, last + 1)])


def steps_from(feature: Feature, value: float) -> np.ndarray:
    """How many steps each value of the `grid` is away, ndarray of shape (n_values,), int64.

    A grid value that is the value itself, up to `ON_GRID` of a step, is 0 steps away. From between two
    grid values either neighbour is one step away; from outside the range every begun step counts.
    """
    values, close = grid(feature), ON_GRID * feature.step
    position = np.arange(len(values))
    above = int(np.searchsorted(values, value - close))
    if above < len(values) and values[above] - value <= close:
        return np.abs(position - above)
    distance = np.where(position >= above, position - above + 1, above - position)
    if len(values) and not values[0] < value < values[-1]:
        gap = max(values[0] - value, value - values[-1])
        distance += math.ceil(gap / feature.step - ON_GRID) - 1
    return distance


def _position(name: str, names: list[str], kind: str, spec: ModelSpec) -> int:
    if name in names:
        return names.index(name)
    hint = did_you_mean(name, names)
    raise ValueError(f"{spec.title} has no {kind} {name!r}.{hint} There are: {', '.join(names)}.")
