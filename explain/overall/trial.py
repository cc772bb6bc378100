"""A model trained for a look: with other settings, in memory, judged on training rows alone, never stored.

Whoever turns a knob until a figure is best has chosen by that figure. So the figure is a
cross-validation inside the training rows; the test rows stay out of it, and keep their meaning for the
version that is trained in the end (T. Hastie et al., "The Elements of Statistical Learning", 2nd ed.,
2009, section 7.2).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from governance.registry import Version
from models import evaluation
from models.spec import Definition, Model, Setting

# The folds are the same for every setting and seed, so that two trials differ by nothing else.
_SEED_OF_FOLDS = 0


@dataclass(frozen=True, slots=True, eq=False)
class Trial:
    """A model with its figures.

    Attributes
    ----------
    training : dict
        Accuracy on the rows that it learned from; see `models.evaluation.accuracy_on`.
    cross_validation : dict
        Accuracy of the same training on rows left out, inside the training rows; see
        `models.evaluation.repeated_cross_validation`.
    """

    model: Model
    training: dict[str, Any]
    cross_validation: dict[str, Any]


def unsupported(definition: Definition) -> str | None:
    """The reason that a model cannot be trained for a look; None where it can."""
    if definition.train is not None:
        return None
    return f"{definition.spec.title} takes too long to train for a look. The catalogue trains new versions."


def starting_settings(definition: Definition, version: Version) -> dict[str, Any]:
    """The settings that a version was trained with, after ``auto`` was decided."""
    used = version.record.parameters
    known = {**used.settings, **used.chosen}
    return {setting.name: _settled(setting, known.get(setting.name)) for setting in definition.settings}


def _settled(setting: Setting, value: Any) -> int | float | str:
    if value not in (None, "auto"):
        return value
    return setting.default if setting.default != "auto" else int(setting.low or 0)


def trial(
    definition: Definition, settings: Mapping[str, Any], seed: int, x: np.ndarray, y: np.ndarray
) -> Trial:
    """Train with settings and a seed, and judge that training.

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

    Raises
    ------
    ValueError
        If the definition cannot be trained for a look.
    """
    train = definition.train
    if train is None:
        raise ValueError(str(unsupported(definition)))

    def fit(some_x: np.ndarray, some_y: np.ndarray, _seed: int) -> evaluation.Predictor:
        fold = train(some_x, some_y, settings, seed)
        return lambda rows: fold.predict_proba(rows).argmax(axis=1)

    model = train(x, y, settings, seed)
    return Trial(
        model=model,
        training=evaluation.accuracy_on(model.predict_proba(x), y),
        cross_validation=evaluation.repeated_cross_validation(
            fit, x, y, _SEED_OF_FOLDS, lambda progress: None
        ),
    )
