"""The catalogue of what can be measured about a version, once, over many inputs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from data.failures import UserMistake
from data.names import did_you_mean
from explain.concepts import concept_importance
from explain.trust import trust_thresholds
from explain.truth import agreement, truth_table
from explain.typicality import feature_typicality
from models.spec import ModelSpec


@dataclass(frozen=True, slots=True)
class Measurement:
    """Something that is measured over many inputs and kept with the version.

    Attributes
    ----------
    name : str
        As it is stored.
    n : int
        How many inputs it takes where nothing else is asked for.
    unsupported : callable (ModelSpec) -> str or None
        The reason, in one sentence, that it cannot be measured on a model; None where it can.
    measure : callable (model, n, seed, report) -> dict
        JSON values.
    of_training : callable (ModelSpec) -> bool
        Whether `measure` also takes ``learned``, the pictures of the version's own dataset.
    """

    name: str
    n: int
    unsupported: Callable[[ModelSpec], str | None]
    measure: Callable[..., dict[str, Any]]
    of_training: Callable[[ModelSpec], bool] = lambda spec: False


_MEASUREMENTS = (
    Measurement(
        trust_thresholds.NAME,
        trust_thresholds.MOST,
        trust_thresholds.unsupported,
        trust_thresholds.measure,
        of_training=trust_thresholds.needs_pictures,
    ),
    Measurement("truth_table", 200, truth_table.unsupported, truth_table.measure),
    Measurement("agreement", 100, agreement.unsupported, agreement.measure),
    Measurement(
        "concept_importance",
        concept_importance.DEFAULT_N,
        concept_importance.unsupported,
        concept_importance.measure,
    ),
    Measurement(
        feature_typicality.NAME,
        feature_typicality.DEFAULT_N,
        feature_typicality.unsupported,
        feature_typicality.measure,
        of_training=lambda spec: True,
    ),
)


def names() -> list[str]:
    """Names of all measurements, in the order in which they are best made."""
    return [one.name for one in _MEASUREMENTS]


def measurement(name: str) -> Measurement:
    """Look a measurement up by its name.

    Raises
    ------
    UserMistake
        With the nearest name.
    """
    for one in _MEASUREMENTS:
        if one.name == name:
            return one
    hint = did_you_mean(name, names())
    raise UserMistake(f"Nothing is measured by the name {name!r}.{hint} There are: {', '.join(names())}.")
