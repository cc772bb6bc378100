"""Placebos: maps that look like explanations and know nothing of what the model learned.

A map that a person cannot tell from these, or that does no better in a check, should convince nobody.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

# Standard deviations, in shares of the picture's side: of the blob, and of what smooths the random map.
_BLOB, _SMOOTH = 1 / 5, 1 / 16
_BRIGHTNESS = np.array([0.299, 0.587, 0.114])
EDGES, BLOB, RANDOM_MAP, RANDOM_WEIGHTS = "edges", "centre_blob", "random_map", "random_weights"


@dataclass(frozen=True, slots=True, eq=False)
class Placebo:
    """One of them.

    Attributes
    ----------
    name, title, sentence : str
        As in files, on screen, and what it is in one sentence.
    values : ndarray of shape (height, width), float64
        0 or more.
    """

    name: str
    title: str
    sentence: str
    values: np.ndarray


def without_model(picture: np.ndarray, seed: int) -> tuple[Placebo, ...]:
    """The three placebos that never see the model: edges, a blob, a random map.

    Parameters
    ----------
    picture : ndarray of shape (height, width, 3), in [0, 1]
    seed : int
        Of the random map.
    """
    shape = picture.shape[:2]
    return (
        Placebo(
            EDGES,
            "Edge detector",
            "Where brightness changes (Sobel): it sees the picture, and no model.",
            edges(picture),
        ),
        Placebo(
            BLOB,
            "Centre blob",
            "A round spot in the middle, where photographers put things: the same for every picture.",
            centre_blob(shape),
        ),
        Placebo(
            RANDOM_MAP,
            "Random map",
            "Smoothed noise: it sees neither the picture nor the model.",
            random_map(shape, seed),
        ),
    )


def random_weights(title: str, values: np.ndarray) -> Placebo:
    """The map of a method, by its title, for the same network with random weights."""
    sentence = f"{title} on the same network with random weights: it has learned nothing."
    return Placebo(RANDOM_WEIGHTS, "Random weights", sentence, values)


def edges(picture: np.ndarray) -> np.ndarray:
    """Size of the brightness's gradient by Sobel's filters, ndarray of shape (height, width)."""
    from scipy.ndimage import sobel

    brightness = picture @ _BRIGHTNESS
    return np.hypot(sobel(brightness, axis=0), sobel(brightness, axis=1))


def centre_blob(shape: tuple[int, ...]) -> np.ndarray:
    """A Gaussian around the centre, standard deviation a fifth of the shorter side; 1 at its highest."""
    height, width = shape
    y, x = np.ogrid[:height, :width]
    distance = (y - (height - 1) / 2) ** 2 + (x - (width - 1) / 2) ** 2
    return np.exp(-distance / (2 * (_BLOB * min(shape)) ** 2))


def random_map(shape: tuple[int, ...], seed: int) -> np.ndarray:
    """Normal noise smoothed by a Gaussian (a sixteenth of the shorter side), moved to [0, 1]."""
    from scipy.ndimage import gaussian_filter

    noise = np.random.default_rng(seed).standard_normal(shape)
    smooth = gaussian_filter(noise, _SMOOTH * min(shape), mode="reflect")
    return (smooth - smooth.min()) / np.ptp(smooth)
