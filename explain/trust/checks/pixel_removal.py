"""Deletion and insertion: does the answer hang on the pixels that a map puts first?

V. Petsiuk, A. Das, K. Saenko, "RISE: randomized input sampling for explanation of black-box models",
BMVC 2018. Pixels go in the map's order, the largest value first. *Deletion* replaces them by the
picture's mean colour: the sooner the target's probability falls, the smaller the area under its curve.
*Insertion* puts them into the blurred picture: the sooner it rises, the larger the area. Each alone can
be won by a map that says nothing, so they count as a pair, insertion minus deletion, and only as lift
over pixels in random order and over a blob in the centre. Pixels with equal values come in random order:
by position, an empty map would remove the picture from the top and look as if it knew something.

The lift is taken in the target's log-odds, not in its probability. A probability of nearly 1 hides what is
taken away until almost nothing is left, and if an empty picture is nearly sure of the class too, its curves
are flat whatever the order. Methods explain the score before it becomes a probability, and so it is followed.
"""

from __future__ import annotations

import copy
import hashlib
from dataclasses import dataclass, field

import numpy as np

from explain.attributions.scores import log_odds
from explain.pictures import as_picture, baseline, pictures_a_pass
from explain.targets import Target
from explain.trust.placebos import centre_blob
from models.spec import Model

# Points of a curve, from none of the pixels to all of them.
POINTS = 13
RANDOM_ORDERS = 3
_TINY = float(np.finfo(np.float64).tiny)


@dataclass(frozen=True, slots=True, eq=False)
class Curves:
    """The target's probability and its log-odds while pixels go, at 0, 1/12, ... 1 of the pixels.

    Attributes
    ----------
    deletion, insertion : ndarray of shape (13,)
        Probability, 0 to 1.
    deletion_odds, insertion_odds : ndarray of shape (13,)
        Logarithm of the probability over that of all other classes together.
    """

    deletion: np.ndarray
    insertion: np.ndarray
    deletion_odds: np.ndarray
    insertion_odds: np.ndarray

    @property
    def deletion_auc(self) -> float:
        """Mean probability while pixels are taken away (trapezoids), 0 to 1: small for a good map."""
        return _area(self.deletion)

    @property
    def insertion_auc(self) -> float:
        """Mean probability while pixels are put in, 0 to 1: large for a good map."""
        return _area(self.insertion)

    @property
    def difference(self) -> float:
        """Insertion less deletion, mean probability, -1 to 1."""
        return self.insertion_auc - self.deletion_auc

    @property
    def evidence(self) -> float:
        """Insertion less deletion, mean log-odds: what the lift is made of."""
        return _area(self.insertion_odds) - _area(self.deletion_odds)


@dataclass(slots=True)
class _Known:
    """What was computed of one input: the answers at the curves' ends, and curves."""

    ends: np.ndarray | None = None
    curves: dict[str, Curves] = field(default_factory=dict)


class PixelRemoval:
    """Curves of one input, for as many maps as are asked about; each map's are computed once.

    Make one for a picture and a target, and hand it to every check of it: the curves of random orders,
    of the blob and of the placebos are then shared by all methods.

    Parameters
    ----------
    model : Model
    picture : ndarray of shape (height, width, 3), in [0, 1]
    target : Target
        Whose probability is followed; of one class rather than another, its share of both together.
    seed : int
        Decides the random orders, and the order of pixels with equal values.

    """

    def __init__(self, model: Model, picture: np.ndarray, target: Target, seed: int = 0) -> None:
        self._model, self._target, self._seed = model, target, seed
        self._picture = as_picture(model.spec, picture)
        self._removed = baseline(self._picture, "mean")
        self._canvas = baseline(self._picture, "blurred")
        self._known = _Known()
        self._asked: set[str] = set()

    @property
    def passes(self) -> int:
        """Passes forward that the curves asked of it take where none is known before."""
        return 3 + 2 * (POINTS - 2) * len(self._asked) if self._asked else 0

    def counted_anew(self) -> PixelRemoval:
        """The same, with the same curves known; its passes count from nothing."""
        other = copy.copy(self)
        other._asked = set()
        return other

    def curves(self, values: np.ndarray) -> Curves:
        """The curves of a map, ndarray of shape (height, width): 22 passes forward, the first time 3 more."""
        key = hashlib.sha256(np.ascontiguousarray(values, dtype=np.float64).tobytes()).hexdigest()
        return self._kept(key, values, self._seed)

    @property
    def random(self) -> tuple[Curves, ...]:
        """Those of pixels in random order, three times."""
        nothing = np.zeros(self._picture.shape[:2])
        # The seeds after the map's own: an empty map's order must not be one of those it is held to.
        return tuple(
            self._kept(f"random {number}", nothing, self._seed + 1 + number)
            for number in range(RANDOM_ORDERS)
        )

    @property
    def blob(self) -> Curves:
        """Those of a blob in the centre."""
        return self.curves(centre_blob(self._picture.shape[:2]))

    def lift(self, values: np.ndarray) -> float:
        """How far a map's evidence is above the mean of random orders, in log-odds."""
        return self.curves(values).evidence - float(np.mean([one.evidence for one in self.random]))

    def _kept(self, key: str, values: np.ndarray, seed: int) -> Curves:
        self._asked.add(key)
        if key not in self._known.curves:
            self._known.curves[key] = self._along(order(values, seed))
        return self._known.curves[key]

    def _along(self, ranks: np.ndarray) -> Curves:
        if self._known.ends is None:
            self._known.ends = self._ask(np.stack([self._picture, self._removed, self._canvas]))
        whole, removed, canvas = self._known.ends[:, None]
        steps = np.rint(np.linspace(0, ranks.size, POINTS)[1:-1]).astype(int)
        gone = (ranks[None] < steps[:, None, None])[..., None]
        changed = np.concatenate(
            [
                np.where(gone, self._removed, self._picture),
                np.where(gone, self._picture, self._canvas),
            ]
        )
        between = self._ask(changed)
        deletion = np.concatenate([whole, between[: len(steps)], removed])
        insertion = np.concatenate([canvas, between[len(steps) :], whole])
        return Curves(deletion[:, 0], insertion[:, 0], deletion[:, 1], insertion[:, 1])

    def _ask(self, pictures: np.ndarray) -> np.ndarray:
        """Probability and log-odds of the target, ndarray of shape (n, 2)."""
        size = pictures_a_pass(self._picture)
        parts = [pictures[begin : begin + size] for begin in range(0, len(pictures), size)]
        answers = np.concatenate([self._model.predict_proba(part) for part in parts])
        one, other = self._target.sides(answers)
        probability = one / np.maximum(one + other, _TINY)
        return np.stack([probability, log_odds(answers, self._target, _TINY)], axis=1)


def order(values: np.ndarray, seed: int) -> np.ndarray:
    """The place of each pixel when the largest value comes first, from 0; equal values at random.

    Parameters
    ----------
    values : ndarray of shape (height, width)
    seed : int
        Decides among equal values.

    Returns
    -------
    ndarray of shape (height, width), int64
    """
    drawn = np.random.default_rng(seed).permutation(values.size)
    ranks = np.empty(values.size, dtype=np.int64)
    ranks[np.lexsort((drawn, -values.ravel()))] = np.arange(values.size)
    return ranks.reshape(values.shape)


def _area(curve: np.ndarray) -> float:
    return float(np.trapezoid(curve, dx=1 / (len(curve) - 1)))
