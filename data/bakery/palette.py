"""Colours. Given as sRGB in 0 to 1, kept as linear light; the transfer curve is a plain square."""

from __future__ import annotations

import numpy as np

from data.bakery.noise import Array

Colour = tuple[float, float, float]


def linear(colour: Colour) -> Array:
    """A colour as linear light, float32 (3,). Squaring stands for the sRGB curve: within 0.04, and cheap."""
    return np.square(np.asarray(colour, np.float32))


def hsv(hue: float, saturation: float, value: float) -> Colour:
    """sRGB of a hue in degrees, a saturation and a value in 0 to 1."""
    k = (np.array([5.0, 3.0, 1.0]) + hue / 60) % 6
    r, g, b = value - value * saturation * np.clip(np.minimum(k, 4 - k), 0, 1)
    return float(r), float(g), float(b)


class Ramp:
    """A colour that changes along 0 to 1: linear interpolation between evenly spaced sRGB stops."""

    def __init__(self, *stops: Colour) -> None:
        at = np.linspace(0, 1, len(stops))
        fine = np.linspace(0, 1, 256)
        columns = [np.interp(fine, at, [stop[k] for stop in stops]) for k in range(3)]
        self._table = np.square(np.array(columns, np.float32))

    def __call__(self, t: Array | float) -> Array:
        """Linear light (3, ...) at t (...), which is clipped to 0 to 1."""
        index = (np.clip(t, 0, 1) * 255 + 0.5).astype(np.intp)
        return self._table[:, index]
