"""How a chihuahua holds itself: what the seed and the head's tilt decide before anything is drawn."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from data.bakery.canvas import Window
from data.bakery.noise import Array, Draws
from data.bakery.scene import Scene


@dataclass(frozen=True, slots=True)
class Head:
    """Where the head is, and how it is tilted (radians, clockwise as seen)."""

    centre: tuple[float, float]
    tilt: float

    def local(self, window: Window) -> tuple[Array, Array]:
        """The window's positions in the head's own frame, both (h, w)."""
        dx, dy = window.x - np.float32(self.centre[0]), window.y - np.float32(self.centre[1])
        c, s = np.float32(math.cos(self.tilt)), np.float32(math.sin(self.tilt))
        return dx * c - dy * s, dx * s + dy * c

    def world(self, x: float, y: float) -> tuple[float, float]:
        """A place of the head's frame in the scene."""
        c, s = math.cos(self.tilt), math.sin(self.tilt)
        return self.centre[0] + x * c + y * s, self.centre[1] - x * s + y * c

    def to_world(self, normal: Array) -> Array:
        """Directions (3, ...) of the head's frame in the scene's."""
        c, s = np.float32(math.cos(self.tilt)), np.float32(math.sin(self.tilt))
        return np.stack([normal[0] * c + normal[1] * s, normal[1] * c - normal[0] * s, normal[2]])


@dataclass(frozen=True, slots=True)
class Pose:
    """The head, where it looks (radians: yaw to the right, pitch up), and the body's lean to a side."""

    head: Head
    yaw: float
    pitch: float
    lean: float
    cheek: float
    ear_spread: tuple[float, float]

    def part(self, x: float, y: float, z: float) -> tuple[float, float, float]:
        """A place of the face (head's frame, looking straight) after yaw and pitch."""
        x, z = (
            x * math.cos(self.yaw) + z * math.sin(self.yaw),
            z * math.cos(self.yaw) - x * math.sin(self.yaw),
        )
        y, z = (
            y * math.cos(self.pitch) + z * math.sin(self.pitch),
            z * math.cos(self.pitch) - y * math.sin(self.pitch),
        )
        return x, y, z

    @property
    def focus(self) -> tuple[float, float]:
        """Where the tightest framing looks: between eyes and nose."""
        x, y, _ = self.part(0.0, -0.005, 0.36)
        return self.head.world(x, y)


@lru_cache(maxsize=256)
def pose_of(scene: Scene) -> Pose:
    """The pose of a chihuahua's scene. Of the concepts, only the head's tilt matters."""
    draws = Draws(scene.seed, "pose")
    lean = draws.uniform(-0.10, 0.10)
    return Pose(
        head=Head((0.3 * draws.uniform(-0.1, 0.1), 0.13), math.radians(scene.value("head_tilt"))),
        yaw=math.radians(draws.uniform(-20, 20)),
        pitch=math.radians(draws.uniform(-8, 8)),
        lean=lean,
        cheek=draws.uniform(0.92, 1.06),
        ear_spread=(draws.uniform(0.42, 0.78), draws.uniform(0.42, 0.78)),
    )
