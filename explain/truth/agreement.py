"""Whether methods agree about one picture: pair by pair, by ranks and by where their strongest parts lie.

S. Krishna et al., "The disagreement problem in explainable machine learning", 2022: rank correlation, and
the overlap of what two explanations hold for most important. Maps differ in how fine they are and in
whether they have signs, so the sizes of their values are compared, averaged over the same twelve by
twelve cells.

When two maps disagree is not chosen: they do where one puts last what the other puts first (their rank
correlation is below 0), or where each is more like a blob in the centre, which knows neither picture nor
model, than like the other. Without the first half a map of the object and one of all around it, which is the
blob's opposite, would not disagree.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np

from data import scenes
from explain import methods
from explain.attributions import background
from explain.numbers import plural, signed
from explain.targets import ClassTarget
from explain.trust.checks.similarity import rank_similarity
from explain.trust.placebos import centre_blob
from explain.truth.part_effects import unsupported
from explain.truth.truth_table import mean_interval
from models.spec import Model, Progress, Report

CELLS = 12
STRONGEST = 0.2
# How many pairs that disagree are named in the finding.
NAMED = 3

__all__ = ["Agreement", "Pair", "agreement", "cells", "finding", "measure", "unsupported"]


@dataclass(frozen=True, slots=True)
class Pair:
    """Two maps beside one another.

    Attributes
    ----------
    one, other : str
        Their names.
    rank : float
        Spearman's rank correlation of the cells, from -1 to 1.
    overlap : float
        Share of the strongest fifth of the cells that both have in common; 0.2 by chance.
    disagree : bool
        Whether their rank correlation is below 0, or each has a higher one with a blob in the centre.
    """

    one: str
    other: str
    rank: float
    overlap: float
    disagree: bool


@dataclass(frozen=True, slots=True)
class Agreement:
    """Every pair of some maps of one picture.

    Attributes
    ----------
    names : tuple of str
        In the order given.
    pairs : tuple of Pair
        Each pair once.
    """

    names: tuple[str, ...]
    pairs: tuple[Pair, ...]

    @property
    def disagreeing(self) -> tuple[Pair, ...]:
        """The pairs that disagree, the lowest rank correlation first."""
        return tuple(sorted((pair for pair in self.pairs if pair.disagree), key=lambda pair: pair.rank))


def agreement(maps: Mapping[str, np.ndarray]) -> Agreement:
    """Compare maps of one picture, pair by pair.

    Parameters
    ----------
    maps : mapping of str to ndarray of shape (height, width)
        Two or more, by name, of the same shape.

    Raises
    ------
    ValueError
        If there are fewer than two, or their shapes differ.
    """
    shapes = {values.shape for values in maps.values()}
    if len(maps) < 2 or len(shapes) > 1:
        raise ValueError(f"Agreement needs two or more maps of one shape, not {len(maps)} of {len(shapes)}.")
    coarse = {name: cells(values) for name, values in maps.items()}
    blob = cells(centre_blob(shapes.pop()))
    with_blob = {name: rank_similarity(values, blob) for name, values in coarse.items()}
    pairs = []
    for one, other in combinations(coarse, 2):
        rank = rank_similarity(coarse[one], coarse[other])
        overlap = _overlap(coarse[one], coarse[other])
        disagree = rank < max(0.0, min(with_blob[one], with_blob[other]))
        pairs.append(Pair(one, other, rank, overlap, disagree))
    return Agreement(tuple(maps), tuple(pairs))


def finding(found: Agreement, titles: Mapping[str, str]) -> str:
    """Say whether methods disagree about a picture, and which do most.

    Parameters
    ----------
    titles : mapping of str to str
        The methods' titles by their names.
    """
    pairs = found.disagreeing
    if not pairs:
        return "No two methods disagree about this picture."
    told = ", ".join(f"{titles[p.one]} and {titles[p.other]} ({signed(p.rank, 2)})" for p in pairs[:NAMED])
    rest = len(pairs) - NAMED
    more = f" and {plural(rest, 'more pair')}" if rest > 0 else ""
    return (
        f"The methods disagree about this picture: {told}{more}. Each is more like a blob in the centre than like "
        "the other, or ranks what it shows the other way round, so none of these maps can be shown alone as the "
        "explanation."
    )


def cells(values: np.ndarray) -> np.ndarray:
    """Mean size of a map's values in each cell; ndarray of shape (12, 12), or as many as there are pixels."""
    rows = np.array_split(np.abs(values), min(CELLS, values.shape[0]), axis=0)
    split = [np.array_split(row, min(CELLS, values.shape[1]), axis=1) for row in rows]
    return np.array([[cell.mean() for cell in row] for row in split])


def _overlap(one: np.ndarray, other: np.ndarray) -> float:
    """Share of the strongest cells in common; of cells that are equally strong, the first count."""
    count = max(1, round(STRONGEST * one.size))
    strongest = [
        set(np.argsort(-values, axis=None, kind="stable")[:count].tolist()) for values in (one, other)
    ]
    return len(strongest[0] & strongest[1]) / count


def measure(model: Model, n: int, seed: int, report: Report) -> dict[str, Any]:
    """Agreement of all methods over held-out scenes, for the predicted class.

    Parameters
    ----------
    n : int
        Scenes, at least 1.
    seed : int
        Of the bootstrap.

    Returns
    -------
    dict
        JSON values: ``scenes``, ``titles`` by name, and ``pairs``, each with ``one``, ``other``, ``rank``
        and ``overlap`` (mean over scenes and percentile bootstrap interval of 95 %) and ``disagree``
        (share of scenes, with interval).
    """
    from data import bakery

    spec = model.spec
    fits = [methods.image_method(fit.method.name) for fit in methods.for_spec(spec) if fit.reason is None]
    compared = background.of_dataset(scenes.NAME, spec)
    found: list[Agreement] = []
    for number, scene in enumerate(scenes.held_out(n), start=1):
        picture = bakery.render(scene, spec.image_size or 1).image
        target = int(np.argmax(model.predict_proba(picture[None])[0]))
        maps = {}
        for method in fits:
            more = {"background": compared} if method.needs_background else {}
            maps[method.name] = method.attribute(model, picture, ClassTarget(target), **more).values
        found.append(agreement(maps))
        report(Progress("Comparing the methods' maps", number, n))
    random = np.random.default_rng(seed)
    return {
        "scenes": n,
        "cells": CELLS,
        "strongest": STRONGEST,
        "titles": {method.name: method.title for method in fits},
        "pairs": [
            {"one": together[0].one, "other": together[0].other}
            | {
                what: mean_interval([float(getattr(pair, what)) for pair in together], random)
                for what in ("rank", "overlap", "disagree")
            }
            for together in zip(*(one.pairs for one in found), strict=True)
        ],
    }
