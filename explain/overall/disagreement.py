"""Where two models answer differently, and which of them is right there.

McNemar's test in its exact form asks whether one is right more often than the other where only one is
(Q. McNemar, "Note on the sampling error of the difference between correlated proportions or
percentages", Psychometrika 12, 1947).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from explain.numbers import plural
from models.spec import Model

# How many rows on which the probabilities differ most are named.
_LISTED = 5
# Customary: below it a difference is called unlikely to be chance.
_UNLIKELY = 0.05


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


def finding(found: Disagreement, names: tuple[str, str]) -> tuple[str, str]:
    """Say on how many rows two models differ, and whether one of them is better.

    Parameters
    ----------
    names : tuple of str
        What the two are called, as in ``iris_tree@1``.
    """
    if not len(found.rows):
        return (
            f"They give the same answer on all {plural(found.n_rows, 'test row')}: {found.both_right} right, "
            f"{found.both_wrong} wrong.",
            "Equal answers need not have equal reasons.",
        )
    verdict = (
        "so this does not show which one is better"
        if found.p_value > _UNLIKELY
        else "which is unlikely between equally good ones"
    )
    return (
        f"They answer {len(found.rows)} of {plural(found.n_rows, 'test row')} differently.",
        f"Only {names[0]} is right on {found.only_first}, only {names[1]} on {found.only_second}. Two equally good "
        f"models would part at least so unevenly with a probability of {_chance(found.p_value)} (McNemar's exact "
        f"test), {verdict}.",
    )


def _chance(p_value: float) -> str:
    """``0.22``; never ``0.00`` for what is not impossible."""
    return "under 0.01" if p_value < 0.01 else f"{p_value:.2f}"


def farthest(found: Disagreement, ids: Sequence[str]) -> str:
    """Name the rows on which the probabilities lie farthest apart.

    Parameters
    ----------
    ids : sequence of str
        What each row is called.
    """
    widest = np.argsort(-found.distances, kind="stable")[:_LISTED]
    named = ", ".join(f"{ids[i]} ({found.distances[i] * 100:.0f} points)" for i in widest)
    return f"Their probabilities lie farthest apart on {named}."


def on_one_input(first: str, second: str) -> str:
    """Say whether two models give the same answer for one input.

    Parameters
    ----------
    first, second : str
        The classes that they answer.
    """
    if first == second:
        return f"Both say {first}, which need not be for the same reason."
    return "They do not agree on this input. One of them is wrong, or both are."
