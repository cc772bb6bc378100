"""A 3×3 filter that is slid over a picture: what every layer of a convolutional network is made of."""

from __future__ import annotations

import numpy as np

from data.failures import UserMistake

# Weights row by row, in the form that a person types.
FILTERS = {
    "Edges from left to right": "-1 0 1, -2 0 2, -1 0 1",
    "Edges from top to bottom": "-1 -2 -1, 0 0 0, 1 2 1",
    "Dark spots": "1 1 1, 1 -8 1, 1 1 1",
    "Blur": "0.11 0.11 0.11, 0.11 0.11 0.11, 0.11 0.11 0.11",
}
MOST = 100.0
_BRIGHTNESS = np.array([0.299, 0.587, 0.114])


def weights(text: str) -> np.ndarray:
    """Read nine weights, ndarray of shape (3, 3), from ``1 0 -1, 2 0 -2, 1 0 -1``.

    Raises
    ------
    UserMistake
        If these are not three rows of three numbers from -`MOST` to `MOST`.
    """
    try:
        rows = [[float(number) for number in row.split()] for row in text.split(",")]
    except ValueError:
        rows = []
    if [len(row) for row in rows] != [3, 3, 3] or not all(abs(n) <= MOST for row in rows for n in row):
        raise UserMistake(
            f"{text!r} is no filter. Give three rows of three numbers from {-MOST:g} to {MOST:g}, with a "
            "comma between the rows: -1 0 1, -2 0 2, -1 0 1."
        )
    return np.array(rows)


def brightness(picture: np.ndarray) -> np.ndarray:
    """A picture of shape (height, width, 3) as one plane of shape (height, width), in [0, 1] (Rec. 601)."""
    return picture @ _BRIGHTNESS


def response(plane: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    """Slide a filter over a plane: at each place the sum of weight times brightness under it.

    Networks call it convolution, though the filter is not mirrored: it is a cross-correlation.

    Parameters
    ----------
    plane : ndarray of shape (height, width)
    kernel : ndarray of shape (3, 3)

    Returns
    -------
    ndarray of shape (height - 2, width - 2)
        At the places where the whole filter lies on the plane.
    """
    places = np.lib.stride_tricks.sliding_window_view(plane, kernel.shape)
    return np.einsum("yxij,ij->yx", places, kernel)
