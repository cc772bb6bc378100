"""What a visitor has set in an image what-if: a scene with its concepts, or a photo; its pixels changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ask.question import Input, PictureInput, SceneInput, pairs_of
from data import photos
from data.bakery import Scene
from data.images import as_input
from explain.concepts import perturbations
from models import image_inputs
from models.spec import ModelSpec
from pages.pictures import scene_controls

SCENE, PHOTO = "Scene", "Your photo"
SHOWN = 384


@dataclass(frozen=True, slots=True, eq=False)
class Chosen:
    """What is on the table.

    Attributes
    ----------
    start, now : Input
        Before and after every change.
    start_shown : ndarray
        The start for the eye, as sharp as it can be had.
    now_shown : ndarray or None
        The same of the picture as it is now; None where the model's own pixels are shown, because they were changed.
    """

    start: Input
    now: Input
    start_shown: np.ndarray
    now_shown: np.ndarray | None


def of_scene(start: Scene, changed: Scene, pixels: Mapping[str, float]) -> Chosen:
    """A scene of the strip with its concepts and its pixels changed."""
    return Chosen(
        start=SceneInput(start),
        now=SceneInput(changed, pairs_of(pixels)),
        start_shown=scene_controls.picture(start, scene_controls.SHOWN),
        now_shown=None if pixels else scene_controls.picture(changed, scene_controls.SHOWN),
    )


def of_photo(spec: ModelSpec, content: bytes, name: str, pixels: Mapping[str, float]) -> Chosen:
    """A file, with its pixels changed.

    Raises
    ------
    PhotoError
        If it is no photo that can be read.
    """
    shown = as_input(photos.read_photo(content, name, SHOWN))
    start = image_inputs.one(spec, content, name)
    return Chosen(
        start=PictureInput(start),
        now=PictureInput(start, pairs_of(pixels)),
        start_shown=shown,
        now_shown=None if pixels else shown,
    )


def pixels_of(given: Input, spec: ModelSpec) -> np.ndarray:
    """A picture as the model is given it, which needs no model: ndarray of shape (size, size, 3) in [0, 1]."""
    assert isinstance(given, SceneInput | PictureInput)
    start = (
        scene_controls.picture(given.scene, _size(spec)) if isinstance(given, SceneInput) else given.pixels
    )
    return perturbations.apply(start, dict(given.changes))


def _size(spec: ModelSpec) -> int:
    assert spec.image_size is not None
    return spec.image_size
