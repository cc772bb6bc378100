"""Localisation: does the map lie on the object? For scenes, whose parts are known pixel by pixel.

L. Arras, A. Osman, W. Samek, "CLEVR-XAI", Information Fusion 2022: *mass accuracy*, the share of the
map's weight inside the mask, and *rank accuracy*, the share inside it of as many of the strongest pixels
as the mask has. J. Zhang et al., "Top-down neural attention by excitation backprop", 2018: *pointing
game*, whether the strongest pixel lies inside. Objects lie in the middle of pictures, so each counts only
as lift over a blob in the centre. Weight is what speaks for the target, the values above zero; equal
values share what their places give, so an empty map is an even one.

The mask is the whole object against its background. A network may well use the background; a map that
says so is then right and scores low here, which is why this alone never makes a map fail.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from explain.trust.placebos import centre_blob


@dataclass(frozen=True, slots=True)
class Located:
    """Three shares, 0 to 1: of the weight, of the strongest pixels, and of the very strongest, in the mask."""

    mass: float
    rank: float
    pointing: float


@dataclass(frozen=True, slots=True)
class Localisation:
    """A map's shares beside the centre blob's."""

    map: Located
    blob: Located

    @property
    def lift(self) -> Located:
        """The map's less the blob's, each from -1 to 1."""
        return Located(
            self.map.mass - self.blob.mass,
            self.map.rank - self.blob.rank,
            self.map.pointing - self.blob.pointing,
        )


def localisation(values: np.ndarray, mask: np.ndarray) -> Localisation:
    """Hold a map against a mask.

    Parameters
    ----------
    values : ndarray of shape (height, width)
    mask : ndarray of shape (height, width), bool
        Where the object is; somewhere, but not everywhere.

    Raises
    ------
    ValueError
        If the mask has another shape, or is the same everywhere.
    """
    if mask.shape != values.shape or mask.dtype != np.bool_:
        raise ValueError(f"A map of shape {values.shape} needs a mask of that shape, True on the object.")
    if mask.all() or not mask.any():
        raise ValueError("The mask is the same everywhere: every map lies as well on it as any other.")
    return Localisation(_located(values, mask), _located(centre_blob(values.shape), mask))


def _located(values: np.ndarray, mask: np.ndarray) -> Located:
    weight = np.maximum(values, 0)
    mass = float(weight[mask].sum() / weight.sum()) if weight.any() else float(mask.mean())
    return Located(mass, _inside(weight, mask, int(mask.sum())), _inside(weight, mask, 1))


def _inside(weight: np.ndarray, mask: np.ndarray, count: int) -> float:
    """Share of the `count` strongest pixels that lie in the mask; of equal ones the mean over all choices."""
    least = np.partition(weight, weight.size - count, axis=None)[weight.size - count]
    above, equal = weight > least, weight == least
    room = count - int(above.sum())
    return float((mask[above].sum() + room * mask[equal].mean()) / count)
