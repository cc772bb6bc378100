"""Surfaces in closed form: ellipsoids, their smooth unions, and bumps on them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from data.bakery.canvas import FAR
from data.bakery.noise import Array

_TINY = np.float32(1e-6)


@dataclass(slots=True)
class Surface:
    """What one body shows to the camera: where it is, how near, and which way it faces."""

    inside: Array  # bool (h, w)
    depth: Array  # (h, w), FAR outside
    normal: Array  # (3, h, w), unit


def smoothstep(low: Array | float, high: float, x: Array) -> Array:
    """0 below `low`, 1 above `high`, a smooth climb between; `low` may be above `high`."""
    t = np.minimum(np.maximum((x - low) / (high - low), 0), 1)
    return t * t * (3 - 2 * t)


def mix(a: Array, b: Array | np.floating, share: Array | float) -> Array:
    """`a` where share is 0, `b` where it is 1."""
    return a + (b - a) * share


def unit(normal: Array) -> Array:
    """The vectors (3, ...) at length one."""
    length = normal[0] * normal[0]
    length += normal[1] * normal[1]
    length += normal[2] * normal[2]
    return normal * (1 / np.sqrt(np.maximum(length, _TINY)))


def ellipsoid(
    x: Array,
    y: Array,
    centre: tuple[float, float, float],
    radii: tuple[float, float, float],
    swell: Array | float = 0.0,
    lower: float | None = None,
) -> Surface:
    """The near half of an ellipsoid.

    `swell` (about -0.3 to 0.3) moves the outline in or out by that share of the radius; `lower` is another
    vertical radius for the part below the centre, which keeps the surface smooth where the two meet.
    """
    rx, ry, rz = (np.float32(r) for r in radii)
    grow = 1 / (1 + np.asarray(swell, np.float32))
    u = (x - np.float32(centre[0])) / rx * grow
    dy = y - np.float32(centre[1])
    down = ry if lower is None else np.where(dy < 0, np.float32(lower), ry)
    v = dy / down * grow
    left = 1 - u * u - v * v
    inside = left > 0
    w = np.sqrt(np.maximum(left, 0))
    depth = np.where(inside, np.float32(centre[2]) + rz * w, FAR)
    shape = depth.shape
    normal = np.empty((3, *shape), np.float32)
    normal[0], normal[1], normal[2] = u / rx, v / down, w / rz
    return Surface(inside, depth, unit(normal))


def join(a: Surface, b: Surface, radius: float) -> Surface:
    """The union of two surfaces with a fillet of about `radius` where they meet.

    The polynomial smooth maximum of Quilez: depth and normal are blended with the same weight.
    """
    share = np.clip(0.5 + 0.5 * (b.depth - a.depth) / np.float32(radius), 0, 1)
    depth = mix(a.depth, b.depth, share) + np.float32(radius) * share * (1 - share)
    depth = np.where(a.inside & b.inside, depth, np.maximum(a.depth, b.depth))
    return Surface(a.inside | b.inside, depth, unit(mix(a.normal, b.normal, share)))


def join_in(whole: Surface, at: tuple[slice, slice], small: Surface, radius: float) -> None:
    """Join a surface that fills only the rows and columns `at` of the whole, in place."""
    rows, cols = at
    there = Surface(whole.inside[at], whole.depth[at], whole.normal[:, rows, cols])
    joined = join(there, small, radius)
    whole.inside[at], whole.depth[at] = joined.inside, joined.depth
    whole.normal[:, rows, cols] = joined.normal


def bump(surface: Surface, height: Array, step: float, strength: float) -> None:
    """Tilt the normals by the slope of a height field (h, w), sampled every `step` units."""
    if min(height.shape) < 2:
        return
    down, right = np.gradient(height, np.float32(step))
    surface.normal[0] -= np.float32(strength) * right
    surface.normal[1] += np.float32(strength) * down
    surface.normal[:] = unit(surface.normal)
