"""Figures that say how good a model is, each with an interval and the way it was made."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from models.spec import Progress, Report

Predictor = Callable[[np.ndarray], np.ndarray]


def repeated_cross_validation(
    fit: Callable[[np.ndarray, np.ndarray, int], Predictor],
    x: np.ndarray,
    y: np.ndarray,
    seed: int,
    report: Report,
    n_splits: int = 5,
    n_repeats: int = 10,
) -> dict[str, Any]:
    """Accuracy by repeated stratified cross-validation, with a 95 % interval.

    The interval is Student's with the variance corrected for overlapping training sets: the factor
    1/J becomes 1/J + n_test/n_train (Nadeau and Bengio, "Inference for the generalization error",
    Machine Learning 52, 2003). Without it, ten repeats would look like fifty independent tries.

    Parameters
    ----------
    fit : callable (x, y, seed) -> predictor
        Does all that the training does, its own choices included, on the rows it is given.
    x : ndarray of shape (n_rows, n_features)
    y : ndarray of shape (n_rows,)

    Returns
    -------
    dict
        ``value`` (mean accuracy in [0, 1]), ``interval`` (two numbers, clipped to [0, 1]), ``folds``
        (each fold's accuracy) and ``method``.
    """
    from sklearn.model_selection import RepeatedStratifiedKFold

    folds = RepeatedStratifiedKFold(n_splits=n_splits, n_repeats=n_repeats, random_state=seed)
    scores: list[float] = []
    total = n_splits * n_repeats
    for done, (train, test) in enumerate(folds.split(x, y), start=1):
        predict = fit(x[train], y[train], seed)
        scores.append(float(np.mean(predict(x[test]) == y[test])))
        report(Progress("cross-validation", done, total, {"accuracy": float(np.mean(scores))}))
    value = float(np.mean(scores))
    half = corrected_half_width(np.array(scores), 1 / (n_splits - 1))
    return {
        "value": value,
        "interval": [max(0.0, value - half), min(1.0, value + half)],
        "folds": scores,
        "method": f"{n_repeats} × {n_splits}-fold cross-validation over all rows, every choice made anew in each "
        "fold; 95 % interval after Nadeau and Bengio",
    }


def corrected_half_width(scores: np.ndarray, test_to_train: float, confidence: float = 0.95) -> float:
    """Half the width of Nadeau and Bengio's interval for the mean of scores from resampled splits.

    Parameters
    ----------
    scores : ndarray of shape (n_splits,)
    test_to_train : float
        Rows tested over rows trained on, in each split.
    """
    from scipy.stats import t

    n = len(scores)
    deviation = np.sqrt((1 / n + test_to_train) * scores.var(ddof=1))
    return float(t.ppf((1 + confidence) / 2, n - 1) * deviation)


def accuracy_on(probabilities: np.ndarray, y: np.ndarray) -> dict[str, Any]:
    """Accuracy on a fixed set of rows, with Wilson's 95 % interval, counts and the confusion matrix.

    Parameters
    ----------
    probabilities : ndarray of shape (n_rows, n_classes)
    y : ndarray of shape (n_rows,)

    Returns
    -------
    dict
        ``value``, ``interval``, ``correct``, ``rows``, ``confusion`` (true class by row) and ``method``.
    """
    from scipy.stats import binomtest

    predicted = probabilities.argmax(axis=1)
    correct = int(np.sum(predicted == y))
    interval = binomtest(correct, len(y)).proportion_ci(0.95, method="wilson")
    confusion = np.zeros((probabilities.shape[1],) * 2, dtype=int)
    np.add.at(confusion, (y, predicted), 1)
    return {
        "value": correct / len(y),
        "interval": [float(interval.low), float(interval.high)],
        "correct": correct,
        "rows": len(y),
        "confusion": confusion.tolist(),
        "method": "share of the test split that is right, Wilson's 95 % interval",
    }
