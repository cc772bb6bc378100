"""Ears, eyes, nose and mouth of a chihuahua."""

from __future__ import annotations

import math

import numpy as np

from data.bakery import coat
from data.bakery.canvas import Canvas
from data.bakery.geometry import ellipsoid, mix, smoothstep
from data.bakery.noise import Array, Draws, Noise
from data.bakery.palette import linear
from data.bakery.parts import Part
from data.bakery.pose import Pose
from data.bakery.scene import Scene

_SKIN = linear((0.83, 0.56, 0.49))
_DARK_SKIN = linear((0.42, 0.29, 0.26))
_EYE_BLACK = linear((0.055, 0.04, 0.04))
_WHITE = np.ones(3, np.float32)


def _eye_at(pose: Pose, side: int) -> tuple[float, float, float]:
    return pose.part(side * 0.205, 0.04, 0.36)


def sockets(scene: Scene, pose: Pose, x: Array, y: Array) -> Array:
    """Shadow (h, w) around the eyes and beside the muzzle: the skull's own hollows."""
    shadow = np.ones_like(x)
    size = scene.value("eye_size")
    for side in (-1, 1):
        ex, ey, _ = _eye_at(pose, side)
        away = np.hypot(x - ex, (y - ey) * 1.1) / (0.102 * size)
        shadow *= 1 - 0.35 * smoothstep(1.7, 0.8, away)
        mx, my, _ = pose.part(side * 0.09, -0.02, 0.40)
        shadow *= 1 - 0.16 * np.exp(-(((x - mx) / 0.05) ** 2) - ((y - my) / 0.08) ** 2)
    return shadow


def draw_eye(scene: Scene, canvas: Canvas, pose: Pose, side: int) -> None:
    """A dark wet globe with a brown iris, a rim, and the light's reflection."""
    draws = Draws(scene.seed, "eyes")
    size = scene.value("eye_size")
    ex, ey, _ = _eye_at(pose, side)
    narrow = 1 - 0.35 * max(0.0, -side * math.sin(pose.yaw))
    rx, ry = 0.092 * size * narrow, 0.088 * size * draws.uniform(0.88, 1.05)
    window = canvas.window(*pose.head.world(ex, ey), 1.3 * rx + 0.02, 1.3 * rx + 0.02)
    if window is None:
        return
    x, y = pose.head.local(window)
    slant = 0.12 * side
    dx, dy = (x - ex) / rx, (y - ey - slant * (x - ex)) / ry
    round_ = dx * dx + dy * dy * (1 + 0.18 * dx * dx)
    inside = (round_ < 1) & (canvas.part[window.rows, window.cols] == Part.FUR)
    height = np.sqrt(np.maximum(1 - round_, 0))
    normal = pose.head.to_world(np.stack([dx * 0.8, dy * 0.8, height + 0.25]))
    normal /= np.sqrt((normal * normal).sum(0))
    brown = linear((0.30 * draws.uniform(0.7, 1.2), 0.16, 0.075))
    iris = smoothstep(0.42, 0.6, round_) * smoothstep(0.92, 0.75, round_) * (0.55 - 0.45 * dy)
    colour = mix(_EYE_BLACK[:, None, None], brown[:, None, None], np.clip(iris, 0, 1))
    sx, sy = pose.part(0, 0, 0)[0] - 0.28 + 0.1 * draws.uniform(-1, 1), 0.36
    glint = smoothstep(0.25, 0.16, np.hypot(dx - sx, dy - sy))
    glow = 0.10 * smoothstep(0.5, 0.1, np.hypot(dx - 0.28, (dy + 0.42) * 1.4))
    colour = mix(colour, _WHITE[:, None, None], np.maximum(glint, glow) * 0.96)
    depth = np.full(round_.shape, 2.0, np.float32)
    canvas.put(window, inside, depth, normal, colour, Part.EYE, gloss=0.22)


def draw_nose(scene: Scene, canvas: Canvas, pose: Pose) -> None:
    """A dark leathery button, wider above, with two nostrils."""
    length = scene.value("muzzle")
    nx, ny, _ = pose.part(0, -0.105, 0.36 + 0.16 * length)
    size = 0.9 + 0.1 * length
    rx, ry = 0.083 * size, 0.062 * size
    window = canvas.window(*pose.head.world(nx, ny), 1.4 * rx, 1.4 * rx)
    if window is None:
        return
    x, y = pose.head.local(window)
    dx, dy = (x - nx) / rx, (y - ny) / ry
    wide = 1 + 0.28 * np.clip(dy, -1, 1)
    shape = ellipsoid(dx / wide, dy, (0, 0, 0), (1, 1, 1))
    nostrils = np.zeros_like(dx)
    for side in (-1, 1):
        nostrils += smoothstep(0.34, 0.16, np.hypot(dx - 0.42 * side, (dy + 0.12 + 0.2 * np.abs(dx)) * 1.3))
    draws = Draws(scene.seed, "nose")
    liver = draws.uniform(0, 1) ** 4
    leather = linear((0.13 + 0.30 * liver, 0.105 + 0.14 * liver, 0.105 + 0.12 * liver))
    colour = leather[:, None, None] * (1 - 0.75 * np.clip(nostrils, 0, 1))
    normal = pose.head.to_world(shape.normal)
    canvas.put(window, shape.inside, np.full(dx.shape, 2.0, np.float32), normal, colour, Part.NOSE, gloss=0.3)


def draw_mouth(scene: Scene, canvas: Canvas, pose: Pose) -> None:
    """The line under the nose and the two arcs of the lips, painted on the muzzle's fur."""
    length = scene.value("muzzle")
    mx, my, _ = pose.part(0, -0.165 - 0.06 * length, 0.20 + 0.24 * length)
    window = canvas.window(*pose.head.world(mx, my), 0.2, 0.2)
    if window is None:
        return
    x, y = pose.head.local(window)
    dx, dy = x - mx, y - my
    across = np.abs(dx)
    lip = dy + 0.03 + across * (0.5 - 3.6 * across)
    line = np.exp(-((lip / 0.011) ** 2)) * smoothstep(0.15, 0.11, across)
    middle = np.exp(-((dx / 0.009) ** 2)) * smoothstep(-0.03, -0.02, dy) * smoothstep(0.10, 0.06, dy)
    dark = 1 - 0.8 * np.maximum(line, 0.8 * middle)
    at = (window.rows, window.cols)
    for k in range(3):
        canvas.albedo[k][at] *= np.where(canvas.part[at] == Part.FUR, dark, 1)


def draw_ear(scene: Scene, canvas: Canvas, pose: Pose, side: int, noise: Noise) -> None:
    """A large upright leaf: fur outside and at the rim, pink skin inside, darker towards the base."""
    size = scene.value("ear_size")
    spread = pose.ear_spread[0 if side < 0 else 1] * side
    bx, by, _ = pose.part(side * 0.29, 0.33, -0.05)
    length, width = 0.60 * size, 0.30 * size
    middle = pose.head.world(bx + 0.5 * length * math.sin(spread), by + 0.5 * length * math.cos(spread))
    window = canvas.window(*middle, 0.44 * size, 0.44 * size)
    if window is None:
        return
    x, y = pose.head.local(window)
    sin, cos = math.sin(spread), math.cos(spread)
    t = ((x - bx) * sin + (y - by) * cos) / length
    s = ((x - bx) * cos - (y - by) * sin) / width * side  # positive on the outer edge
    fringe = noise.at(x * 26 + 9 * side, y * 26, shift=11)
    hairy = 0.10 if scene.trait("hair") == "long" else 0.035
    up = np.clip(1 - t, 0, 1.3)
    profile = up**0.72 * (0.80 + 0.62 * np.clip(t, -0.2, 1)) * (1 + hairy * fringe * 1.5)
    share = s / np.maximum(profile, 0.05)
    inside = (t > -0.2) & (t < 1) & (np.abs(share) < 1)
    inner = smoothstep(0.80, 0.62, np.abs(share + 0.06)) * smoothstep(0.93, 0.78, t + 0.04 * fringe)
    depth = np.where(inside, -0.25 - 0.1 * t - 0.08 * inner, -10).astype(np.float32)
    tilt = mix(0.55 * share, -0.5 * share, inner) * side
    normal = np.stack([tilt * cos + 0.05 * sin, 0.15 - tilt * sin, np.full_like(t, 0.85)])
    normal = pose.head.to_world(normal / np.sqrt((normal * normal).sum(0)))
    canvas.put(
        window, inside, depth, normal, _ear_paint(scene, noise, t, share, inner, x, y), Part.EAR, gloss=0.02
    )


def _ear_paint(scene: Scene, noise: Noise, t: Array, share: Array, inner: Array, x: Array, y: Array) -> Array:
    """Linear colours (3, h, w) of an ear: t runs from base to tip, share across."""
    tone = scene.value("fur_tone") if scene.trait("coat") != "black_and_tan" else 1.0
    skin = mix(_SKIN, _DARK_SKIN, 0.75 * tone)
    hairs = noise.at(share * 9 + 3, t * 4, shift=13)
    shade = (0.50 + 0.50 * smoothstep(0.0, 0.65, t)) * (1 - 0.25 * (1 - np.abs(share)))
    flesh = skin[:, None, None] * (shade * (1 + 0.12 * hairs))
    fur = coat.ear_colour(scene)[:, None, None] * (1 + 0.2 * hairs)
    tuft = smoothstep(0.15, 0.6, hairs + 0.5 * smoothstep(-0.2, -0.8, share)) * smoothstep(0.75, 0.2, t)
    colour = mix(fur, flesh, inner)
    return mix(colour, coat.base_colour(scene)[:, None, None] * np.float32(1.1), 0.45 * tuft * inner)
