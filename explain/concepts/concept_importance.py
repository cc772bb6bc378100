"""Which concepts matter overall: Sobol' indices of the answer over the prior.

The variance of the true class's logit over scenes drawn from the prior is shared out (I. Sobol', "Global
sensitivity indices for nonlinear mathematical models", 2001; estimated as in A. Saltelli et al., "Variance
based sensitivity analysis of model output", 2010, by SciPy). The first-order index of a concept is the share
that it explains alone; its total index the share that is gone once it is held, with everything that it does
together with others. The logit is taken, and not the probability: that is over 99 % nearly everywhere, and
its variance would speak of a few scenes alone.

What has no name (pose, proportions, grain) and no slider (flavour, coat, backdrop) varies as well, as one
more input that picks one of many drawn scenes: its share says how much the concepts leave unexplained.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from explain.concepts.space import margin
from explain.grid import class_index
from models import scene_inputs
from models.spec import Model, ModelSpec, Progress, Report

NAME = "concept_importance"
# 2 kinds x 256 x (9 concepts + the rest + 2) = 6,144 scenes: about two minutes on two cores.
DEFAULT_N = 256
REST, REST_LABEL = "rest", "All that has no slider"
_LEVEL, _RESAMPLES, _BASES = 0.95, 999, 64
_FEWEST = 16


class Distribution(Protocol):
    """What SciPy needs to know of an input."""

    def ppf(self, q: np.ndarray) -> np.ndarray: ...


@dataclass(frozen=True, slots=True)
class Skewed:
    """low + (high - low) u ** skew with u uniform, as the bakery draws a concept."""

    low: float
    high: float
    skew: float = 1.0

    def ppf(self, q: np.ndarray) -> np.ndarray:
        """Values of these quantiles, of the quantiles' shape."""
        return self.low + (self.high - self.low) * np.asarray(q) ** self.skew


@dataclass(frozen=True, slots=True, eq=False)
class Indices:
    """Sobol' indices with bootstrap intervals of 95 %, an entry an input.

    Attributes
    ----------
    first, total : ndarray of shape (n_inputs,)
        An estimate may lie a little below 0 or above 1.
    first_interval, total_interval : ndarray of shape (n_inputs, 2)
        Low and high.
    """

    first: np.ndarray
    total: np.ndarray
    first_interval: np.ndarray
    total_interval: np.ndarray


def indices(
    score: Callable[[np.ndarray], np.ndarray], inputs: Sequence[Distribution], n: int, seed: int
) -> Indices:
    """Sobol' indices of a function; n (n_inputs + 2) values of it are taken.

    Parameters
    ----------
    score : callable (ndarray of shape (n_inputs, n)) -> ndarray of shape (n,)
    inputs : sequence of Distribution
        Independent of each other.
    n : int
        A power of two, 16 or more: with fewer, a bootstrap sample may not vary at all.
    seed : int
        Of the points and of the bootstrap.

    Raises
    ------
    ValueError
        If `n` is no power of two of 16 or more.
    """
    from scipy.stats import sobol_indices

    if n < _FEWEST or n & (n - 1):
        raise ValueError(f"Sobol' indices need a power of two of points, {_FEWEST} or more, not {n}.")
    seen: list[np.ndarray] = []

    def kept(x: np.ndarray) -> np.ndarray:
        seen.append(score(x))
        return seen[-1]

    with warnings.catch_warnings():
        # A function that never varies divides by its variance; that is answered below.
        warnings.simplefilter("ignore", RuntimeWarning)
        found = sobol_indices(func=kept, n=n, dists=list(inputs), rng=np.random.default_rng(seed))
        if np.ptp(np.concatenate([np.ravel(one) for one in seen])) == 0:
            nothing = np.zeros(len(inputs))
            return Indices(nothing, nothing, np.zeros((len(inputs), 2)), np.zeros((len(inputs), 2)))
        spread = found.bootstrap(confidence_level=_LEVEL, n_resamples=_RESAMPLES)
    return Indices(
        first=np.ravel(found.first_order),
        total=np.ravel(found.total_order),
        first_interval=_interval(spread.first_order.confidence_interval, found.first_order),
        total_interval=_interval(spread.total_order.confidence_interval, found.total_order),
    )


def _interval(found: Any, estimate: np.ndarray) -> np.ndarray:
    """Low and high; SciPy gives none for an input without any effect, whose every resample is its estimate."""
    return np.stack(
        [np.where(np.isnan(end), estimate, end).ravel() for end in (found.low, found.high)], axis=1
    )


def unsupported(spec: ModelSpec) -> str | None:
    """The reason, in one sentence, that `measure` cannot be run on a model; None where it can."""
    return scene_inputs.lacking(spec, "none can be drawn to see what matters")


def measure(model: Model, n: int, seed: int, report: Report) -> dict[str, Any]:
    """Measure every kind of scene, to be kept with a version.

    Parameters
    ----------
    n : int
        A power of two; n (9 + 3) scenes of each kind are rendered.
    seed : int
        Of the scenes and of the estimate.

    Returns
    -------
    dict
        JSON values: ``n``, ``renders``, and for each kind under ``kinds`` its ``sd`` (standard deviation
        of the logit) and ``concepts``, a list of ``name``, ``label``, ``first``, ``total`` and their
        intervals; the last is all that has no slider.

    Raises
    ------
    ValueError
        If the model does not fit, or `n` is no power of two of 16 or more.
    """
    from data import bakery

    reason = unsupported(model.spec)
    if reason is not None:
        raise ValueError(reason)
    inputs = {
        kind: [Skewed(r.low, r.high, r.skew) for r in bakery.PRIOR[kind].values()] for kind in bakery.KINDS
    }
    in_all = sum(n * (len(one) + 3) for one in inputs.values())
    done = 0

    def told() -> None:
        nonlocal done
        done += 1
        report(Progress("rendering scenes", done, in_all))

    kinds = {kind: _kind(model, kind, inputs[kind], n, seed, told) for kind in bakery.KINDS}
    return {"n": n, "renders": done, "kinds": kinds}


def _kind(
    model: Model, kind: str, inputs: Sequence[Distribution], n: int, seed: int, told: Callable[[], None]
) -> dict[str, Any]:
    from data import bakery

    bases = [scene for scene in bakery.sample_scenes(2 * _BASES, seed) if scene.kind == kind]
    names, size, target = list(bakery.PRIOR[kind]), model.spec.image_size, class_index(model.spec, kind)
    assert size is not None
    answers: list[float] = []

    def score(x: np.ndarray) -> np.ndarray:
        found = np.empty(x.shape[1])
        for column in range(x.shape[1]):
            base = bases[min(int(x[-1, column] * len(bases)), len(bases) - 1)]
            values = {name: float(value) for name, value in zip(names, x[:-1, column], strict=True)}
            picture = bakery.render(base.replace(**values), size).image
            found[column] = margin(model.predict_proba(picture[None])[0], [target])
            told()
        answers.extend(found)
        return found

    found = indices(score, [*inputs, Skewed(0.0, 1.0)], n, seed)
    labels = {feature.name: feature.label for feature in bakery.CONCEPTS[kind]} | {REST: REST_LABEL}
    concepts = [
        {
            "name": name,
            "label": labels[name],
            "first": float(found.first[at]),
            "first_interval": found.first_interval[at].tolist(),
            "total": float(found.total[at]),
            "total_interval": found.total_interval[at].tolist(),
        }
        for at, name in enumerate([*names, REST])
    ]
    return {"sd": float(np.std(answers)), "concepts": concepts}
