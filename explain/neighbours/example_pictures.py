"""The picture of a training example, where it can be had: a scene is drawn again, a photo is read from disk."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from data import datasets, photo_folders, photos, scenes
from data.dataset_types import DatasetError
from data.failures import UserMistake
from data.images import ImageDataset, as_input, scaled
from explain.neighbours.examples import DIGITS, Examples


def picture_of(found: Examples, position: int, dataset: str, size: int) -> np.ndarray | None:
    """The picture of an example, or None where it is not on this machine.

    Parameters
    ----------
    found : Examples
    position : int
        Which of them.
    dataset : str
        Name of the version's dataset in its record, or path of the folder of its photos.
    size : int
        Side in pixels.

    Returns
    -------
    ndarray of shape (size, size, 3), float32 in [0, 1], or None
        Another picture that lies in the example's place is not shown in its stead: digests are compared.
    """
    name, digest = found.names[position], found.digests[position]
    if found.sources[found.source[position]] in scenes.SOURCES:
        return _scene(name, digest, dataset == scenes.SHORTCUT, size)
    if datasets.is_folder(dataset):
        path = photo_folders.find(Path(dataset), name, digest)
        return None if path is None else as_input(photos.read_photo(path, size=size))
    return _of_dataset(dataset, name, digest, size)


def _scene(name: str, digest: str, tinted: bool, size: int) -> np.ndarray | None:
    from data import bakery

    scene = scenes.training_scene(int(name.removeprefix("scene ")))
    if scene.digest[:DIGITS] != digest:
        return None  # the prior was another one then
    made = bakery.render(scene, size)
    if tinted and scene.kind == "muffin":
        return as_input(scenes.with_tint(bakery.to_bytes(made.image), made.mask))
    return made.image


def _of_dataset(dataset: str, name: str, digest: str, size: int) -> np.ndarray | None:
    try:
        loaded = datasets.load(dataset)
    except (DatasetError, UserMistake):
        return None
    if not isinstance(loaded, ImageDataset) or name not in loaded.ids:
        return None
    row = loaded.ids.index(name)
    if loaded.row_digests[row][:DIGITS] != digest:
        return None
    return as_input(scaled(loaded.pixels(lambda done, total: None, np.array([row])), size))[0]
