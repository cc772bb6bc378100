"""From a scene to its picture and its mask."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from data.bakery import backdrop, chihuahua, muffin
from data.bakery.canvas import Canvas
from data.bakery.geometry import mix
from data.bakery.noise import Array
from data.bakery.palette import linear
from data.bakery.parts import PARTS_OF, Part
from data.bakery.scene import Scene
from data.bakery.shade import light_of, occlusion, shade

RENDERER_VERSION = "2"
"""Part of every identity. Raise it with any change that moves a pixel."""

SIZES = (16, 1024)
_FINER = 2  # samples a pixel, along each side
_RESOLUTION = (
    0.004  # a crop is cut from a picture of this sharpness, in shares of its width, and so is softer
)

REMOVABLE = frozenset({Part.BERRY, Part.CUP, Part.EYE, Part.NOSE, Part.EAR})
"""Parts that a scene can be rendered without. The others are the body of the object, and what is behind it."""
_GREY = linear(
    (0.5, 0.5, 0.5)
)  # what a part is painted with: it speaks for no class, and keeps form and light

_BODY = np.arange(len(Part), dtype=np.uint8)  # the part that a part lies on
_BODY[Part.BERRY] = Part.DOME
_BODY[[Part.EYE, Part.NOSE]] = Part.FUR


@dataclass(frozen=True, slots=True)
class Rendering:
    """A picture with known truth.

    Parameters
    ----------
    image : ndarray of shape (size, size, 3)
        sRGB in 0 to 1, float32.
    mask : ndarray of shape (size, size)
        The `Part` that covers most of each pixel, uint8.
    scene : Scene
        What was rendered.
    """

    image: Array
    mask: Array
    scene: Scene


def render(
    scene: Scene, size: int = 96, without: Collection[Part] = (), painted: Collection[Part] = ()
) -> Rendering:
    """Render a scene.

    The composition does not depend on `size`: a larger picture shows the same scene in more detail.

    Parameters
    ----------
    scene : Scene
    size : int
        Side of the square picture in pixels, 16 to 1024.
    without : collection of Part
        Parts that are not drawn, of `REMOVABLE`: what lies behind them shows. Nothing else moves.
    painted : collection of Part
        Parts that keep their form and their light and lose their colours: they are painted plain grey.

    Returns
    -------
    Rendering

    Raises
    ------
    ValueError
        For a size that is not an integer from 16 to 1024, and a part that the kind does not have or that
        cannot be left out.
    """
    check_size(size)
    _check_parts(scene, without, painted)
    kind = chihuahua if scene.kind == "chihuahua" else muffin
    whole, close = kind.cameras(scene)
    camera = whole.towards(close, scene.value("framing"))
    canvas = Canvas(camera, size * _FINER)
    light = light_of(scene.value("light"), scene.seed)
    kind.draw(scene, canvas, without)
    fold = occlusion(canvas)
    kind.draw_details(scene, canvas, without)
    if painted:
        canvas.albedo[:, np.isin(canvas.part, [int(part) for part in painted])] = _GREY[:, None]
    radiance = _shrink(shade(canvas, light, fold))
    cover = _shrink((canvas.part != Part.BACKGROUND).astype(np.float32)[None])
    xs, ys = camera.samples(size)
    foot = kind.footprint(scene)
    if Part.BACKGROUND in painted:
        behind = backdrop.paint_grey(_GREY, xs, ys, foot, light)
    else:
        style, hue = scene.trait("backdrop"), scene.value("background")
        behind = backdrop.paint(style, hue, scene.seed, xs, ys, foot, light)
    softness = scene.value("blur") / 100 + _RESOLUTION * (whole.half / camera.half - 1)
    image = _develop(radiance + behind * (1 - cover), softness * size)
    return Rendering(image, _majority(canvas.part), scene)


def check_size(size: int) -> None:
    """Raises ValueError for a size that cannot be rendered."""
    if isinstance(size, bool) or not isinstance(size, int) or not SIZES[0] <= size <= SIZES[1]:
        raise ValueError(
            f"render: size is {size!r}, it must be an integer from {SIZES[0]} to {SIZES[1]} pixels."
        )


def _check_parts(scene: Scene, without: Collection[Part], painted: Collection[Part]) -> None:
    for part in (*without, *painted):
        if part not in PARTS_OF[scene.kind]:
            raise ValueError(f"render: a {scene.kind} has no part {part.label}.")
    for part in without:
        if part not in REMOVABLE:
            known = ", ".join(sorted(other.label for other in REMOVABLE))
            raise ValueError(f"render: {part.label} cannot be left out; {known} can. Paint it instead.")


def _shrink(planes: Array) -> Array:
    """The mean of each pixel's samples: (c, 2h, 2w) to (c, h, w)."""
    return (planes[:, ::2, ::2] + planes[:, 1::2, ::2] + planes[:, ::2, 1::2] + planes[:, 1::2, 1::2]) / 4


def _develop(radiance: Array, sigma: float) -> Array:
    """Linear light (3, h, w) to sRGB (h, w, 3): lens blur of `sigma` pixels, soft highlights, square root."""
    if sigma > 0.05:
        from scipy.ndimage import gaussian_filter

        radiance = gaussian_filter(radiance, (0, sigma, sigma), mode="nearest", truncate=3.0)
    light = np.maximum(radiance, 0)
    light = np.where(light > 0.7, 1 - 0.3 * np.exp(-(np.maximum(light, 0.7) - 0.7) / 0.3), light)
    return np.ascontiguousarray(np.sqrt(mix(light, light * light * (3 - 2 * light), 0.15)).transpose(1, 2, 0))


def _majority(part: Array) -> Array:
    """The part that most of a pixel's four samples show; of equals, the one that comes first in them.

    Bodies are voted on first, then the parts that lie on the winner: a berry never moves a dome's outline.
    """
    samples = np.stack([part[::2, ::2], part[1::2, 1::2], part[1::2, ::2], part[::2, 1::2]])
    bodies = _BODY[samples]
    body = _winner(bodies, np.ones_like(bodies, bool))
    return _winner(samples, bodies == body)


def _winner(samples: Array, counted: Array) -> Array:
    """The commonest of the counted samples along the first axis."""
    votes = (samples[:, None] == samples[None]).sum(0) * counted
    return np.take_along_axis(samples, votes.argmax(0)[None], 0)[0]
