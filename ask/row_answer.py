"""Everything about one row, put together the same way for the page and for the command line."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from explain import methods
from explain.attributions.attribution import Attribution
from explain.attributions.decision_path import DecisionPath, decision_path
from explain.rows.grid import as_row
from explain.rows.nearest_flip import NearestFlip
from explain.rows.ranges import Outside
from explain.targets import ClassTarget, parse
from explain.trees.boxes import trees_of
from explain.words import finding
from models.spec import Model, ModelSpec


@dataclass(frozen=True, slots=True, eq=False)
class Explanation:
    """An explained row.

    Attributes
    ----------
    spec : ModelSpec
    version : str
        For instance ``iris_tree@3``.
    row : ndarray of shape (n_features,)
    probabilities : ndarray of shape (n_classes,)
    predicted : int
        Position of the predicted class.
    attribution : Attribution
        For the target, which need not be the predicted class.
    path : DecisionPath or None
        For a model that is one readable tree.
    words : tuple of str
        See `explain.words.finding`.
    receipt : mapping
        What decides the values, as JSON; without times, so that the same question has the same receipt.
    receipt_id : str
        SHA-256 of the receipt's canonical JSON (RFC 8785), in hexadecimal.
    """

    spec: ModelSpec
    version: str
    row: np.ndarray
    probabilities: np.ndarray
    predicted: int
    attribution: Attribution
    path: DecisionPath | None
    words: tuple[str, ...]
    receipt: Mapping[str, Any]
    receipt_id: str

    def to_json(self, out: str | None = None) -> dict[str, Any]:
        """What ``python -m explain --json`` prints, JSON values only.

        Parameters
        ----------
        out : str, optional
            Path of a file that holds the values too.
        """
        attribution = self.attribution
        return {
            **({} if out is None else {"out": out}),
            "method": attribution.method,
            "target": attribution.target.name(self.spec),
            "version": self.version,
            "class": self.spec.classes[self.predicted],
            "probabilities": named(self.spec.classes, self.probabilities),
            "values": named([feature.name for feature in self.spec.features], attribution.values),
            "base_value": attribution.base_value,
            "output": attribution.output,
            "units": attribution.units,
            "trust": {"completeness_gap": attribution.completeness_gap},
            "words": list(self.words),
            "receipt": {"id": self.receipt_id, **self.receipt},
        }


def explain_row(
    model: Model,
    row: np.ndarray,
    method_name: str,
    target: str | None = None,
    *,
    version: str,
    weights_digest: str,
    background: np.ndarray | None = None,
    settings: Mapping[str, Any] | None = None,
    flip: NearestFlip | None = None,
    outside: Sequence[Outside] = (),
) -> Explanation:
    """Explain a model's answer for a row of a table.

    Parameters
    ----------
    model : Model
        The loaded version.
    row : ndarray of shape (n_features,)
        The row in question.
    method_name : str
        A name in `explain.methods`.
    target : str, optional
        What to explain, as `explain.targets.parse` reads it; the predicted class by default.
    version, weights_digest : str
        Which version answers, and the digest of its weights, for the receipt.
    background : ndarray of shape (n, n_features), optional
        Rows that the model learned from, for a method that needs them; others do without.
    settings : mapping, optional
        Of the method.
    flip : NearestFlip, optional
        Told in the words.
    outside : sequence of Outside
        Told in the words.

    Raises
    ------
    MethodError
        If the method is unknown, does not fit the model, or lacks its background.
    ValueError
        If the row or the target do not fit the model.
    """
    spec, start = model.spec, as_row(model.spec, row)
    method = methods.method(method_name)
    probabilities = model.predict_proba(start[None])[0]
    predicted = int(np.argmax(probabilities))
    wanted = ClassTarget(predicted) if target is None else parse(spec, target)
    more: dict[str, Any] = {"background": background} if method.needs_background else {}
    attribution = method.attribute(model, start, wanted, **(settings or {}), **more)
    path = decision_path(trees_of(model)[0], spec, start) if "tree" in spec.capabilities else None
    told = named([feature.name for feature in spec.features], start)
    receipt = receipt_of(spec, told, attribution, version, weights_digest)
    return Explanation(
        spec=spec,
        version=version,
        row=start,
        probabilities=probabilities,
        predicted=predicted,
        attribution=attribution,
        path=path,
        words=finding(spec, start, probabilities, attribution, flip, outside),
        receipt=receipt,
        receipt_id=receipt_id(receipt),
    )


def receipt_id(receipt: Mapping[str, Any]) -> str:
    """SHA-256 of a receipt's canonical JSON (RFC 8785), in hexadecimal."""
    import rfc8785

    return hashlib.sha256(rfc8785.dumps(dict(receipt))).hexdigest()


def values_digest(values: np.ndarray) -> str:
    """SHA-256 of an array's little-endian float64 bytes in C order, in hexadecimal."""
    return hashlib.sha256(np.ascontiguousarray(values, dtype="<f8").tobytes()).hexdigest()


def receipt_of(
    spec: ModelSpec, told: Mapping[str, Any], attribution: Attribution, version: str, weights_digest: str
) -> dict[str, Any]:
    """What decides an attribution's values, as JSON; `told` says which input it is of."""
    return {
        "model": spec.name,
        "version": version,
        "weights_digest": weights_digest,
        "input": dict(told),
        "method": attribution.method,
        "settings": dict(attribution.settings),
        "target": attribution.target.name(spec),
        "values_digest": values_digest(attribution.values),
    }


def named(names: Sequence[str], values: np.ndarray) -> dict[str, float]:
    """Numbers by their names, as JSON."""
    return {name: float(value) for name, value in zip(names, values, strict=True)}
