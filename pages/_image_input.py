"""The left column of an image what-if: a scene with its concepts, or a photo; and changes of the pixels."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial

import numpy as np
import streamlit as st

from data import photos
from data.bakery import CONCEPTS, Scene
from data.features import Feature
from data.images import as_input
from explain.concepts import perturbations
from explain.concepts.perturbations import PERTURBATIONS
from models import image_inputs
from models.spec import ModelSpec
from pages import _scenes, _sliders
from pages._kit import note

SCENE, PHOTO = "Scene", "Your photo"
TYPES = ["jpg", "jpeg", "png", "webp"]
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


def draw(spec: ModelSpec) -> Asked | None:
    """Draw the column; None while no picture is chosen."""
    modes = [SCENE, PHOTO] if _scenes.fits(spec.classes) else [PHOTO]
    with st.container(border=True):
        mode = st.segmented_control(
            "Ask about", modes, default=modes[0], key="about", bind="query-params", required=True
        )
        return _scene(spec) if mode == SCENE else _photo(spec)


def of_link(spec: ModelSpec, query: Mapping[str, str]) -> np.ndarray:
    """The picture that a link speaks of, as the model takes it.

    Raises
    ------
    ValueError
        If the link names no scene, or gives a concept or a change of the pixels a value that it cannot have.
    """
    scene = _scenes.examples().get(query.get("scene", ""))
    if scene is None:
        raise ValueError(f"It names no scene. There are: {', '.join(_scenes.examples())}.")
    concepts = {f.name: float(query[f.name]) for f in scene.live_concepts if f.name in query}
    pixels = {f.name: float(query[f.name]) for f in PERTURBATIONS if f.name in query}
    return _rendered(scene.replace(**concepts), _size(spec), pixels)


def _scene(spec: ModelSpec) -> Asked:
    size = _size(spec)
    start, changed = _scenes.choose()
    pixels = _perturbations()
    values = dict(changed.concepts)
    _finish(dict(start.concepts), {**values, **pixels})

    now = _rendered(changed, size, pixels)
    concepts = {
        f.name: Concept(f, values[f.name], partial(_with_concept, changed, size, pixels, f.name))
        for f in start.live_concepts
    }
    return Asked(
        start=_scenes.picture(start, size),
        now=now,
        start_shown=_scenes.picture(start, _scenes.SHOWN),
        now_shown=now if pixels else _scenes.picture(changed, _scenes.SHOWN),
        truth=start.kind,
        concepts=concepts | _pixel_concepts(_scenes.picture(changed, size), pixels),
        link={"about": SCENE, "scene": st.session_state["scene"], **values, **pixels},
        scene=changed,
        pixels=pixels,
    )


def _photo(spec: ModelSpec) -> Asked | None:
    uploaded = st.file_uploader(
        "A photo",
        type=TYPES,
        key="_photo",
        help="It stays in this visit and on this machine: nobody else sees it, and it is stored nowhere.",
    )
    pixels = _perturbations()
    _finish({}, pixels)
    if uploaded is None:
        note("Choose a JPEG, PNG or WebP file. The middle square of it is what the model sees.")
        return None
    try:
        content = uploaded.getvalue()
        shown = as_input(photos.read_photo(content, uploaded.name, SHOWN))
        start = image_inputs.one(spec, content, uploaded.name)
    except photos.PhotoError as error:
        st.error(f"{error} Choose another file.", icon=":material/broken_image:")
        return None
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


def _perturbations() -> dict[str, float]:
    """Draw the pixels' sliders; the values that are not at their defaults."""
    with st.expander("Change the pixels", icon=":material/blur_on:"):
        values = {f.name: _sliders.slider(f, f.default) for f in PERTURBATIONS}
    return {f.name: values[f.name] for f in PERTURBATIONS if values[f.name] != f.default}


def _finish(start: Mapping[str, float], held: Mapping[str, float]) -> None:
    defaults = {f.name: f.default for f in PERTURBATIONS}
    _sliders.buttons({**defaults, **start})
    _sliders.hold({**defaults, **held})


def _rendered(scene: Scene, size: int, pixels: Mapping[str, float]) -> np.ndarray:
    return perturbations.apply(_scenes.picture(scene, size), pixels)


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
