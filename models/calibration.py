"""Whether a probability means what it says, and the one number that makes it mean more."""

from __future__ import annotations

import numpy as np


def temperature(logits: np.ndarray, y: np.ndarray, weight: np.ndarray) -> float:
    """The number by which logits are divided so that the likelihood of the labels is largest.

    Guo et al., "On calibration of modern neural networks", 2017. No answer changes, for the order of
    the classes stays. Where every row is right, the likelihood would grow without end as the number
    falls, and the answers would all become certain. So a row of a class with n rows counts as that class
    with (n + 1) / (n + k) and as each other of the k classes with 1 / (n + k), after Platt,
    "Probabilistic outputs for support vector machines", 1999, whose case is k = 2.

    Parameters
    ----------
    logits : ndarray of shape (n, n_classes)
    y : ndarray of shape (n,)
    weight : ndarray of shape (n,)
        How much each row counts.

    Returns
    -------
    float
        From 0.05 to 20.
    """
    from scipy.optimize import minimize_scalar
    from scipy.special import log_softmax

    n_classes = logits.shape[1]
    others = 1 / (np.bincount(y, minlength=n_classes)[y] + n_classes)
    target = np.repeat(others[:, None], n_classes, axis=1)
    target[np.arange(len(y)), y] = 1 - (n_classes - 1) * others

    def loss(log_temperature: float) -> float:
        scaled = log_softmax(logits / np.exp(log_temperature), axis=1)
        return float(-np.average((target * scaled).sum(axis=1), weights=weight))

    found = minimize_scalar(
        loss, bounds=(np.log(0.05), np.log(20.0)), method="bounded", options={"xatol": 1e-6}
    )
    return float(np.exp(found.x))


def tempered(probabilities: np.ndarray, factor: float) -> np.ndarray:
    """What probabilities would be had the logits been divided by this factor, too.

    Parameters
    ----------
    probabilities : ndarray of shape (n, n_classes)
    factor : float
        Positive; above 1 the answers sound less sure.
    """
    powers = probabilities ** (1 / factor)
    return powers / powers.sum(axis=1, keepdims=True)


def expected_calibration_error(probabilities: np.ndarray, y: np.ndarray, bins: int = 15) -> float:
    """Mean distance of confidence and accuracy over bins of confidence, in [0, 1] (Naeini et al., 2015).

    Parameters
    ----------
    probabilities : ndarray of shape (n, n_classes)
    y : ndarray of shape (n,)
    bins : int
        Bins of equal width from 0 to 1.
    """
    confidence, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == y
    which = np.minimum((confidence * bins).astype(int), bins - 1)
    gaps = [abs(float(np.sum(confidence[which == place] - right[which == place]))) for place in range(bins)]
    return sum(gaps) / len(y)


def brier_score(probabilities: np.ndarray, y: np.ndarray) -> float:
    """Mean squared distance of the probabilities from the truth, summed over the classes, in [0, 2].

    Parameters
    ----------
    probabilities : ndarray of shape (n, n_classes)
    y : ndarray of shape (n,)
    """
    truth = np.eye(probabilities.shape[1])[y]
    return float(np.mean(np.sum((probabilities - truth) ** 2, axis=1)))
