"""A game of three players: how Shapley values share out what they reach together.

Each player brings something alone, and the first two bring more, or less, if both are there. Then the
Shapley value has a closed form: each gets what it brings alone, and the first two half of the rest.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from itertools import combinations, permutations

import numpy as np

PLAYERS = ("berries", "cup", "dome")
Coalition = frozenset[int]


@dataclass(frozen=True, slots=True, eq=False)
class Shares:
    """Every order in which players can come, and what each adds when it comes.

    Attributes
    ----------
    orders : tuple of tuple of int
        All of them.
    added : ndarray of shape (n_orders, n_players)
        What a player adds to those who came before it.
    """

    orders: tuple[tuple[int, ...], ...]
    added: np.ndarray

    @property
    def shapley(self) -> np.ndarray:
        """Mean over the orders, ndarray of shape (n_players,) (L. S. Shapley, 1953)."""
        return self.added.mean(axis=0)


def worth(alone: Collection[float], together: float) -> dict[Coalition, float]:
    """What every coalition reaches.

    Parameters
    ----------
    alone : collection of float
        What each player brings.
    together : float
        What comes on top where the first two are both there.
    """
    gains = list(alone)
    return {
        frozenset(members): sum(gains[i] for i in members) + (together if {0, 1} <= set(members) else 0.0)
        for size in range(len(gains) + 1)
        for members in combinations(range(len(gains)), size)
    }


def shares(values: Mapping[Coalition, float]) -> Shares:
    """Let the players of a game come in every order.

    Parameters
    ----------
    values : mapping of Coalition to float
        For every coalition, the empty one among them.
    """
    players = sorted(frozenset().union(*values))
    orders = tuple(permutations(players))
    added = np.zeros((len(orders), len(players)))
    for row, order in enumerate(orders):
        for place, player in enumerate(order):
            before = frozenset(order[:place])
            added[row, player] = values[before | {player}] - values[before]
    return Shares(orders, added)
