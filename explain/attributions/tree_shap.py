"""TreeSHAP: Shapley values of a tree or forest, by the `shap` library.

A feature that is not in a coalition is averaged over both branches by their training rows
("path-dependent"; Lundberg et al., "From local explanations to global understanding with explainable
AI for trees", Nature Machine Intelligence 2, 2020, algorithm 2).
"""

from __future__ import annotations

import threading
import time
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np

from explain.attributions.attribution import Attribution, AttributionError, MethodError, check_request
from explain.rows.grid import as_row
from models.spec import HasTrees, Model, ModelSpec

# Far above what rounding in a forest of hundreds of trees leaves, far below what a chart can show.
LARGEST_GAP = 1e-6

_explainers: WeakKeyDictionary[Model, Any] = WeakKeyDictionary()
_lock = threading.Lock()


class TreeShapMethod:
    """Shares the target's probability fairly among the features, over all orders of asking."""

    name = "tree_shap"
    title = "TreeSHAP"
    signed = True
    complete = True
    cost = "1 pass through each tree, over all of its branches"

    def unsupported(self, spec: ModelSpec) -> str | None:
        if spec.capabilities & {"tree", "trees"}:
            return None
        return f"TreeSHAP needs a model made of decision trees, and {spec.title} is not."

    def attribute(self, model: Model, x: np.ndarray, target: int, **settings: Any) -> Attribution:
        """Explain one row; see `Method.attribute`.

        Raises
        ------
        AttributionError
            If base and values differ from the model's answer by more than `LARGEST_GAP`.
        """
        check_request(self, model.spec, target, settings)
        row = as_row(model.spec, x)
        output = float(model.predict_proba(row[None])[0, target])
        with _lock:
            explainer = _explainer(model)
            start = time.perf_counter()
            shap_values = explainer.shap_values(row[None], check_additivity=False)
            values, base = _of_class(shap_values, explainer.expected_value, target)
        attribution = Attribution(
            values=values,
            base_value=base,
            target=target,
            output=output,
            method=self.name,
            settings={"feature_perturbation": "tree_path_dependent"},
            passes=1,
            milliseconds=(time.perf_counter() - start) * 1000,
            units="probability",
        )
        if attribution.completeness_gap > LARGEST_GAP:
            raise AttributionError(
                f"TreeSHAP's values add up to {base + values.sum():.6f}, but {model.spec.title} answers "
                f"{output:.6f}. They are not shown."
            )
        return attribution


def values_of_rows(model: Model, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """TreeSHAP values of many rows, and what they start from.

    Parameters
    ----------
    model : Model
        With capability ``tree`` or ``trees``.
    rows : ndarray of shape (n_rows, n_features)

    Returns
    -------
    values : ndarray of shape (n_rows, n_features, n_classes), float64
        Probability.
    base : ndarray of shape (n_classes,)
        With a row's values it adds up to the model's probabilities for that row.

    Raises
    ------
    MethodError
        If the model is not made of decision trees.
    """
    _check_trees(model)
    with _lock:
        explainer = _explainer(model)
        values = explainer.shap_values(rows, check_additivity=False)
    return _with_classes(values, rows.shape), np.atleast_1d(np.asarray(explainer.expected_value))


def interactions_of_rows(model: Model, rows: np.ndarray) -> np.ndarray:
    """SHAP interaction values (the same paper, section "SHAP interaction values").

    Half of what two features do together stands at (i, j) and half at (j, i); what a feature does alone
    stands at (i, i). Each line adds up to the feature's TreeSHAP value.

    Parameters
    ----------
    model : Model
        With capability ``tree`` or ``trees``.
    rows : ndarray of shape (n_rows, n_features)

    Returns
    -------
    ndarray of shape (n_rows, n_features, n_features, n_classes), float64
        Probability.

    Raises
    ------
    MethodError
        If the model is not made of decision trees.
    """
    _check_trees(model)
    with _lock:
        values = _explainer(model).shap_interaction_values(rows)
    return _with_classes(values, (*rows.shape, rows.shape[1]))


def _check_trees(model: Model) -> None:
    reason = METHOD.unsupported(model.spec)
    if reason is not None:
        raise MethodError(reason)


def _with_classes(values: Any, shape: tuple[int, ...]) -> np.ndarray:
    """shap's answer with an axis for the class also where there is one class."""
    return np.asarray(values, dtype=np.float64).reshape(*shape, -1)


def _explainer(model: Model) -> Any:
    if model not in _explainers:
        import shap

        assert isinstance(model, HasTrees)
        _explainers[model] = shap.TreeExplainer(
            model.estimator, feature_perturbation="tree_path_dependent", model_output="raw"
        )
    return _explainers[model]


def _of_class(shap_values: Any, expected: Any, target: int) -> tuple[np.ndarray, float]:
    """Take one class out of shap's answer, which has no axis for it where there is one class."""
    values, base = np.asarray(shap_values, dtype=np.float64)[0], np.atleast_1d(expected)
    return values.reshape(len(values), -1)[:, target].copy(), float(base[target])


METHOD = TreeShapMethod()
