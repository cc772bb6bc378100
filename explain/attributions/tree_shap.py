"""TreeSHAP: Shapley values of a tree or forest, by the `shap` library.

A feature that is not in a coalition is averaged over both branches by their training rows
("path-dependent"; Lundberg et al., "From local explanations to global understanding with explainable
AI for trees", Nature Machine Intelligence 2, 2020, algorithm 2).
"""

from __future__ import annotations

import threading
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np

from explain.attributions.attribution import MethodError
from explain.attributions.row_method import RowMethod, RowQuestion, Shares
from explain.targets import Target
from models.spec import HasTrees, Model

_explainers: WeakKeyDictionary[Model, Any] = WeakKeyDictionary()
_lock = threading.Lock()


class TreeShapMethod(RowMethod):
    """Shares the target's probability fairly among the features, over all orders of asking."""

    name = "tree_shap"
    title = "TreeSHAP"
    cost = "1 pass through each tree, over all of its branches"
    needs = "trees"
    libraries = ("shap",)

    def _shares(self, question: RowQuestion) -> Shares:
        with _lock:
            explainer = _explainer(question.model)
            shap_values = explainer.shap_values(question.row[None], check_additivity=False)
            values, base = _of_target(shap_values, explainer.expected_value, question.target)
        return Shares(values, base, settings={"feature_perturbation": "tree_path_dependent"})


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


def _of_target(shap_values: Any, expected: Any, target: Target) -> tuple[np.ndarray, float]:
    """Take the target out of shap's answer, which has no axis for classes where there is one."""
    values, base = np.asarray(shap_values, dtype=np.float64)[0], np.atleast_1d(expected)
    return target.of(values.reshape(len(values), -1)).copy(), float(target.of(base))


METHOD = TreeShapMethod()
