"""A chihuahua that sits and looks at you: large upright ears, wide-set dark eyes, a short muzzle."""

from __future__ import annotations

import math
from collections.abc import Collection

import numpy as np

from data.bakery import coat, face
from data.bakery.backdrop import Footprint
from data.bakery.canvas import Camera, Canvas, Window
from data.bakery.geometry import Surface, bump, ellipsoid, join, join_in, smoothstep
from data.bakery.noise import Array, Draws, Noise
from data.bakery.parts import Part
from data.bakery.pose import Pose, pose_of
from data.bakery.scene import Scene


def cameras(scene: Scene) -> tuple[Camera, Camera]:
    """The camera that sees the dog, and the one that sees two eyes and a nose in fur."""
    pose = pose_of(scene)
    draws = Draws(scene.seed, "camera")
    half = draws.uniform(0.90, 1.22)
    x = draws.uniform(-0.10, 0.10) + pose.head.centre[0] / 2
    whole = Camera(x, 1.07 - half + draws.uniform(-0.05, 0.06), half)
    return whole, Camera(*pose.focus, half=0.31 * draws.uniform(0.92, 1.08))


def footprint(scene: Scene) -> Footprint:
    """Where the paws are."""
    return Footprint(0.0, -1.30, 0.5)


def draw(scene: Scene, canvas: Canvas, without: Collection[Part]) -> None:
    """Body, ears and head."""
    pose = pose_of(scene)
    noise = Noise(scene.seed, "fur")
    _draw_body(scene, canvas, pose, noise)
    if Part.EAR not in without:
        for side in (-1, 1):
            face.draw_ear(scene, canvas, pose, side, noise)
    _draw_head(scene, canvas, pose, noise)


def draw_details(scene: Scene, canvas: Canvas, without: Collection[Part]) -> None:
    """Mouth, nose and eyes, which throw no shadow on the fur."""
    pose = pose_of(scene)
    face.draw_mouth(scene, canvas, pose)
    if Part.NOSE not in without:
        face.draw_nose(scene, canvas, pose)
    if Part.EYE not in without:
        for side in (-1, 1):
            face.draw_eye(scene, canvas, pose, side)


def _fluff(scene: Scene) -> float:
    """How far hair stands out at the outline, as a share of a body's radius."""
    return 0.085 if scene.trait("hair") == "long" else 0.022


def _draw_body(scene: Scene, canvas: Canvas, pose: Pose, noise: Noise) -> None:
    window = canvas.window(0, -0.72, 0.85, 0.85)
    if window is None:
        return
    xs, ys = canvas.xs[window.cols], canvas.ys[window.rows]
    strokes = 0.7 * noise.grid(xs, ys, 24, 6, shift=8) + 0.6 * noise.grid(xs, ys, 52, 9, shift=12)
    soft = noise.grid(xs, ys, 2.2, shift=9)
    tufts = noise.grid(xs, ys, 11, 5, shift=10)
    swell = _fluff(scene) * (0.7 * tufts + 1.1 * strokes)
    body = _trunk(pose, window, swell, 0.05 * (scene.trait("hair") == "long"))
    bump(body, 0.004 * strokes + 0.008 * tufts, canvas.step, 1.0)
    colour = coat.body_colour(scene, pose, window, soft + 0.7 * strokes)
    colour = colour * (1 + 0.16 * strokes + 0.12 * tufts)
    hx, hy = pose.head.centre
    away = np.hypot(window.x - hx - 0.04, (window.y - hy + 0.62) * 1.5)
    under = 0.55 + 0.45 * smoothstep(0.05, 0.42, away)
    canvas.put(window, body.inside, body.depth, body.normal, colour, Part.FUR, gloss=0.03, shadow=under)


def _trunk(pose: Pose, window: Window, swell: Array, ruff: float) -> Surface:
    """Neck and chest, then haunches, forelegs and paws; `ruff` widens what long hair hangs from."""
    lean = pose.lean
    neck = ellipsoid(window.x, window.y, (0.4 * lean, -0.36, -0.26), (0.32 + ruff, 0.48, 0.36), swell)
    chest = ellipsoid(window.x, window.y, (lean, -0.76, -0.28), (0.40 + ruff, 0.44, 0.42), swell)
    body = join(neck, chest, 0.3)
    for side in (-1, 1):
        for place, radii, fillet in (
            ((lean + side * 0.36, -1.08, -0.42), (0.24, 0.30, 0.30), 0.12),
            ((lean + side * 0.17, -1.00, -0.08), (0.12, 0.42, 0.13), 0.06),
            ((lean + side * 0.18, -1.30, 0.02), (0.14, 0.085, 0.16), 0.03),
        ):
            rows, cols = at = window.around(place[0], place[1], radii[0] * 1.3, radii[1] * 1.3)
            limb = ellipsoid(window.x[:, cols], window.y[rows], place, radii, 0.5 * swell[at])
            if limb.depth.size:
                join_in(body, at, limb, fillet)
    return body


def _draw_head(scene: Scene, canvas: Canvas, pose: Pose, noise: Noise) -> None:
    head = pose.head
    window = canvas.window(*head.centre, 0.68, 0.68)
    if window is None:
        return
    x, y = head.local(window)
    strokes, tufts = _strokes(x, y - pose.part(0, -0.12, 0.3)[1], noise)
    surface = _skull(scene, pose, window, x, y, _fluff(scene) * (0.6 * tufts + 0.9 * strokes))
    crease = face.sockets(scene, pose, x, y)
    shaggy = 1.0 if scene.trait("hair") == "long" else 0.45
    bump(surface, 0.0025 * strokes + 0.004 * tufts, canvas.step, shaggy)
    colour = coat.face_colour(scene, pose, x, y, noise)
    colour = colour * (1 + 0.13 * strokes + 0.08 * tufts)
    surface.normal[:] = head.to_world(surface.normal)
    canvas.put(
        window, surface.inside, surface.depth, surface.normal, colour, Part.FUR, gloss=0.04, shadow=crease
    )


def _strokes(x: Array, y: Array, noise: Noise) -> tuple[Array, Array]:
    """Fine hairs and tufts that run away from the muzzle, as on a real face."""
    angle = np.arctan2(x, y + 0.02) * np.float32(1.0)
    radius = np.sqrt(x * x + y * y)
    turn = angle * np.float32(64 / (2 * math.pi))  # 64 cells: the table's length, so it closes on itself
    reach = smoothstep(0.08, 0.40, radius)  # near the muzzle the rays would crowd into a star
    return reach * noise.at(turn * 3, radius * 9), reach * noise.at(turn * 2, radius * 5, shift=3)


def _skull(scene: Scene, pose: Pose, window: Window, x: Array, y: Array, swell: Array) -> Surface:
    """An apple-shaped skull, cheeks and a muzzle, joined."""
    length = scene.value("muzzle")
    skull = ellipsoid(x, y, pose.part(0, 0.14, 0.0), (0.455, 0.40, 0.42), swell)
    cheeks = ellipsoid(x, y, pose.part(0, -0.08, 0.04), (0.375 * pose.cheek, 0.27, 0.38), swell)
    shape = join(skull, cheeks, 0.10)
    wide, high = 0.168 * (0.55 + 0.45 * length), 0.128 * (0.4 + 0.6 * length)
    jaw = pose.part(0, -0.235, 0.16 + 0.05 * length)
    muzzle = pose.part(0, -0.11 - 0.04 * length, 0.20 + 0.12 * length)
    for place, radii, fillet in (
        (jaw, (0.16, 0.115, 0.2), 0.05),
        (muzzle, (wide, high, 0.2 * length), 0.06),
    ):
        rows, cols = at = window.around(*pose.head.world(*place[:2]), 1.3 * radii[0], 1.3 * radii[0])
        part = ellipsoid(x[at], y[at], place, radii, 0.6 * swell[rows, cols])
        if part.depth.size:
            join_in(shape, at, part, fillet)
    return shape
