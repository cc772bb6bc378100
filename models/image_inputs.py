"""Reads what a person gives an image model to answer: picture files, and folders of them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np

from data import images, photo_folders, photos
from models.inputs import InputError, Inputs
from models.spec import ModelSpec


def read(spec: ModelSpec, given: Iterable[str]) -> Inputs:
    """Read files and folders, in the order given; files of a folder are sorted by name.

    Raises
    ------
    InputError
        For a path that does not exist, and a folder without any picture.
    data.photos.PhotoError
        For a file given by itself that cannot be used.
    """
    names: list[str] = []
    found: list[np.ndarray] = []
    left_out: list[str] = []
    for text in given:
        path = Path(text)
        if path.is_dir():
            before = len(names)
            for file in photo_folders.files(path):
                try:
                    found.append(one(spec, file, str(file)))
                    names.append(str(file))
                except photos.PhotoError as error:
                    left_out.append(str(error))
            if len(names) == before:
                why = f" {left_out[-1]}" if left_out else ""
                raise InputError(f"The folder {text} holds no picture that can be used.{why}")
        elif path.is_file():
            found.append(one(spec, path, text))
            names.append(text)
        else:
            raise InputError(f"{text} is no file and no folder. Give pictures (jpg, png, webp) or a folder.")
    return Inputs(tuple(names), np.stack(found), tuple(left_out))


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
