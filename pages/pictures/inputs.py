"""What a visitor asks about in an image what-if: a scene with its concepts, or a photo; its pixels changed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial

import numpy as np

from data import bakery, photos
from data.bakery import CONCEPTS, Scene
from data.features import Feature
from data.images import as_input
from explain.concepts import perturbations
from explain.concepts.perturbations import PERTURBATIONS
from models import image_inputs
from models.spec import ModelSpec
from pages.pictures import scene_controls

SCENE, PHOTO = "Scene", "Your photo"
SHOWN = 384
# What a link to a scene holds: its name, and every concept and change of the pixels by its own.
LINKED = (
    {"about", "scene"}
    | {f.name for f in PERTURBATIONS}
    | {f.name for kind in CONCEPTS for f in CONCEPTS[kind]}
)


@dataclass(frozen=True, slots=True, eq=False)
class Concept:
    """A slider along which a response curve can be drawn: what a picture would be at another value."""

    feature: Feature
    current: float
    render: Callable[[float], np.ndarray]


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """What the visitor asks about.

    Attributes
    ----------
    start, now : ndarray of shape (image_size, image_size, 3), float32 in [0, 1]
        As the model takes it, before and after every change.
    start_shown, now_shown : ndarray
        The same for the eye, as sharp as they can be had.
    truth : str or None
        The class that is really shown, where it is known.
    concepts : dict of str to Concept
        By the sliders' names.
    link : dict
        What a link needs to name this picture again; empty for a photo, which never leaves the visit.
    scene : Scene or None
        What is rendered now, before the pixels are changed; None for a photo.
    pixels : dict of str to float
        The changes of the pixels that are not at their defaults, for `perturbations.apply`.
    """

    start: np.ndarray
    now: np.ndarray
    start_shown: np.ndarray
    now_shown: np.ndarray
    truth: str | None
    concepts: dict[str, Concept]
    link: dict[str, object]
    scene: Scene | None = None
    pixels: Mapping[str, float] = field(default_factory=dict)


def of_link(spec: ModelSpec, query: Mapping[str, str]) -> np.ndarray:
    """The picture that a link speaks of, as the model takes it.

    Raises
    ------
    ValueError
        If the link names no scene, or gives a concept or a change of the pixels a value that it cannot have.
    """
    pixels = {f.name: _number(query, f.name) for f in PERTURBATIONS if f.name in query}
    return _rendered(scene_of_link(query), _size(spec), pixels)


def scene_of_link(query: Mapping[str, str]) -> Scene:
    """The scene that a link speaks of, before its pixels are changed; raises as `of_link`."""
    scene = bakery.named_scenes().get(query.get("scene", ""))
    if scene is None:
        raise ValueError(f"It names no scene. There are: {', '.join(bakery.named_scenes())}.")
    return scene.replace(**{f.name: _number(query, f.name) for f in scene.live_concepts if f.name in query})


def _number(query: Mapping[str, str], name: str) -> float:
    try:
        return float(query[name])
    except ValueError:
        raise ValueError(f"It says {name}={query[name]}, which is not a number.") from None


def of_scene(spec: ModelSpec, name: str, start: Scene, changed: Scene, pixels: Mapping[str, float]) -> Asked:
    """A scene of the strip, by its name, with its concepts and its pixels changed."""
    size, values = _size(spec), dict(changed.concepts)
    now = _rendered(changed, size, pixels)
    concepts = {
        f.name: Concept(f, values[f.name], partial(_with_concept, changed, size, pixels, f.name))
        for f in start.live_concepts
    }
    return Asked(
        start=scene_controls.picture(start, size),
        now=now,
        start_shown=scene_controls.picture(start, scene_controls.SHOWN),
        now_shown=now if pixels else scene_controls.picture(changed, scene_controls.SHOWN),
        truth=start.kind,
        concepts=concepts | _pixel_concepts(scene_controls.picture(changed, size), pixels),
        link={"about": SCENE, "scene": name, **values, **pixels},
        scene=changed,
        pixels=pixels,
    )


def of_photo(spec: ModelSpec, content: bytes, name: str, pixels: Mapping[str, float]) -> Asked:
    """A file, with its pixels changed.

    Raises
    ------
    PhotoError
        If it is no photo that can be read.
    """
    shown = as_input(photos.read_photo(content, name, SHOWN))
    start = image_inputs.one(spec, content, name)
    now = perturbations.apply(start, pixels)
    return Asked(
        start=start,
        now=now,
        start_shown=shown,
        now_shown=now if pixels else shown,
        truth=None,
        concepts=_pixel_concepts(start, pixels),
        link={},
        pixels=pixels,
    )


def _size(spec: ModelSpec) -> int:
    assert spec.image_size is not None
    return spec.image_size


def _rendered(scene: Scene, size: int, pixels: Mapping[str, float]) -> np.ndarray:
    return perturbations.apply(scene_controls.picture(scene, size), pixels)


def _with_concept(
    scene: Scene, size: int, pixels: Mapping[str, float], name: str, value: float
) -> np.ndarray:
    return _rendered(scene.replace(**{name: value}), size, pixels)


def _pixel_concepts(picture: np.ndarray, pixels: Mapping[str, float]) -> dict[str, Concept]:
    return {
        f.name: Concept(f, pixels.get(f.name, f.default), partial(_with_pixels, picture, pixels, f.name))
        for f in PERTURBATIONS
    }


def _with_pixels(picture: np.ndarray, pixels: Mapping[str, float], name: str, value: float) -> np.ndarray:
    return perturbations.apply(picture, {**pixels, name: value})
