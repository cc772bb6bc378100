"""What all methods for rows of a table share: checks, the clock, and the attribution around the values."""

from __future__ import annotations

import importlib
import time
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np

from explain.attributions.attribution import Attribution, AttributionError, MethodError
from explain.grid import as_row
from explain.levels import Level, lacking
from explain.targets import Target
from models.spec import Model, ModelSpec

LARGEST_GAP = 1e-6
"""By so much base and values may miss the answer, in probability: far above what rounding leaves in a forest of
hundreds of trees, far below what a chart can show."""


@dataclass(frozen=True, slots=True, eq=False)
class RowQuestion:
    """What a method is asked: ``row`` is its own copy, ``background`` is None where it needs none."""

    model: Model
    row: np.ndarray
    target: Target
    background: np.ndarray | None


@dataclass(frozen=True, slots=True, eq=False)
class Shares:
    """What a method finds.

    Attributes
    ----------
    values : ndarray of shape (n_features,), float64
        Probability.
    base_value : float
    passes : int
        How often the model was run on a row.
    settings : mapping
        How it was computed; JSON values.
    """

    values: np.ndarray
    base_value: float
    passes: int = 1
    settings: Mapping[str, Any] = field(default_factory=dict)


class RowMethod(ABC):
    """A `Method` for rows of a table; a subclass adds the formula, `_shares`.

    Attributes
    ----------
    needs : Level
        The lowest level of a model that it can do with.
    needs_background : bool
        Whether it takes ``background``: real rows to compare with, ndarray of shape (n, n_features).
    libraries : tuple of str
        Loaded before the clock starts.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    signed: ClassVar[bool] = True
    complete: ClassVar[bool] = True
    cost: ClassVar[str]
    needs: ClassVar[Level]
    needs_background: ClassVar[bool] = False
    libraries: ClassVar[tuple[str, ...]] = ()

    def unsupported(self, spec: ModelSpec) -> str | None:
        """The reason, in one sentence, that the method cannot be used here; None where it fits."""
        if spec.modality != "tabular":
            return f"{self.title} explains rows of a table, and {spec.title} answers for pictures."
        return lacking(self.title, spec, self.needs)

    @abstractmethod
    def _shares(self, question: RowQuestion) -> Shares:
        """The method's formula. It leaves row and model as they are."""

    def attribute(self, model: Model, x: np.ndarray, target: Target, **settings: Any) -> Attribution:
        """Explain the model's answer for one row; see `explain.attributions.attribution.Method.attribute`.

        Raises
        ------
        AttributionError
            If base and values differ from the model's answer by more than `LARGEST_GAP`.
        """
        spec = model.spec
        reason = self.unsupported(spec)
        if reason is not None:
            raise MethodError(reason)
        target.check(spec)
        background = self._background(spec, settings)
        row = as_row(spec, x)
        for library in self.libraries:
            importlib.import_module(library)
        output = float(target.of(model.predict_proba(row[None])[0]))
        start = time.perf_counter()
        found = self._shares(RowQuestion(model, row, target, background))
        attribution = Attribution(
            values=found.values,
            base_value=found.base_value,
            target=target,
            output=output,
            method=self.name,
            settings=found.settings,
            passes=found.passes,
            milliseconds=(time.perf_counter() - start) * 1000,
            units="probability",
            baseline=None if background is None else f"{len(background)} rows that it learned from",
        )
        if self.complete and attribution.completeness_gap > LARGEST_GAP:
            raise AttributionError(
                f"{self.title}'s values add up to {found.base_value + found.values.sum():.6f}, but {spec.title} "
                f"answers {output:.6f}. They are not shown."
            )
        return attribution

    def _background(self, spec: ModelSpec, settings: Mapping[str, Any]) -> np.ndarray | None:
        """The rows to compare with, checked; any other setting is refused."""
        others = sorted(set(settings) - ({"background"} if self.needs_background else set()))
        if others:
            takes = "no settings but a background" if self.needs_background else "no settings"
            raise MethodError(f"{self.title} takes {takes}, but was given {', '.join(others)}.")
        if not self.needs_background:
            return None
        if settings.get("background") is None:
            raise MethodError(
                f"{self.title} compares with rows that the model learned from, and was given no background."
            )
        rows = np.array(settings["background"], dtype=np.float64)
        if rows.ndim != 2 or not len(rows) or rows.shape[1] != len(spec.features):
            raise MethodError(
                f"{self.title} needs a background of shape (n, {len(spec.features)}), not an array of shape "
                f"{rows.shape}."
            )
        if not np.isfinite(rows).all():
            raise MethodError(f"{self.title} needs a background of finite numbers.")
        return rows
