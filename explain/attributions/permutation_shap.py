"""Permutation SHAP: Shapley values of any model for rows, from its answers alone.

E. Štrumbelj, I. Kononenko, "Explaining prediction models and individual predictions with feature contributions",
Knowledge and Information Systems 41, 2014; S. Lundberg, S.-I. Lee, "A unified approach to interpreting model
predictions", NeurIPS 2017. What a coalition of features wins is the mean answer for the background rows with the
coalition's values put into them ("interventional"): v(S) = mean over b of f(x_S, b_rest). A feature's Shapley
value is its mean gain over all orders in which features can join.

With few features all coalitions are asked about, and the values are exact. With more, orders are drawn, and each is
walked forward and back (R. Mitchell et al., "Sampling permutations for Shapley value estimation", JMLR 23, 2022):
exact for effects of single features and pairs, an estimate beyond. Either way base and values add up to the answer.
This is what ``shap.explainers.Exact`` and ``Permutation`` give; they compile for 20 seconds in every fresh process.

What it cannot show: values put into other rows make rows that may not exist, where features hang together.
TreeSHAP, which follows the training rows down the trees, shares otherwise.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from math import comb
from typing import Any

import numpy as np

from explain.attributions.row_method import RowMethod, RowQuestion, Shares

MOST_EXACT = 10
"""With so many features all coalitions are asked about, 1,024 of them, for each row of the background."""

ORDERS = 10
_SEED = 0
# So many rows are asked about at once, whatever the background: memory stays bounded.
_ROWS_A_PASS = 20_000
Won = Callable[[np.ndarray], np.ndarray]


class PermutationShapMethod(RowMethod):
    """Shares the target's probability fairly among the features, against rows that the model learned from."""

    name = "permutation_shap"
    title = "Permutation SHAP"
    cost = (
        f"for each row of the background 1 pass a coalition: all of them with up to {MOST_EXACT} features, else "
        f"those of {ORDERS} drawn orders, forward and back"
    )
    needs = "probabilities"
    needs_background = True

    def _shares(self, question: RowQuestion) -> Shares:
        background = question.background
        assert background is not None
        game = _Game(question, background)
        n = len(question.row)
        digest = hashlib.sha256(background.astype("<f8").tobytes()).hexdigest()
        settings: dict[str, Any] = {"background": {"rows": len(background), "digest": digest}}
        if n <= MOST_EXACT:
            values, base = exact(game.won, n)
        else:
            settings |= {"orders": ORDERS, "seed": _SEED}
            orders = np.random.default_rng(_SEED).permuted(np.tile(np.arange(n), (ORDERS, 1)), axis=1)
            values, base = along_orders(game.won, orders)
        return Shares(values, base, game.passes, settings)


class _Game:
    """What coalitions of features win; `passes` counts the rows that were asked about."""

    def __init__(self, question: RowQuestion, background: np.ndarray) -> None:
        self._question, self._background = question, background
        self.passes = 0

    def won(self, coalitions: np.ndarray) -> np.ndarray:
        """Mean probability of the target for each row of True and False, ndarray of shape (n_coalitions,)."""
        question, others = self._question, self._background
        size = max(1, _ROWS_A_PASS // len(others))
        won = []
        for begin in range(0, len(coalitions), size):
            part = coalitions[begin : begin + size]
            mixed = np.where(part[:, None], question.row, others)
            answers = question.target.of(question.model.predict_proba(mixed.reshape(-1, others.shape[1])))
            won.append(answers.reshape(len(part), len(others)).mean(axis=1))
            self.passes += answers.size
        return np.concatenate(won)


def exact(won: Won, n: int) -> tuple[np.ndarray, float]:
    """Shapley's formula over all coalitions.

    Parameters
    ----------
    won : callable (ndarray of shape (n_coalitions, n), bool) -> ndarray of shape (n_coalitions,)
    n : int
        Players.

    Returns
    -------
    tuple of (ndarray of shape (n,), float)
        The values, and what nobody wins.
    """
    numbers = np.arange(2**n)
    members = (numbers[:, None] >> np.arange(n)) % 2 == 1
    value, size = won(members), members.sum(axis=1)
    weight = np.array([1 / (n * comb(n - 1, k)) for k in range(n)])
    shares = np.empty(n)
    for player in range(n):
        without = numbers[~members[:, player]]
        gain = value[without + 2**player] - value[without]
        shares[player] = weight[size[without]] @ gain
    return shares, float(value[0])


def along_orders(won: Won, orders: np.ndarray) -> tuple[np.ndarray, float]:
    """Mean gains of the players along some orders and their reverses.

    Parameters
    ----------
    won : callable
        As for `exact`.
    orders : ndarray of shape (n_orders, n), int
        In each row every player once.

    Returns
    -------
    tuple of (ndarray of shape (n,), float)
        The values, and what nobody wins. Exact where no three players or more do anything together.
    """
    both = np.concatenate([orders, orders[:, ::-1]])
    n = both.shape[1]
    # The place of each player in each order; those whose place is below k have joined after k steps.
    places = np.argsort(both, axis=1)
    joined = places[:, None] < np.arange(1, n)[:, None]
    ends = np.array([[False] * n, [True] * n])
    value = won(np.concatenate([ends, joined.reshape(-1, n)]))
    nobody, everybody = value[:2]
    along = np.empty((len(both), n + 1))
    along[:, 0], along[:, -1] = nobody, everybody
    along[:, 1:-1] = value[2:].reshape(len(both), n - 1)
    gains = np.take_along_axis(np.diff(along, axis=1), places, axis=1)
    return gains.mean(axis=0), float(nobody)


METHOD = PermutationShapMethod()
