"""What is behind and under the object. The same for both kinds, so that it never tells them apart."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from data.bakery.geometry import mix, smoothstep
from data.bakery.noise import Array, Draws, Noise
from data.bakery.palette import hsv, linear
from data.bakery.shade import Light


@dataclass(frozen=True, slots=True)
class Footprint:
    """Where the object touches the ground: centre of the contact and half its width."""

    x: float
    y: float
    width: float


def paint(style: str, hue: float, seed: int, xs: Array, ys: Array, foot: Footprint, light: Light) -> Array:
    """The backdrop on the product of `xs` and `ys`, (3, h, w), linear light.

    `hue` (degrees) colours the wall, and the ground a little; what else differs comes from the seed.
    """
    draws = Draws(seed, "backdrop")
    noise = Noise(seed, "backdrop")
    x, y = xs[None, :], ys[:, None]
    value = 0.12 + 0.86 * draws.uniform(0, 1) ** 0.55
    saturation = draws.uniform(0.06, 0.42) * (1.15 - 0.75 * value)
    wall = linear(hsv(hue, saturation, value))
    far_edge = foot.y + draws.uniform(0.15, 0.75)
    image = np.broadcast_to(wall[:, None, None], (3, len(ys), len(xs))).copy()
    soft = noise.grid(xs, ys, 0.9)
    if style == "bokeh":
        _bokeh(image, x, y, wall, hue, draws)
    image *= 1 + 0.16 * soft + 0.10 * y
    ground = _GROUNDS[style](noise, draws, xs, ys, hue, wall)
    edge = 0.25 if style in ("plain", "bokeh") else 0.03
    image = mix(image, ground, smoothstep(far_edge + edge, far_edge - edge, y))
    image *= 1 - 0.10 * np.clip(x * x + (y + 0.1) ** 2 - 0.5, 0, 1.5)
    image *= _contact(x, y, foot, light)
    return image * _lit(light)


def paint_grey(grey: Array, xs: Array, ys: Array, foot: Footprint, light: Light) -> Array:
    """A backdrop of one colour, (3,) linear: no wall, ground or horizon; the object's shadow stays."""
    contact = _contact(xs[None, :], ys[:, None], foot, light)
    return grey[:, None, None] * contact * _lit(light)


def _lit(light: Light) -> Array:
    """What the light makes of a white surface behind the object, (3, 1, 1)."""
    return (0.55 * light.key + 0.5 * light.sky)[:, None, None]


def _contact(x: Array, y: Array, foot: Footprint, light: Light) -> Array:
    """The soft shadow on the ground: a dark line of contact, and a longer one away from the light."""
    away = -float(light.direction[0])
    u, v = (x - foot.x) / (foot.width * 1.08), (y - foot.y) / 0.09
    near = np.exp(-((u * u) ** 2) - v * v)
    u, v = (x - foot.x - 0.45 * away * foot.width) / (foot.width * 1.45), (y - foot.y + 0.02) / 0.2
    far = np.exp(-u * u - v * v)
    return (1 - 0.55 * near) * (1 - 0.42 * far)


def _bokeh(image: Array, x: Array, y: Array, wall: Array, hue: float, draws: Draws) -> None:
    """Lights out of focus, in hues around the wall's."""
    for place in draws.units(16, 5):
        cx, cy = place[0] * 3.2 - 1.6, place[1] * 2.2 - 0.8
        radius = 0.10 + 0.2 * place[2]
        colour = linear(hsv(hue + 110 * (place[3] - 0.5), 0.10 + 0.25 * place[4], 0.95))
        distance = np.sqrt((x - cx) ** 2 + (y - cy) ** 2) / radius
        disc = (
            (0.10 + 0.32 * place[4]) * smoothstep(1.0, 0.82, distance) * (0.8 + 0.2 * np.minimum(distance, 1))
        )
        image += disc * (colour - 0.5 * wall)[:, None, None]


def _sweep(noise: Noise, draws: Draws, xs: Array, ys: Array, hue: float, wall: Array) -> Array:
    """A cloth or paper surface in the wall's colour, a little lighter or darker."""
    tone = draws.uniform(0.75, 1.25)
    field = tone * (1 + 0.06 * noise.grid(xs, ys, 2.2, shift=1) + 0.03 * noise.grid(xs, ys, 14, shift=2))
    return np.minimum(wall[:, None, None] * field, 1)


def _wood(noise: Noise, draws: Draws, xs: Array, ys: Array, hue: float, wall: Array) -> Array:
    """Planks: grain along x, finer towards the far edge, with dark seams."""
    lightness = draws.uniform(0.3, 0.9)
    brown = linear(hsv(draws.uniform(18, 36), draws.uniform(0.2, 0.55), lightness))
    colour = 0.85 * brown + 0.15 * wall
    grain = noise.grid(xs, ys, 1.1, 16, shift=3) + 0.6 * noise.grid(xs, ys, 2.5, 48, shift=4)
    pitch = draws.uniform(0.22, 0.4)
    place = ys / pitch
    seam = np.abs(place - np.round(place)) * pitch
    plank = np.floor(place + 0.5) * 2.4
    tone = 1 + 0.18 * np.sin(plank * 2.3 + 1)
    field = (1 + 0.17 * grain) * (tone * (1 - 0.55 * np.exp(-((seam / 0.012) ** 2))))[:, None]
    return np.clip(colour[:, None, None] * field, 0, 1)


def _grass(noise: Noise, draws: Draws, xs: Array, ys: Array, hue: float, wall: Array) -> Array:
    """A lawn: blades stand upright, in patches."""
    green = linear(hsv(draws.uniform(72, 118), draws.uniform(0.4, 0.75), draws.uniform(0.4, 0.75)))
    colour = 0.88 * green + 0.12 * wall
    blades = noise.grid(xs, ys, 30, 6, shift=5) + 0.7 * noise.grid(xs, ys, 12, 4, shift=6)
    blades += 0.5 * noise.grid(xs, ys, 62, 9, shift=8)
    patches = noise.grid(xs, ys, 2.0, shift=7)
    field = np.maximum(1 + 0.42 * blades + 0.22 * patches, 0.15)
    image = colour[:, None, None] * field
    image[0] *= 1 + 0.2 * patches
    return np.clip(image, 0, 1)


_GROUNDS = {"plain": _sweep, "table": _wood, "grass": _grass, "bokeh": _sweep}
