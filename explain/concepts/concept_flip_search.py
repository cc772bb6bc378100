"""The search behind `concept_flip`: one concept first and exhaustively, then several together."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np

from explain.concepts.space import Asking, Concepts, margin
from explain.grid import ON_GRID, grid

# Of each size the sets of concepts whose effects alone promise most are tried.
SETS = 12
ALONE = "Moving one concept at a time"
Moves = Mapping[str, float]


class Spent(Exception):
    """The budget of pictures is spent."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a search came to.

    Attributes
    ----------
    moves : mapping of str to float, or None
        The new value of each moved concept.
    alone : bool
        Whether every value of every single concept was tried that is nearer than what was found.
    complete : bool
        False where the budget ended before the search did.
    """

    moves: Moves | None
    alone: bool
    complete: bool


@dataclass(frozen=True, slots=True, eq=False)
class Search:
    """What is searched, and among what.

    Attributes
    ----------
    free : sequence of str
        Concepts that may move, in their order.
    wanted : collection of int
        Classes that count as a flip.
    budget : int
        Most pictures to make.
    several : list of mapping
        Changes of several concepts that flip, as they are found.
    """

    asking: Asking
    concepts: Concepts
    free: Sequence[str]
    wanted: Collection[int]
    budget: int
    several: list[Moves] = field(default_factory=list)

    def run(self) -> Found:
        """Find the flip of fewest concepts; of those the nearest that is found."""
        alone = False
        try:
            nearest = self._one_concept()
            alone = True
            return Found(nearest or self._several(), alone, True)
        except Spent:
            return Found(self._smallest(), alone, False)

    def distance(self, moves: Moves) -> float:
        """The sum of all moves, each in widths of its concept's usual range."""
        return round(sum(self.concepts.distance(name, value) for name, value in moves.items()), 9)

    def _answer(self, moves: Moves, step: str, total: int) -> np.ndarray:
        if self.asking.renders >= self.budget:
            raise Spent
        return self.asking(moves, step, total)

    def _flips(self, moves: Moves, step: str, total: int | None = None) -> bool:
        return int(np.argmax(self._answer(moves, step, total or self.budget))) in self.wanted

    def _values(self, name: str) -> list[float]:
        """All other values of the slider, the nearest first, of equally near ones the lower first."""
        feature, now = self.concepts.feature(name), self.concepts.values[name]
        away = [float(v) for v in grid(feature) if abs(v - now) > ON_GRID * feature.step]
        return sorted(away, key=lambda value: (self.concepts.distance(name, value), value))

    def _one_concept(self) -> Moves | None:
        """The nearest flip along a single concept: every nearer value of every slider is tried first."""
        candidates = [
            (self.concepts.distance(name, value), position, value, name)
            for position, name in enumerate(self.free)
            for value in self._values(name)
        ]
        for _, _, value, name in sorted(candidates):
            if self._flips({name: value}, ALONE, len(candidates)):
                return {name: value}
        return None

    def _several(self) -> Moves | None:
        """Sets of two, then of three, and so on; of the first size that flips, the nearest that is found.

        After `_one_concept` every single value is known. A set is tried where each of its concepts has
        the most effect alone, and drawn back from there.
        """
        best = {name: self._strongest(name) for name in self.free}
        helping = [name for name in self.free if best[name][1] > 0]
        for size in range(2, len(helping) + 1):
            sets = sorted(combinations(helping, size), key=lambda names: -sum(best[n][1] for n in names))
            for names in sets[:SETS]:
                moves = {name: best[name][0] for name in names}
                if self._flips(moves, f"Moving {size} concepts together"):
                    self.several.append(moves)
                    self.several.extend(self._drawn_back(moves, order) for order in self._orders(names, best))
            if self.several:
                break
        return self._smallest()

    def _smallest(self) -> Moves | None:
        return min(self.several, key=lambda m: (len(m), self.distance(m), sorted(m.items())), default=None)

    def _strongest(self, name: str) -> tuple[float, float]:
        """The value with the most effect on the margin alone, and that effect in logits."""

        def ask(moves: Moves) -> float:
            return margin(self._answer(moves, ALONE, self.budget), self.wanted)

        # Of equals the nearest: the values come in this order, and max keeps the first.
        return max(((v, ask({name: v}) - ask({})) for v in self._values(name)), key=lambda one: one[1])

    def _orders(self, names: Sequence[str], best: Mapping[str, tuple[float, float]]) -> list[list[str]]:
        """In which order to draw back: what moves the answer least for its distance first, and the reverse.

        Were the effects straight and additive, the first order would give the smallest sum.
        """
        worth = {n: best[n][1] / max(self.concepts.distance(n, best[n][0]), 1e-9) for n in names}
        first = sorted(names, key=lambda name: (worth[name], name))
        return [first, first[::-1]]

    def _drawn_back(self, moves: Moves, order: Sequence[str]) -> Moves:
        """Bring each concept as near to where it was as the flip holds, until none can come nearer."""
        current, changed = dict(moves), True
        while changed:
            changed = False
            for name in order:
                for value in self._between(name, current[name]):
                    if self._flips({**current, name: value}, "Drawing the change back"):
                        current[name], changed = value, True
                        break
        return {name: value for name, value in current.items() if value != self.concepts.values[name]}

    def _between(self, name: str, value: float) -> list[float]:
        """Where a concept was, and the slider's values from there up to a value, which is left out."""
        start = self.concepts.values[name]
        inside = [v for v in self._values(name) if min(start, value) < v < max(start, value)]
        return [start, *inside] if value != start else []
