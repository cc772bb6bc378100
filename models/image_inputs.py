"""Reads what a person gives an image model to answer: picture files, folders of them, and scenes."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from data import images, photo_folders, photos
from data.names import did_you_mean
from models import scene_inputs
from models.given import InputError, Inputs, brief, is_file
from models.spec import ModelSpec

if TYPE_CHECKING:
    from data.bakery import Scene


def read(spec: ModelSpec, given: Iterable[str]) -> Inputs:
    """Read files, folders and scenes, in the order given; files of a folder are sorted by name.

    A file or a folder wins over a scene of the same name. Scenes are read for a model that knows their classes,
    see `models.scene_inputs`.

    Raises
    ------
    InputError
        For what is neither a path nor a scene, a scene that cannot be, and a folder without any picture.
    data.photos.PhotoError
        For a file given by itself that cannot be used.
    """
    names: list[str] = []
    found: list[np.ndarray] = []
    scenes: list[Scene | None] = []
    left_out: list[str] = []
    for text in given:
        if _is_folder(text):
            used, why = _folder(spec, Path(text))
            names += [name for name, _ in used]
            found += [picture for _, picture in used]
            scenes += [None] * len(used)
            left_out += why
        else:
            scene = _scene(spec, text)
            name = photo_folders.shown(text)
            names.append(name)
            found.append(one(spec, Path(text), name) if scene is None else _rendered(spec, scene))
            scenes.append(scene)
    return Inputs(tuple(names), np.stack(found), tuple(left_out), tuple(scenes))


def _is_folder(text: str) -> bool:
    try:
        return Path(text).is_dir()
    except OSError:
        # A scene in words may be longer than a folder's name can be.
        return False


def _folder(spec: ModelSpec, folder: Path) -> tuple[list[tuple[str, np.ndarray]], list[str]]:
    """The pictures of a folder by their names, and a sentence for each file that cannot be used."""
    used: list[tuple[str, np.ndarray]] = []
    left_out: list[str] = []
    for file in photo_folders.files(folder):
        try:
            name = photo_folders.shown(str(file))
            used.append((name, one(spec, file, name)))
        except photos.PhotoError as error:
            left_out.append(str(error))
    if not used:
        why = f" {left_out[-1]}" if left_out else ""
        raise InputError(f"The folder {folder} holds no picture that can be used.{why}")
    return used, left_out


def _scene(spec: ModelSpec, text: str) -> Scene | None:
    """The scene that a text names, None for a picture's file."""
    # The bakery is imported only where there is no picture of this name.
    if is_file(text) and not text.lower().endswith(".json"):
        return None
    takes_scenes = scene_inputs.fits(spec)
    scene = scene_inputs.read(text) if takes_scenes else None
    if scene is None and not is_file(text):
        or_scene = (
            f", a folder, or a scene, as in {spec.classes[-1]},seed=3 or {spec.classes[-1]}-1"
            if takes_scenes
            else " or a folder"
        )
        hint = did_you_mean(text, scene_inputs.names()) if takes_scenes else ""
        raise InputError(
            f"{brief(text)} is no file and no folder.{hint} Give pictures (jpg, png, webp){or_scene}."
        )
    return scene


def _rendered(spec: ModelSpec, scene: Scene) -> np.ndarray:
    from data import bakery

    assert spec.image_size is not None
    return bakery.render(scene, spec.image_size).image


def one(spec: ModelSpec, source: bytes | Path, name: str) -> np.ndarray:
    """One picture as the model takes it, by the same steps as in training.

    Returns
    -------
    ndarray of shape (image_size, image_size, 3), float32 in [0, 1]

    Raises
    ------
    data.photos.PhotoError
        If the file cannot be used.
    """
    if spec.image_size is None:
        raise InputError(f"{spec.name} takes no pictures.")
    stored = photos.read_photo(source, name)[None]
    return images.as_input(images.scaled(stored, spec.image_size))[0]
