"""Where a muffin's berries are, and what one looks like.

The places form one sequence over the dome: closer spacing takes more of it, so the berries that were
there stay. The first three lie as far apart as two eyes and a nose: at the tightest framing they are
all that is left.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from data.bakery.canvas import CM, Canvas
from data.bakery.geometry import mix, smoothstep
from data.bakery.noise import Array, Draws, Noise
from data.bakery.palette import linear
from data.bakery.parts import Part
from data.bakery.shape import Dome

_CANDIDATES = 10  # tries for each new place; more make the pattern more even


@dataclass(frozen=True, slots=True)
class Filling:
    """How the berries of a flavour look.

    Linear colours, size against a blueberry, gloss, glint (the light's sharp reflection on a wet skin; none
    below 0), and how far the juice bleeds.
    """

    skin: Array
    bloom: Array
    stain: Array
    scale: float
    gloss: float
    glint: float
    bleed: float


def filling_of(flavour: str, seed: int) -> Filling | None:
    """The filling of a flavour; None for a plain muffin."""
    draws = Draws(seed, "filling")
    if flavour == "plain":
        return None
    if flavour == "blueberry":
        red = draws.uniform(0, 1) ** 3
        return Filling(
            linear((0.13 + 0.16 * red, 0.10, 0.20)),
            linear((0.32, 0.34, 0.52)),
            linear((0.36 + 0.12 * red, 0.18, 0.30)),
            1.0,
            draws.uniform(0.06, 0.35),
            draws.uniform(-0.8, 1.0),
            draws.uniform(0.35, 0.95),
        )
    dark = draws.uniform(0.7, 1.2)
    chip = linear((0.22 * dark, 0.125 * dark, 0.085 * dark))
    return Filling(
        chip,
        linear((0.36, 0.22, 0.15)),
        chip * 1.6,
        0.82,
        draws.uniform(0.08, 0.28),
        draws.uniform(-0.8, 1.0),
        0.15,
    )


def places(dome: Dome, spacing_cm: float, seed: int) -> Array:
    """Points (n, 3) on the dome's unit sphere, nearest the viewer z > 0, at a mean distance of `spacing_cm`.

    A prefix of one sequence for each seed and dome. Each point after the third is the one of a few
    candidates that is farthest from those before (Mitchell 1991, best candidate), so every prefix is
    spread evenly. There are never fewer than three.
    """
    draws = Draws(seed, "berries")
    stretch = np.array([dome.rx, dome.ry, dome.rz])
    area = 4.1 * (dome.rx * (dome.ry + dome.lip) / 2 + dome.rx * dome.rz + dome.ry * dome.rz) / 3 * 1.5
    count = max(3, round(area / (0.9 * (spacing_cm * CM) ** 2)))
    taken = np.empty((count, 3))
    taken[:3] = _face(dome, draws)
    for k in range(3, count):
        choices = _sphere(draws.units(_CANDIDATES, 2))
        apart = ((choices[:, None] - taken[None, :k]) * stretch) ** 2
        taken[k] = choices[apart.sum(2).min(1).argmax()]
    return taken


def _face(dome: Dome, draws: Draws) -> Array:
    """Three points like two eyes and a nose, around the dome's focus, turned and moved a little."""
    turn, size = math.radians(draws.uniform(-28, 28)), draws.uniform(0.9, 1.15)
    jitter = draws.units(3, 2) * 0.07 - 0.035
    shape = np.array([(-0.19, 0.075), (0.19, 0.075), (0.0, -0.115)]) * size + jitter
    x = shape[:, 0] * math.cos(turn) - shape[:, 1] * math.sin(turn) + dome.focus[0] - dome.x
    y = shape[:, 0] * math.sin(turn) + shape[:, 1] * math.cos(turn) + dome.focus[1] - dome.y
    flat = np.column_stack([x / dome.rx, y / dome.ry])
    flat[:, 1] *= np.where(flat[:, 1] < 0, dome.ry / dome.lip, 1)
    reach = np.maximum(np.hypot(flat[:, 0], flat[:, 1]) / 0.9, 1)
    flat /= reach[:, None]
    return np.column_stack([flat, np.sqrt(1 - (flat**2).sum(1))])


def _sphere(units: Array) -> Array:
    """Points spread evenly over the part of the unit sphere that faces the viewer, and a little beyond."""
    z = 1.25 * units[:, 0] - 0.25
    angle, ring = 2 * math.pi * units[:, 1], np.sqrt(1 - z * z)
    return np.column_stack([ring * np.cos(angle), ring * np.sin(angle), z])


def draw(canvas: Canvas, dome: Dome, points: Array, size_cm: float, filling: Filling, seed: int) -> None:
    """Sink one berry into the dome at each point, and stain the dough around it."""
    noise = Noise(seed, "berry")
    fields = noise.grid(canvas.xs, canvas.ys, 19), noise.grid(canvas.xs, canvas.ys, 12, shift=1)
    varied = Draws(seed, "berry sizes").units(512, 3)
    crust = canvas.depth.copy()
    for k, point in enumerate(points):
        if point[2] > 0.06:  # the rest are on the far side
            vary = varied[k % 512]
            radius = size_cm * CM / 2 * filling.scale * (0.82 + 0.36 * float(vary[0]))
            _berry(canvas, crust, dome.on_surface(point), point, radius, filling, fields, vary)


def _berry(
    canvas: Canvas,
    crust: Array,
    centre: Array,
    facing: Array,
    radius: float,
    filling: Filling,
    fields: tuple[Array, Array],
    vary: Array,
) -> None:
    """One berry at `centre`, seen from the side where the dome turns away; it rides on the crust's depth."""
    window = canvas.window(float(centre[0]), float(centre[1]), 2 * radius, 2 * radius)
    if window is None:
        return
    at = (window.rows, window.cols)
    dough = (canvas.part[at] == Part.DOME) | (canvas.part[at] == Part.BERRY)
    dx, dy = (window.x - float(centre[0])) / radius, (window.y - float(centre[1])) / radius
    rough, frost = (field[at] for field in fields)
    fx, fy, fz = (float(c) for c in facing)
    tilt = (1 / (0.45 + 0.55 * fz) ** 2 - 1) / max(1 - fz * fz, 1e-6)
    out = dx * fx + dy * fy
    round_ = dx * dx + dy * dy + tilt * out * out
    _stain(canvas, at, np.sqrt(round_), rough, filling, 0.4 + 0.6 * float(vary[1]))
    left = 1 - round_ * (1 - 0.28 * rough)
    height = np.sqrt(np.maximum(left, 0))
    above = height - (0.30 + 0.10 * rough)
    normal = np.stack([dx + 0.25 * rough + 0.3 * fx, dy - 0.25 * rough + 0.3 * fy, height + 0.05])
    normal /= np.sqrt((normal * normal).sum(0))
    rim = smoothstep(0.0, 0.25, above)
    skin = _skin(filling, frost + 0.36 * normal[1], float(vary[2]))
    if filling.glint > 0:
        spark = smoothstep(0.26, 0.14, np.hypot(dx + 0.24, dy - 0.32 - 0.1 * rough))
        skin = mix(skin, np.ones_like(skin), filling.glint * fz * spark * rim)
    canvas.put(
        window,
        dough & (above > 0),
        crust[at] + np.float32(radius) * above,
        normal,
        skin,
        Part.BERRY,
        gloss=filling.gloss * rim,
        shadow=0.5 + 0.5 * rim,
    )


def _skin(filling: Filling, frost: Array, amount: float) -> Array:
    """The skin's colour (3, h, w) under a bloom that lies thicker where `frost` is high."""
    dusty = np.clip(0.25 + 0.7 * frost, 0, 1) * np.float32(0.45 * amount)
    return mix(filling.skin[:, None, None], filling.bloom[:, None, None], dusty)


def _stain(
    canvas: Canvas, at: tuple[slice, slice], radial: Array, rough: Array, filling: Filling, strength: float
) -> None:
    """Juice in the dough around a berry, and the dark line where skin and dough meet."""
    dough = canvas.part[at] == Part.DOME
    juice = filling.bleed * strength * smoothstep(1.75 + 0.5 * rough, 0.85, radial) * dough
    contact = 1 - 0.5 * smoothstep(1.3, 0.95, radial) * dough
    for k in range(3):
        plane = canvas.albedo[k][at]
        plane += (filling.stain[k] * (0.4 + 0.6 * plane) - plane) * 0.75 * juice
        plane *= contact
