"""From values to colours, by one contract that is the same for every method and every map.

Positive is orange and negative blue, in the palette's tones; zero is transparent. How opaque a pixel
is grows in proportion to its value's size and reaches `MOST_OPAQUE` at the scale. The scale is the
largest size in the map unless another is given, it is the same for both signs, and it is handed back
so that it can be printed. Nothing else is normalised.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from draw.palette import Palette

MOST_OPAQUE = 0.9
# How much of the greyed picture's contrast is left under a map; the rest would fight with its colours.
_CONTRAST = 0.75
# Weights of red, green and blue in brightness (Rec. 601, for values as they are stored in sRGB).
_BRIGHTNESS = np.array([0.299, 0.587, 0.114])


@dataclass(frozen=True, slots=True, eq=False)
class Overlay:
    """A map in colours.

    Attributes
    ----------
    rgba : ndarray of shape (height, width, 4), uint8
        Straight alpha: colours are not multiplied with it.
    scale : float
        Size of a value that is drawn as strongly as can be, in the values' units; 0 for an empty map.
    beyond : float
        Share of the pixels whose value is larger than a given scale and so drawn as if it were at it.
    """

    rgba: np.ndarray
    scale: float
    beyond: float


@dataclass(frozen=True, slots=True)
class Tick:
    """One value of a legend, and its colour as red, green, blue, alpha, 0 to 255 each."""

    value: float
    rgba: tuple[int, int, int, int]


def overlay(values: np.ndarray, palette: Palette, scale: float | None = None) -> Overlay:
    """Colour a map.

    Parameters
    ----------
    values : ndarray of shape (height, width)
        Attribution of each pixel.
    palette : Palette
        Of the look that is shown.
    scale : float, optional
        Positive; so that two maps can be compared. The largest size in the map by default.

    Raises
    ------
    ValueError
        If a value is not finite, or the scale is not positive.
    """
    sizes = np.abs(values)
    if not np.isfinite(sizes).all():
        raise ValueError("The map holds values that are not finite, which have no colour.")
    if scale is not None and not scale > 0:
        raise ValueError(f"The scale of a map must be positive, not {scale}.")
    full = float(sizes.max(initial=0)) if scale is None else float(scale)
    return Overlay(_colours(values, full, palette), full, float(np.mean(sizes > full)))


def blend(image: np.ndarray, rgba: np.ndarray) -> np.ndarray:
    """Lay a coloured map over a picture in grey, so that only the map has colour.

    Parameters
    ----------
    image : ndarray of shape (height, width, 3)
        In [0, 1].
    rgba : ndarray of shape (height, width, 4), uint8
        As in `Overlay.rgba`.

    Returns
    -------
    ndarray of shape (height, width, 3), uint8
    """
    grey = 0.5 + _CONTRAST * (image @ _BRIGHTNESS - 0.5)
    opaque = rgba[..., 3:] / 255
    mixed = (1 - opaque) * grey[..., None] + opaque * (rgba[..., :3] / 255)
    return np.rint(255 * np.clip(mixed, 0, 1)).astype(np.uint8)


def legend(scale: float, signed: bool, palette: Palette) -> tuple[Tick, ...]:
    """Values with the colours that `overlay` gives them: the ends, half way, and zero, ascending.

    Parameters
    ----------
    scale : float
        As in `Overlay.scale`.
    signed : bool
        Whether the method's values can be negative.
    palette : Palette
        Of the look that is shown.
    """
    shares = (-1.0, -0.5, 0.0, 0.5, 1.0) if signed else (0.0, 0.5, 1.0)
    values = scale * np.array([shares])
    colours = _colours(values, scale, palette)[0].tolist()
    return tuple(
        Tick(float(value), (r, g, b, a)) for value, (r, g, b, a) in zip(values[0], colours, strict=True)
    )


def _colours(values: np.ndarray, scale: float, palette: Palette) -> np.ndarray:
    rgba = np.zeros((*values.shape, 4), dtype=np.uint8)
    rgba[values > 0, :3] = _bytes(palette.positive)
    rgba[values < 0, :3] = _bytes(palette.negative)
    if scale > 0:
        rgba[..., 3] = np.rint(255 * MOST_OPAQUE * np.minimum(np.abs(values) / scale, 1))
    return rgba


def _bytes(colour: str) -> tuple[int, int, int]:
    red, green, blue = bytes.fromhex(colour.removeprefix("#"))
    return red, green, blue
