"""Where two models answer differently, and which of them is right there.

McNemar's test in its exact form asks whether one is right more often than the other where only one is
(Q. McNemar, "Note on the sampling error of the difference between correlated proportions or
percentages", Psychometrika 12, 1947).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from models.spec import Model


@dataclass(frozen=True, slots=True, eq=False)
class Disagreement:
    """Two models on the same rows.

    Attributes
    ----------
    rows : ndarray of shape (n_different,), int64
        Positions of the rows with different answers, ascending.
    first, second : ndarray of shape (n_rows,), int64
        The answers, as positions of classes.
    distances : ndarray of shape (n_rows,)
        Between the probabilities: half the sum of their absolute differences, from 0 to 1.
    both_right, only_first, only_second, both_wrong : int
        Rows by who is right.
    p_value : float
        How often two equally good models would part at least so unevenly; 1 where nobody is right alone.
    """

    rows: np.ndarray
    first: np.ndarray
    second: np.ndarray
    distances: np.ndarray
    both_right: int
    only_first: int
    only_second: int
    both_wrong: int
    p_value: float

    @property
    def n_rows(self) -> int:
        return len(self.first)


def disagreement(first: Model, second: Model, x: np.ndarray, y: np.ndarray) -> Disagreement:
    """Ask two models for the same rows.

    Parameters
    ----------
    first, second : Model
        With the same classes in the same order.
    x : ndarray of shape (n_rows, n_features)
    y : ndarray of shape (n_rows,)
        True classes, as positions.

    Raises
    ------
    ValueError
        If the models know other classes or features.
    """
    from scipy.stats import binomtest

    if (first.spec.classes, first.spec.features) != (second.spec.classes, second.spec.features):
        raise ValueError(f"{first.spec.title} and {second.spec.title} do not answer the same question.")
    shares = [model.predict_proba(x) for model in (first, second)]
    one, two = (share.argmax(axis=1) for share in shares)
    only_first, only_second = int(np.sum((one == y) & (two != y))), int(np.sum((two == y) & (one != y)))
    alone = only_first + only_second
    return Disagreement(
        rows=np.flatnonzero(one != two),
        first=one,
        second=two,
        distances=np.abs(shares[0] - shares[1]).sum(axis=1) / 2,
        both_right=int(np.sum((one == y) & (two == y))),
        only_first=only_first,
        only_second=only_second,
        both_wrong=int(np.sum((one != y) & (two != y))),
        p_value=float(binomtest(only_first, alone).pvalue) if alone else 1.0,
    )
