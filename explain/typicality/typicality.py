"""How far an input lies from what a model learned from. An explanation of a far answer explains little.

The level is never a distance that somebody chose. It is how many of the things that are known to be usual
lie further out than the input: **usual** where 5 % of them or more do, **unusual** where fewer do, **far**
where none does.

- A **scene** is compared with the prior itself, so its place is exact: outside a range that the prior draws
  from it is far. Inside, P(the density of a scene drawn from the prior <= the density of this one) is known
  in closed form. A concept drawn as low + width u^s, u uniform and s >= 1, has the log-density
  (s - 1)(-log u) and a constant, and -log u is exponential; the sum over concepts is hypoexponential.
  Traits add the logarithms of their options' weights, so the share is a mean over all their combinations.
- A **row** is compared with the training rows in units of their spread: the distance to the nearest of them
  against each training row's own distance to its nearest other.
- A **photo**, and a scene with changed pixels, is compared in the network's features: see
  `explain.typicality.feature_typicality`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from itertools import product
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from explain.grid import as_row
from explain.neighbours.neighbours import standardised
from explain.numbers import exact, percent, plural
from explain.rows.ranges import leaf_support
from governance import digests
from models.spec import Model

if TYPE_CHECKING:
    from data.bakery import Scene

Level = Literal["usual", "unusual", "far"]
# The share of usual things below which one is called unusual: the customary level of a test.
UNUSUAL_BELOW = 0.05


@dataclass(frozen=True, slots=True)
class Typicality:
    """Where an input lies.

    Attributes
    ----------
    level : str
        ``usual``, ``unusual`` or ``far``.
    beyond : float
        Share of what it was compared with that lies as far out or further, 0 to 1.
    sentence : str
        The finding with its numbers, and what it was compared with.
    """

    level: Level
    beyond: float
    sentence: str


def level_of(beyond: float) -> Level:
    """The level of a share; see the module."""
    if beyond <= 0:
        return "far"
    return "usual" if beyond >= UNUSUAL_BELOW else "unusual"


def worst(*found: Typicality) -> Typicality:
    """The one that lies furthest out; of equals the first."""
    return min(found, key=lambda one: one.beyond)


def of_scene(scene: Scene) -> Typicality:
    """Where a scene lies in the prior that the training's scenes are drawn from."""
    from data import bakery

    off = bakery.off_prior(scene)
    outside = [feature for feature in scene.live_concepts if off[feature.name] > 0]
    if outside:
        said = []
        for feature in outside:
            where = bakery.PRIOR[scene.kind][feature.name]
            span = f"{exact(feature, where.low)} to {exact(feature, where.high)}"
            said.append(f"{feature.label} {exact(feature, scene.value(feature.name))} (there {span})")
        return Typicality(
            "far", 0.0, f"No scene of the training looks like this: {', '.join(said)} lies beyond them."
        )
    share = _rarer(scene)
    return Typicality(
        level_of(share),
        share,
        f"Every concept lies where the training's scenes are drawn, and {percent(share)} of those are as unusual "
        "as this one, or more so.",
    )


def _rarer(scene: Scene) -> float:
    """P(density of a drawn scene <= density of this one), 0 to 1."""
    from data import bakery

    scales, length = [], 0.0
    for feature in bakery.CONCEPTS[scene.kind]:
        where = bakery.PRIOR[scene.kind][feature.name]
        if where.skew == 1:
            continue  # as likely everywhere
        width = where.high - where.low
        share = (scene.value(feature.name) - where.low) / width
        # The density has no bound at the low end itself, and is least at the high one. But a drawn value is
        # rounded: what is printed as an end is up to half a digit beside it, and u is halfway there.
        u, beside = share ** (1 / where.skew), 10.0 ** -(feature.decimals + 1) / 2 / width
        if share <= 0:
            u = beside ** (1 / where.skew) / 2
        elif share >= 1:
            u = (1 + (1 - beside) ** (1 / where.skew)) / 2
        scales.append(where.skew - 1)
        length -= (where.skew - 1) * np.log(u)
    weights = bakery.TRAIT_WEIGHTS[scene.kind]
    own = sum(np.log(weights[name][scene.trait(name)]) for name in weights)
    # A drawn scene with the options of weight w is no denser where its concepts add this much at most.
    combined = [float(np.prod(options)) for options in product(*(w.values() for w in weights.values()))]
    return sum(w * _hypoexponential(length + own - float(np.log(w)), scales) for w in combined)


def _hypoexponential(x: float, scales: list[float]) -> float:
    """P(sum of independent exponentials of these different means <= x), 0 to 1; of none, the sum is 0."""
    # Options of equal weight differ by rounding only.
    if x < -1e-9 or not scales:
        return float(x >= -1e-9)
    from scipy.linalg import expm

    # Time to pass through stages of these rates, one after another.
    rates = 1 / np.array(scales)
    stages = np.diag(-rates) + np.diag(rates[:-1], 1)
    return float(1 - expm(stages * max(x, 0.0))[0].sum())


def of_row(model: Model, row: np.ndarray, training: np.ndarray) -> Typicality:
    """Where a row lies among the training rows; see `of_rows`.

    Parameters
    ----------
    row : ndarray of shape (n_features,)
    """
    return of_rows(model, np.asarray(row)[None], training)[0]


def of_rows(model: Model, rows: np.ndarray, training: np.ndarray) -> list[Typicality]:
    """Where each of some rows lies among the training rows; with its leaf's support where the model has trees.

    Parameters
    ----------
    model : Model
        For rows of a table.
    rows : ndarray of shape (n, n_features)
    training : ndarray of shape (n_rows, n_features)
        At least two rows.

    Raises
    ------
    ValueError
        If a row does not fit the model.
    """
    values = np.stack([as_row(model.spec, row) for row in rows])
    search, own = _search(_Content(training, digests.of_array(training)))
    distances = search.kneighbors(standardised(values, training), n_neighbors=1)[0][:, 0]
    found = []
    for row, distance in zip(values, distances.tolist(), strict=True):
        # Equal distances are equal up to the last bits.
        share = float(np.mean(own >= distance * (1 - 1e-9)))
        sentence = (
            f"The nearest training row is {distance:.2f} standard deviations away; {percent(share)} of the "
            f"{plural(len(training), 'training row')} lie that far or further from their own nearest."
        )
        found.append(Typicality(level_of(share), share, f"{sentence}{_support(model, row)}"))
    return found


@dataclass(frozen=True, slots=True)
class _Content:
    """Rows that are the same where their digest is: 100,000 rows would else be searched at every moved slider."""

    rows: np.ndarray = field(compare=False)
    digest: str


@lru_cache(maxsize=8)
def _search(training: _Content) -> tuple[Any, np.ndarray]:
    """A search among rows, and how far each is from the nearest other one, shape (n_rows,)."""
    from sklearn.neighbors import NearestNeighbors

    search = NearestNeighbors(n_neighbors=2).fit(standardised(training.rows, training.rows))
    # Asked without rows of its own, it leaves each row out of its own neighbours.
    return search, search.kneighbors(n_neighbors=1)[0][:, 0]


def _support(model: Model, row: np.ndarray) -> str:
    if not model.spec.capabilities & {"tree", "trees"}:
        return ""
    found = leaf_support(model, row)
    if len(found.samples) == 1:
        return f" Its leaf holds {int(found.samples[0])} of {plural(int(found.total[0]), 'training row')}."
    return f" Half of the trees' leaves for it hold {int(np.median(found.samples))} training rows or fewer."
