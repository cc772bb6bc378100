"""A muffin: a craggy dome that hangs over a pleated paper cup, with berries sunk in."""

from __future__ import annotations

import math
from collections.abc import Collection

import numpy as np

from data.bakery import berries
from data.bakery.backdrop import Footprint
from data.bakery.canvas import Camera, Canvas
from data.bakery.geometry import bump, ellipsoid, mix, smoothstep
from data.bakery.noise import Array, Draws, Noise
from data.bakery.palette import Ramp, hsv, linear
from data.bakery.parts import Part
from data.bakery.scene import Scene
from data.bakery.shape import Cup, Dome, shape_of

_DOUGH = Ramp(
    (0.97, 0.91, 0.74),
    (0.95, 0.84, 0.60),
    (0.91, 0.73, 0.45),
    (0.80, 0.57, 0.30),
    (0.61, 0.38, 0.20),
    (0.36, 0.22, 0.13),
    (0.14, 0.10, 0.08),
)
_CHOCOLATE = Ramp(
    (0.55, 0.38, 0.28), (0.46, 0.29, 0.20), (0.36, 0.22, 0.15), (0.24, 0.15, 0.11), (0.08, 0.06, 0.06)
)


def cameras(scene: Scene) -> tuple[Camera, Camera]:
    """The camera that sees the whole muffin, and the one that sees three berries on dough."""
    dome, cup = shape_of(scene.seed)
    draws = Draws(scene.seed, "camera")
    top, bottom = dome.y + dome.ry, cup.low - cup.bulge
    half = max(dome.rx, (top - bottom) / 2) * draws.uniform(1.08, 1.42)
    slack = half - max(dome.rx, (top - bottom) / 2)
    x = dome.x + draws.uniform(-0.6, 0.6) * slack
    y = (top + bottom) / 2 + draws.uniform(-0.5, 0.5) * slack
    return Camera(x, y, half), Camera(*dome.focus, half=0.31 * draws.uniform(0.92, 1.08))


def footprint(scene: Scene) -> Footprint:
    """Where the cup stands."""
    _, cup = shape_of(scene.seed)
    return Footprint(cup.x, cup.low - 0.5 * cup.bulge, cup.bottom)


def draw(scene: Scene, canvas: Canvas, without: Collection[Part]) -> None:
    """Cup and dome. Berries come later, with `draw_details`: they throw no shadow on the cup."""
    dome, cup = shape_of(scene.seed)
    if Part.CUP not in without:
        _draw_cup(scene, canvas, cup, dome)
    _draw_dome(scene, canvas, dome)


def draw_details(scene: Scene, canvas: Canvas, without: Collection[Part]) -> None:
    """The berries of the scene's flavour, none on a plain muffin. Without them there is no juice either."""
    filling = berries.filling_of(scene.trait("flavour"), scene.seed)
    if filling is None or Part.BERRY in without:
        return
    dome, _ = shape_of(scene.seed)
    points = berries.places(dome, scene.value("berry_spacing"), scene.seed)
    berries.draw(canvas, dome, points, scene.value("berry_size"), filling, scene.seed)


def _draw_cup(scene: Scene, canvas: Canvas, cup: Cup, dome: Dome) -> None:
    window = canvas.window(
        cup.x, (cup.high + cup.low) / 2, cup.top, (cup.high - cup.low) / 2 + cup.bulge + 0.05
    )
    if window is None:
        return
    dx = window.x - cup.x
    rise = np.clip((window.y - cup.low) / (cup.high - cup.low), 0, 1)
    share = dx / (cup.bottom + (cup.top - cup.bottom) * rise)
    angle = np.arcsin(np.clip(share, -1, 1))
    turn = angle * (cup.pleats / math.pi)
    pleat = 2 * np.abs(turn - np.round(turn))  # 0 on a ridge, 1 in a valley
    front = np.sqrt(np.maximum(1 - share * share, 0))
    edge = cup.low - cup.bulge * front + 0.012 * pleat
    inside = (np.abs(share) < 1) & (window.y > edge) & (window.y < cup.high)
    side = np.where(turn > np.round(turn), 1.0, -1.0).astype(np.float32) * 0.55
    normal = np.stack([share + side * front, np.full_like(share, -0.12), front - 0.25 * side * share + 0.05])
    normal /= np.sqrt((normal * normal).sum(0))
    paper = linear(hsv(scene.value("cup_hue"), cup.saturation, cup.value))
    crumple = Noise(scene.seed, "cup").grid(canvas.xs[window.cols], canvas.ys[window.rows], 5)
    grease = 1 - 0.22 * smoothstep(0.55, 0.05, rise + 0.15 * crumple) - 0.14 * pleat
    lip = dome.y - dome.lip * np.sqrt(np.maximum(1 - ((window.x - dome.x) / dome.rx) ** 2, 0))
    under = 0.38 + 0.62 * smoothstep(0.0, 0.16, lip - window.y)
    depth = np.where(inside, 0.45 * front, -10).astype(np.float32)
    canvas.put(
        window, inside, depth, normal, paper[:, None, None] * grease, Part.CUP, gloss=0.03, shadow=under
    )


def _draw_dome(scene: Scene, canvas: Canvas, dome: Dome) -> None:
    window = canvas.window(dome.x, dome.y, dome.rx * 1.3, dome.ry * 1.35)
    if window is None:
        return
    rough = scene.value("irregularity")
    noise = Noise(scene.seed, "dome")
    xs, ys = canvas.xs[window.cols], canvas.ys[window.rows]
    wave, lumps = noise.grid(xs, ys, 1.6), noise.grid(xs, ys, 4.2, shift=1)
    fine, grit = noise.grid(xs, ys, 14, shift=2), noise.grid(xs, ys, 38, shift=3)
    clumps = _clumps(noise, xs, ys, lumps, fine)
    swell = (0.015 + 0.24 * rough) * wave + (0.008 + 0.07 * rough) * lumps + 0.012 * fine
    surface = ellipsoid(
        window.x, window.y, (dome.x, dome.y, 0.0), (dome.rx, dome.ry, dome.rz), swell, lower=dome.lip
    )
    crack = _cracks(noise, xs, ys, lumps, rough)
    relief = (0.15 + 0.95 * rough) * (0.06 * lumps + 0.09 * clumps) - 0.03 * crack
    relief += (0.5 + 0.5 * rough) * (0.022 * fine + 0.011 * grit)
    facing = surface.normal[2].copy()
    rise = surface.normal[1].copy()
    bump(surface, relief, canvas.step, 1.0)
    albedo = _crust(scene, facing, rise, clumps, fine, grit, crack)
    depth = surface.depth + 0.25 * relief
    canvas.put(
        window,
        surface.inside,
        np.where(surface.inside, depth, -10),
        surface.normal,
        albedo,
        Part.DOME,
        gloss=0.02,
        shadow=(1 - 0.45 * crack) * (0.55 + 0.45 * smoothstep(0.15, 0.5, clumps)),
    )


def _clumps(noise: Noise, xs: Array, ys: Array, lumps: Array, fine: Array) -> Array:
    """0 to 1: rounded clumps of dough with creases between, as on top of a cauliflower."""
    broad = noise.grid(xs, ys, 5.5, shift=6) + 0.3 * lumps + 0.22 * fine
    small = noise.grid(xs, ys, 12, shift=7) + 0.25 * fine
    round_off = np.float32(0.03)  # creases without it are as sharp as cracks in stone
    return np.minimum(0.75 * np.sqrt(broad * broad + round_off) + 0.5 * np.sqrt(small * small + round_off), 1)


def _cracks(noise: Noise, xs: Array, ys: Array, lumps: Array, rough: float) -> Array:
    """0 to 1: how deep the crust has burst. The zero lines of a noise field, in some places only."""
    field = noise.grid(xs, ys, 3.1, shift=4) + 0.25 * lumps
    where = smoothstep(-0.25, 0.5, noise.grid(xs, ys, 1.9, shift=5))
    return smoothstep(0.13, 0.02, np.abs(field)) * where * (0.35 + 0.65 * rough)


def _crust(
    scene: Scene, facing: Array, rise: Array, clumps: Array, fine: Array, grit: Array, crack: Array
) -> Array:
    """Colour of the dome: browner with time, on top, on what stands out and at the rim; pale in cracks."""
    baked = (scene.value("bake") - 5) / 40
    brown = baked + 0.10 * rise + 0.13 * (1 - facing) + 0.16 * (clumps - 0.5) + 0.07 * fine + 0.09 * grit
    brown = brown - (0.06 + 0.16 * baked) * crack
    ramp = _CHOCOLATE if scene.trait("flavour") == "chocolate" else _DOUGH
    albedo = ramp(brown)
    crumb = smoothstep(0.55, 0.95, grit * 0.8 + 0.5 * fine)
    return mix(albedo, np.minimum(albedo * 1.45 + 0.012, 1), 0.55 * crumb)
