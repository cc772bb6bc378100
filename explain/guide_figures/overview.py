"""Toy functions for methods that look at many inputs at once; the right answers are known in closed form."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from explain.guide_figures.cloud import cloud

COLUMNS = ("across", "up", "noise")


@dataclass(frozen=True, slots=True, eq=False)
class Curves:
    """Individual curves along one input.

    ``at`` has the shape (n_points,), ``curves`` the shape (n_curves, n_points).
    """

    at: np.ndarray
    curves: np.ndarray

    @property
    def mean(self) -> np.ndarray:
        """The partial dependence, ndarray of shape (n_points,)."""
        return self.curves.mean(axis=0)


@dataclass(frozen=True, slots=True, eq=False)
class Indices:
    """Sobol indices of two inputs with the ends of 95 % intervals; arrays of shape (2,)."""

    first: np.ndarray
    total: np.ndarray
    first_interval: tuple[np.ndarray, np.ndarray]
    total_interval: tuple[np.ndarray, np.ndarray]


def shuffled(repeats: int, seed: int) -> np.ndarray:
    """How much accuracy a forest loses on unseen points when one column is shuffled.

    The forest learned the cloud with a third column of noise beside it.

    Returns
    -------
    ndarray of shape (3, repeats)
        Accuracy before minus accuracy after, for each of `COLUMNS`.
    """
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.inspection import permutation_importance

    (x, y), (others, truth) = (_with_noise(n, s) for n, s in ((200, 1), (400, 2)))
    forest = RandomForestClassifier(30, max_depth=6, random_state=0, n_jobs=1).fit(x, y)
    return permutation_importance(forest, others, truth, n_repeats=repeats, random_state=seed).importances


def _with_noise(n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    x, y = cloud(n, seed, spread=0.3)
    return np.column_stack([x, np.random.default_rng(1000 + seed).normal(size=n)]), y


def individual(opposed: float, n: int = 24, seed: int = 0) -> Curves:
    """Curves of ``x (1 - opposed + opposed s)``, where s is +1 for one half of the inputs and -1 for the other.

    Parameters
    ----------
    opposed : float
        0: all inputs react alike. 1: the halves react in opposite ways, and the mean curve is flat.
    n : int
        Curves, even.
    """
    at = np.linspace(-1, 1, 21)
    sign = np.where(np.arange(n) % 2 == 0, 1.0, -1.0)
    slope = 1 - opposed + opposed * sign
    # A shift of each curve's own, so that those with the same slope can be told apart; they add up to 0.
    shift = np.random.default_rng(seed).uniform(-0.25, 0.25, n)
    return Curves(at, slope[:, None] * at + (shift - shift.mean())[:, None])


def sobol(a: float, b: float, c: float, log2_n: int = 9, seed: int = 0) -> Indices | None:
    """Sobol indices of ``a x + b y + c x y`` for x and y uniform in [-1, 1].

    In closed form the variances are a²/3, b²/3 and, of both together, c²/9.

    Parameters
    ----------
    log2_n : int
        2 to this power points are drawn, and four times as many asked.

    Returns
    -------
    Indices or None
        None where the function is constant and nothing can be shared out.
    """
    if a == b == c == 0:
        return None
    from scipy.stats import sobol_indices, uniform

    random = np.random.default_rng(seed)
    found = sobol_indices(
        func=lambda points: a * points[0] + b * points[1] + c * points[0] * points[1],
        n=2**log2_n,
        dists=[uniform(loc=-1, scale=2)] * 2,
        rng=random,
    )
    intervals = found.bootstrap(confidence_level=0.95, n_resamples=200)
    first, total = intervals.first_order.confidence_interval, intervals.total_order.confidence_interval
    return Indices(found.first_order, found.total_order, (first.low, first.high), (total.low, total.high))
