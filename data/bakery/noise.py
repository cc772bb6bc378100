"""Randomness that stays where it is: named streams, and band-limited noise over the plane.

Every source of variation draws from a stream of its own, found by (seed, name). Changing one concept,
or adding a stream, therefore never shifts what another one draws.
"""

from __future__ import annotations

import hashlib
import math

import numpy as np

Array = np.ndarray

_TABLE = 64  # lattice cells before the noise repeats; a power of two, so that a mask wraps an index


class Draws:
    """A stream of uniform numbers that depends on (seed, name) and nothing else.

    NumPy guarantees the raw words of a bit generator between releases, not the distributions built on
    them, so the words are turned into floats here.
    """

    def __init__(self, seed: int, name: str) -> None:
        key = hashlib.sha256(f"{seed}/{name}".encode()).digest()
        self._bits = np.random.PCG64(int.from_bytes(key[:16], "big"))

    def units(self, *shape: int) -> Array:
        """Numbers in [0, 1), float64, of the given shape."""
        words = self._bits.random_raw(int(np.prod(shape)))
        return ((words >> np.uint64(11)) * 2.0**-53).reshape(shape)

    def uniform(self, low: float, high: float) -> float:
        """One number in [low, high)."""
        return low + (high - low) * float(self.units(1)[0])

    def choice(self, weights: dict[str, float]) -> str:
        """One of the keys, with chances in proportion to the values."""
        point = self.uniform(0.0, sum(weights.values()))
        for name, weight in weights.items():
            point -= weight
            if point < 0:
                return name
        return name


class Noise:
    """Smooth random fields of the plane, about -1 to 1, with standard deviation near one half.

    A field is a function of position, not of pixels: a larger picture shows the same one in more detail.
    """

    def __init__(self, seed: int, name: str) -> None:
        self._table = (Draws(seed, name).units(_TABLE, _TABLE) * 2 - 1).astype(np.float32)

    def grid(self, xs: Array, ys: Array, fx: float, fy: float | None = None, shift: int = 0) -> Array:
        """The field on the product of `xs` (w,) and `ys` (h,), of shape (h, w), float32.

        `fx` and `fy` are cells a unit of length. Cubic B-spline, separable, hence cheap; written as sums
        rather than a matrix product, because BLAS rounds differently with another number of threads.
        """
        rows = _spline(np.asarray(ys, np.float32) * np.float32(fx if fy is None else fy))
        cols = _spline(np.asarray(xs, np.float32) * np.float32(fx))
        table = np.roll(self._table, shift * 7, axis=(0, 1)) if shift else self._table
        across = table[:, cols[0][0]] * cols[0][1]
        for index, weight in cols[1:]:
            across += table[:, index] * weight
        field = across[rows[0][0]] * rows[0][1][:, None]
        for index, weight in rows[1:]:
            more = across[index]
            more *= weight[:, None]
            field += more
        return field

    def at(self, x: Array, y: Array, shift: int = 0) -> Array:
        """The field at points given in cells, any shape, float32: value noise with a quintic blend."""
        x = x + np.float32(shift * 17.31)
        y = y + np.float32(shift * 9.77)
        fx, fy = np.floor(x), np.floor(y)
        i, j = fx.astype(np.int32) & (_TABLE - 1), fy.astype(np.int32) & (_TABLE - 1)
        i1, j1 = (i + 1) & (_TABLE - 1), (j + 1) & (_TABLE - 1)
        u, v = _fade(x - fx), _fade(y - fy)
        flat = self._table.ravel()
        row, row1 = j * _TABLE, j1 * _TABLE
        low = flat[row + i]
        low = low + u * (flat[row + i1] - low)
        high = flat[row1 + i]
        high = high + u * (flat[row1 + i1] - high)
        return low + v * (high - low)


def _fade(t: Array) -> Array:
    return t * t * t * (t * (t * 6 - 15) + 10)


def _spline(position: Array) -> list[tuple[Array, Array]]:
    """The four lattice rows that a cubic B-spline touches at each position, with their weights."""
    base = np.floor(position)
    t = position - base
    index = base.astype(np.int32)
    s = 1 - t
    weights = (s * s * s, 3 * t * t * t - 6 * t * t + 4, 3 * s * s * s - 6 * s * s + 4, t * t * t)
    # A sixth makes it the spline; the rest is gain, because the spline flattens the lattice by half.
    gain = np.float32(math.sqrt(2) / 6)
    return [((index + k) & (_TABLE - 1), weight * gain) for k, weight in enumerate(weights)]
