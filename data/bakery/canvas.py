"""The buffers that a scene is composed in, and the camera that decides what they see.

Coordinates: x to the right, y up, z towards the viewer, in units of about 6 cm; orthographic. Arrays are
planar, (3, h, w) for vectors and colours, because whole planes are what the arithmetic runs over.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from data.bakery.noise import Array
from data.bakery.parts import Part

FAR = np.float32(-10.0)  # depth of nothing
CM = 1 / 6  # one centimetre in the scene's unit


@dataclass(frozen=True, slots=True)
class Camera:
    """A square window on the scene: its centre and half its side."""

    x: float
    y: float
    half: float

    def towards(self, near: Camera, share: float) -> Camera:
        """The camera on the way to `near`: 0 is this one, 1 is `near`; zoom is even in its logarithm."""
        half = self.half * (near.half / self.half) ** share
        left = (half - near.half) / (self.half - near.half)
        return Camera(near.x + (self.x - near.x) * left, near.y + (self.y - near.y) * left, half)

    def samples(self, n: int) -> tuple[Array, Array]:
        """Positions of the n columns (left to right) and rows (top to bottom), float32."""
        offset = ((np.arange(n) + 0.5) / n * 2 - 1) * self.half
        return (self.x + offset).astype(np.float32), (self.y - offset).astype(np.float32)


@dataclass(frozen=True, slots=True)
class Window:
    """A rectangle of the canvas with the positions of its samples: x is (1, w), y is (h, 1)."""

    rows: slice
    cols: slice
    x: Array
    y: Array

    def around(self, x: float, y: float, rx: float, ry: float) -> tuple[slice, slice]:
        """Rows and columns, counted from the window's corner, within rx and ry of (x, y); may be empty."""
        left, right = np.searchsorted(self.x[0], (x - rx, x + rx))
        top, bottom = np.searchsorted(-self.y[:, 0], (-y - ry, -y + ry))
        return slice(int(top), int(bottom)), slice(int(left), int(right))


class Canvas:
    """Depth, normal, colour, gloss, shadow and part of every sample."""

    def __init__(self, camera: Camera, n: int) -> None:
        self.xs, self.ys = camera.samples(n)
        self.step = 2 * camera.half / n
        self.part = np.zeros((n, n), np.uint8)
        self.depth = np.full((n, n), FAR, np.float32)
        self.normal = np.zeros((3, n, n), np.float32)
        self.albedo = np.zeros((3, n, n), np.float32)
        self.gloss = np.zeros((n, n), np.float32)
        self.shadow = np.ones((n, n), np.float32)

    def window(self, x: float, y: float, rx: float, ry: float) -> Window | None:
        """The samples within rx and ry of (x, y); None where none is seen."""
        left, right = np.searchsorted(self.xs, (x - rx, x + rx))
        top, bottom = np.searchsorted(-self.ys, (-y - ry, -y + ry))
        if left >= right or top >= bottom:
            return None
        return Window(
            slice(int(top), int(bottom)),
            slice(int(left), int(right)),
            self.xs[None, left:right],
            self.ys[top:bottom, None],
        )

    def put(
        self,
        window: Window,
        inside: Array,
        depth: Array,
        normal: Array,
        albedo: Array,
        part: Part,
        gloss: Array | float = 0.0,
        shadow: Array | float = 1.0,
    ) -> Array:
        """Draw a surface where it is `inside` and nearer than what is there; returns where it was drawn."""
        at = (window.rows, window.cols)
        seen = inside & (depth > self.depth[at])
        np.copyto(self.part[at], np.uint8(part), where=seen)
        np.copyto(self.depth[at], depth, where=seen)
        np.copyto(self.gloss[at], gloss, where=seen)
        np.copyto(self.shadow[at], shadow, where=seen)
        for k in range(3):
            np.copyto(self.normal[k][at], normal[k], where=seen)
            np.copyto(self.albedo[k][at], albedo[k], where=seen)
        return seen
