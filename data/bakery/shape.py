"""The proportions of a muffin's dome and of its cup: what the seed decides before anything is drawn."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from data.bakery.noise import Array, Draws


@dataclass(frozen=True, slots=True)
class Dome:
    """Half an egg: centre, half width, height above the centre, lip below it, half thickness."""

    x: float
    y: float
    rx: float
    ry: float
    lip: float
    rz: float

    @property
    def focus(self) -> tuple[float, float]:
        """Where the tightest framing looks."""
        return self.x, self.y + 0.3 * self.ry

    def on_surface(self, point: Array) -> Array:
        """The place (3,) of a point of the unit sphere."""
        height = self.ry if point[1] >= 0 else self.lip
        return np.array([self.x + point[0] * self.rx, self.y + point[1] * height, point[2] * self.rz])


@dataclass(frozen=True, slots=True)
class Cup:
    """A cone of pleated paper: half widths at top and bottom, the two heights, the bulge of its lower edge."""

    x: float
    top: float
    bottom: float
    high: float
    low: float
    bulge: float
    pleats: int
    saturation: float
    value: float


@lru_cache(maxsize=256)
def shape_of(seed: int) -> tuple[Dome, Cup]:
    """The dome and the cup of a seed. Seen from higher up, there is more dome and less cup."""
    draws = Draws(seed, "muffin shape")
    above = draws.uniform(0.0, 1.0)
    rx = draws.uniform(0.62, 0.74)
    dome = Dome(
        x=draws.uniform(-0.04, 0.04),
        y=draws.uniform(0.02, 0.1) - 0.1 * above,
        rx=rx,
        ry=draws.uniform(0.40, 0.50) + 0.10 * above,
        lip=draws.uniform(0.20, 0.25) + 0.16 * above,
        rz=0.6,
    )
    top = rx * draws.uniform(0.74, 0.86)
    cup = Cup(
        x=dome.x,
        top=top,
        bottom=top * draws.uniform(0.74, 0.86),
        high=dome.y,
        low=dome.y - draws.uniform(0.56, 0.68) + 0.06 * above,
        bulge=0.07 + 0.12 * above,
        pleats=int(draws.uniform(20, 34)),
        saturation=0.10 + 0.42 * draws.uniform(0, 1) ** 3,
        value=draws.uniform(0.45, 0.97),
    )
    return dome, cup
