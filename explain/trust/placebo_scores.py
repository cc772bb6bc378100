"""What placebos reach in the checks, as if they were methods: for one picture, or one after the other."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from explain.trust.checks.localisation import localisation
from explain.trust.checks.pixel_removal import PixelRemoval
from explain.trust.checks.similarity import rank_similarity
from explain.trust.checks.stability import max_sensitivity
from explain.trust.placebos import EDGES, RANDOM_WEIGHTS, Placebo, edges
from explain.trust.trust_verdict import MASS, POINTING, RANDOMISATION, RANK, REMOVAL, STABILITY


def on_the_picture(values: np.ndarray, removal: PixelRemoval, mask: np.ndarray | None) -> dict[str, float]:
    """A map's scores that need the map alone: lift over random order, and over the blob in the mask."""
    found = {REMOVAL: removal.lift(values)}
    if mask is not None:
        lift = localisation(values, mask).lift
        found |= {MASS: lift.mass, RANK: lift.rank, POINTING: lift.pointing}
    return found


def under_noise(values: np.ndarray, others: Sequence[np.ndarray]) -> dict[str, float]:
    """How much a map changes under noise, by both measures.

    By rank it is the placebo's score in the randomisation check, as `explain.trust.trust_verdict` says why.
    """
    ranks = [max(0.0, rank_similarity(values, other)) for other in others]
    return {RANDOMISATION: 1 - float(np.mean(ranks)), STABILITY: max_sensitivity(values, others)}


def of_placebos(
    shams: Sequence[Placebo],
    near: Sequence[np.ndarray],
    untrained: Sequence[np.ndarray] | None,
    removal: PixelRemoval,
    mask: np.ndarray | None,
) -> dict[str, dict[str, float]]:
    """Scores of the placebos of one picture, by their names; the blob and the random map know no noise.

    Parameters
    ----------
    shams : sequence of Placebo
        All that there are: with random weights only of a network.
    near : sequence of ndarray of shape (height, width, 3)
        Pictures nearby.
    untrained : sequence of ndarray of shape (height, width), optional
        For those, the maps of the placebo with random weights; it is left out of the noise without them.
    removal : PixelRemoval
        Of the picture.
    mask : ndarray of shape (height, width), bool, optional
    """
    found = {}
    for sham in shams:
        found[sham.name] = on_the_picture(sham.values, removal, mask)
        if sham.name == EDGES:
            found[sham.name] |= under_noise(sham.values, [edges(one) for one in near])
        if sham.name == RANDOM_WEIGHTS and untrained is not None:
            found[sham.name] |= under_noise(sham.values, untrained)
    return found
