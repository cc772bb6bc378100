"""What an attribution is, and what computes one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from data.failures import CrumbtrailError, UserMistake
from explain.levels import Level
from explain.targets import Target
from models.spec import Model, ModelSpec


class MethodError(UserMistake):
    """A method is unknown, does not fit the model, or was given a setting that it does not take."""


class AttributionError(CrumbtrailError):
    """A method's values do not add up to what the model says, and must not be shown."""


@dataclass(frozen=True, slots=True, eq=False)
class Attribution:
    """How much each feature of a row, or each pixel of a picture, counts for one class.

    Attributes
    ----------
    values : ndarray of shape (n_features,) or (height, width), float64
        In `units`; for a signed method positive speaks for the target and negative against it, for any
        other they are 0 or more.
    base_value : float
        What the method starts from, before any feature is known, in `units`; 0 where it starts from
        nothing.
    target : Target
        What the values are evidence for.
    output : float
        The model's own answer for the target, in `units`, asked apart from the method.
    method : str
        Name in the catalogue.
    settings : mapping
        Everything that was chosen for this run; JSON values.
    passes : int
        How often the model was run on an input.
    milliseconds : float
        Wall time, without imports.
    units : str
        Of base and output: ``probability``, ``logit``, or ``log-odds`` of a model for pictures that gives no logits.
    backward_passes : int
        How often a gradient was taken back to an input.
    baseline : str or None
        What stands for an absent feature or pixel, in words; None where nothing has to.
    normalisation : str
        How a picture's channels became one value a pixel, and how they were scaled.
    """

    values: np.ndarray
    base_value: float
    target: Target
    output: float
    method: str
    settings: Mapping[str, Any]
    passes: int
    milliseconds: float
    units: str
    backward_passes: int = 0
    baseline: str | None = None
    normalisation: str = "none"

    @property
    def completeness_gap(self) -> float:
        """|base + sum of values - output|, in `units`: 0 where the values account for all of it.

        It means something only for a method that is `Method.complete`.
        """
        return abs(self.base_value + float(self.values.sum()) - self.output)


class Method(Protocol):
    """One way to compute an attribution.

    Attributes
    ----------
    name : str
        As in URLs, on the command line and in receipts.
    title : str
        What a person reads.
    signed : bool
        Whether values can speak against the target.
    complete : bool
        Whether base and values promise to add up to the output, as closely as the method's steps allow.
    cost : str
        Forward and backward passes in words.
    needs : Level
        The lowest level of a model that it can do with (`explain.levels`).
    needs_background : bool
        Whether it takes ``background``, real inputs to compare with.
    """

    @property
    def name(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def signed(self) -> bool: ...
    @property
    def complete(self) -> bool: ...
    @property
    def cost(self) -> str: ...
    @property
    def needs(self) -> Level: ...
    @property
    def needs_background(self) -> bool: ...

    def unsupported(self, spec: ModelSpec) -> str | None:
        """The reason, in one sentence, that the method cannot be used here; None where it fits."""
        ...

    def attribute(self, model: Model, x: np.ndarray, target: Target, **settings: Any) -> Attribution:
        """Explain the model's answer for one input; never changes `x`.

        Parameters
        ----------
        model : Model
            The loaded version.
        x : ndarray of shape (n_features,), or (height, width, 3) with values in [0, 1]
            The input.
        target : Target
            What to explain: evidence for a class, or for one rather than another.
        **settings
            What the method lets a person choose.

        Raises
        ------
        MethodError
            If the method does not fit the model or does not take a setting.
        ValueError
            If `x` or `target` do not fit the model.
        """
        ...
