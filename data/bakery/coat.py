"""The colours of a dog's fur and where they lie."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from data.bakery.canvas import Window
from data.bakery.geometry import mix, smoothstep
from data.bakery.noise import Array, Draws, Noise
from data.bakery.palette import Ramp, linear
from data.bakery.pose import Pose
from data.bakery.scene import Scene

_FUR = Ramp(
    (0.95, 0.90, 0.81),
    (0.89, 0.75, 0.56),
    (0.79, 0.58, 0.36),
    (0.60, 0.39, 0.23),
    (0.35, 0.23, 0.16),
    (0.13, 0.115, 0.11),
)
_WHITE = linear((0.95, 0.93, 0.89))
_TAN = linear((0.72, 0.47, 0.25))
_SOOT = linear((0.17, 0.14, 0.13))


@lru_cache(maxsize=256)
def base_colour(scene: Scene) -> Array:
    """The main colour of the coat, linear (3,)."""
    tone = scene.value("fur_tone")
    if scene.trait("coat") == "black_and_tan":
        tone = 0.72 + 0.28 * tone
    draws = Draws(scene.seed, "coat")
    grey = draws.uniform(0, 1) ** 3 * 0.7
    colour = _FUR(tone)
    colour = mix(colour, np.float32(colour.mean()), grey).astype(np.float32)
    colour.setflags(write=False)  # shared between calls
    return colour


def _blend(colour: Array, paint: Array, share: Array) -> Array:
    return colour + (paint[:, None, None] - colour) * share


def _spot(x: Array, y: Array, cx: float, cy: float, rx: float, ry: float) -> Array:
    u, v = (x - cx) / rx, (y - cy) / ry
    return np.exp(-u * u - v * v)


def face_colour(scene: Scene, pose: Pose, x: Array, y: Array, noise: Noise) -> Array:
    """Linear colour (3, h, w) of the head at places (h, w) of its own frame."""
    coat, base = scene.trait("coat"), base_colour(scene)
    colour = np.empty((3, *x.shape), np.float32)
    colour[:] = base[:, None, None]
    wobble = 0.05 * noise.at(x * 6, y * 6, shift=5)
    mx, my, _ = pose.part(0.0, -0.16, 0.34)
    muzzle = smoothstep(1.2, 0.55, np.hypot((x - mx) / 0.21, (y - my) / 0.17) + wobble)
    lower = smoothstep(0.0, -0.30, y + 0.10 + wobble)
    fx, _, _ = pose.part(0.0, 0.2, 0.36)
    if coat == "blaze":
        wide = 0.055 + 0.09 * np.clip(0.08 - y, 0, 1) + 0.05 * smoothstep(0.25, 0.5, y)
        stripe = smoothstep(0.05, 0.0, np.abs(x - fx + wobble) - wide)
        return _blend(colour, _WHITE, np.maximum(np.maximum(stripe, muzzle), 0.85 * lower))
    if coat == "black_and_tan":
        marks = np.maximum(0.95 * muzzle, 0.75 * lower)
        for side in (-1, 1):
            bx, by, _ = pose.part(side * 0.16, 0.16, 0.38)
            marks = np.maximum(marks, 1.1 * _spot(x + wobble, y, bx, by, 0.06, 0.04))
        return _blend(colour, _TAN, np.minimum(marks, 1))
    if coat == "sable":
        crown = smoothstep(0.12, 0.42, y + 1.5 * wobble)
        colour = _blend(colour, _SOOT, 0.55 * crown)
        return _blend(colour, _SOOT, 0.6 * muzzle)
    pale = np.maximum(0.55 * muzzle, 0.35 * lower)
    for side in (-1, 1):
        bx, by, _ = pose.part(side * 0.15, 0.15, 0.38)
        pale = np.maximum(pale, 0.30 * _spot(x, y, bx, by, 0.09, 0.06))
    return _blend(colour, 0.35 * base + 0.65 * _WHITE, pale)


def body_colour(scene: Scene, pose: Pose, window: Window, soft: Array) -> Array:
    """Linear colour (3, h, w) of neck, chest and legs."""
    coat, base = scene.trait("coat"), base_colour(scene)
    x, y = window.x - pose.lean, window.y
    colour = np.empty((3, *soft.shape), np.float32)
    colour[:] = base[:, None, None]
    chest = smoothstep(1.1, 0.5, np.hypot(x / 0.26, (y + 0.78) / 0.42) + 0.25 * soft)
    socks = smoothstep(-1.18, -1.34, y + 0.06 * soft)
    if coat == "blaze":
        return _blend(colour, _WHITE, np.maximum(chest, socks))
    if coat == "black_and_tan":
        return _blend(
            colour, _TAN, np.maximum(0.75 * chest * smoothstep(-0.95, -0.55, y + 0.05 * soft), 0.9 * socks)
        )
    if coat == "sable":
        return _blend(colour, _SOOT, 0.35 * smoothstep(0.18, 0.4, np.abs(x) + 0.1 * soft))
    return _blend(colour, 0.35 * base + 0.65 * _WHITE, 0.6 * chest + 0.3 * socks * (1 - chest))


def ear_colour(scene: Scene) -> Array:
    """The main colour of an ear's back and rim, linear (3,)."""
    base = base_colour(scene)
    return mix(base, _SOOT, 0.6) if scene.trait("coat") == "sable" else base * np.float32(0.92)
