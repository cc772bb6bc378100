"""Light: one key, a sky that fills, and the shadows that depth implies. Done once, over everything."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from data.bakery.canvas import Canvas
from data.bakery.noise import Array, Draws
from data.bakery.parts import Part

_WRAP = np.float32(0.3)


@dataclass(frozen=True, slots=True)
class Light:
    """The key light's direction (unit, towards the light) and the colours of key and sky (linear light)."""

    direction: Array
    key: Array
    sky: Array


def light_of(angle: float, seed: int) -> Light:
    """The light of a scene: `angle` in degrees from overhead, -80 left to 80 right; the rest by seed."""
    draws = Draws(seed, "light")
    radians = math.radians(angle)
    towards = np.array([math.sin(radians), 0.35 + 0.6 * math.cos(radians), draws.uniform(0.75, 1.25)])
    warmth = draws.uniform(-0.13, 0.16)
    contrast, exposure = draws.uniform(0.35, 0.75), draws.uniform(0.80, 1.14)
    key = np.array([1 + warmth, 1.0, 1 - warmth]) * exposure * (0.45 + contrast)
    sky = np.array([1 + 0.3 * warmth, 1.0, 1 - 0.3 * warmth]) * exposure * (0.85 - contrast)
    return Light(
        (towards / np.linalg.norm(towards)).astype(np.float32), key.astype(np.float32), sky.astype(np.float32)
    )


def occlusion(canvas: Canvas) -> Array:
    """How much of the sky each sample sees, (h, w) in 0.45 to 1, from depth alone.

    A sample that lies deeper than the mean of its surroundings is in a fold. Measured at half resolution:
    it is a blur, and the folds of a face are wider than two samples.
    """
    from scipy.ndimage import gaussian_filter

    depth = np.maximum(canvas.depth[::2, ::2], np.float32(-0.35))
    sigma = 0.045 / (2 * canvas.step)
    around = gaussian_filter(depth, sigma, mode="nearest", truncate=2.0)
    fold = np.clip(1 - 3.0 * np.maximum(around - depth - 0.01, 0), 0.45, 1)
    return fold.repeat(2, 0).repeat(2, 1)


def shade(canvas: Canvas, light: Light, fold: Array) -> Array:
    """The light that each sample of an object sends to the camera, (3, h, w), linear; 0 for background."""
    nx, ny, nz = canvas.normal
    lx, ly, lz = light.direction
    facing = nx * lx + ny * ly + nz * lz
    key = np.maximum((facing + _WRAP) / (1 + _WRAP), 0) * canvas.shadow * (0.35 + 0.65 * fold)
    sky = (0.72 + 0.28 * ny) * fold * (0.4 + 0.6 * canvas.shadow)
    hx, hy, hz = (v / math.sqrt(2 + 2 * lz) for v in (lx, ly, lz + 1))
    shine = np.maximum(nx * hx + ny * hy + nz * hz, 0)
    shine *= shine
    shine *= shine
    shine *= shine
    shine *= canvas.gloss * shine * shine  # 24th power
    radiance = np.empty_like(canvas.albedo)
    for k in range(3):
        radiance[k] = canvas.albedo[k] * (light.key[k] * key + light.sky[k] * sky) + light.key[k] * shine
    radiance *= canvas.part != Part.BACKGROUND
    return radiance
