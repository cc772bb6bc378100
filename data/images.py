"""Pictures with a class each: the counterpart of a table, for models that look."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
import rfc8785
from PIL import Image

from data.cards import DatasetCard
from data.dataset_types import Split

Progressed = Callable[[int, int], None]


class Pixels(Protocol):
    """Renders or reads pictures when they are asked for."""

    def __call__(self, progressed: Progressed, rows: np.ndarray | None = None) -> np.ndarray:
        """Pictures of a dataset, in sRGB.

        Parameters
        ----------
        progressed : callable (done, in_all)
            Told on the way.
        rows : ndarray of shape (n,), int, optional
            Which pictures, in which order; all of them if it is left out. Only these are rendered.

        Returns
        -------
        ndarray of shape (n, size, size, 3), uint8
        """
        ...


@dataclass(frozen=True, slots=True)
class ImageDataset:
    """Square pictures with a class each. Their pixels are made when they are asked for, not before.

    Attributes
    ----------
    y : ndarray of shape (n_rows,), int64
        Positions in ``classes``.
    ids : tuple of str
        A name for each picture, by which a changed one is reported.
    sources : tuple of str
        Where pictures come from, for instance ``photos`` and ``scenes``.
    source : ndarray of shape (n_rows,), int64
        Positions in ``sources``. A model is judged on each source apart.
    size : int
        Side of the pictures in pixels. It may be more than a model takes, so that a crop stays sharp.
    pixels : Pixels
        Renders or reads the pictures, all or those of certain rows.
    fingerprint : str
        SHA-256 of what identifies the content: digests of photo files, parameters of scenes.
    row_digests : tuple of str
        SHA-256 of each photo's file or each scene's parameters.
    origin : dict
        Where the pictures come from, without any path of this machine.
    transforms : tuple of dict
        What was done to them, in order, each with ``name`` and its settings.
    observed : dict
        What is noted about the pixels once all of them were made. Not part of the identity: the last bit of
        a rendered pixel may differ on another processor.
    """

    name: str
    card: DatasetCard
    classes: tuple[str, ...]
    y: np.ndarray
    ids: tuple[str, ...]
    sources: tuple[str, ...]
    source: np.ndarray
    size: int
    pixels: Pixels
    split: Split
    fingerprint: str
    row_digests: tuple[str, ...]
    origin: dict[str, Any]
    transforms: tuple[dict[str, Any], ...]
    observed: dict[str, str] = field(default_factory=dict)

    @property
    def features(self) -> tuple[str, ...]:
        """No columns: a picture is one value."""
        return ()

    def counts(self) -> dict[str, int]:
        """Pictures of each class."""
        return {name: int(np.sum(self.y == index)) for index, name in enumerate(self.classes)}


def joined(name: str, card: DatasetCard, parts: Sequence[ImageDataset]) -> ImageDataset:
    """Several datasets as one: their pictures one after another, each part with its own split.

    Parameters
    ----------
    parts : sequence of ImageDataset
        Of equal classes and size. What one part observes is noted in the joined dataset too.
    """
    starts = np.cumsum([0, *(len(part.y) for part in parts[:-1])])
    first_source = np.cumsum([0, *(len(part.sources) for part in parts[:-1])])
    observed: dict[str, str] = {}

    def pixels(progressed: Progressed, rows: np.ndarray | None = None) -> np.ndarray:
        if rows is not None:
            return _of_rows(parts, starts, progressed, rows)
        images = np.concatenate([part.pixels(progressed) for part in parts])
        for part in parts:
            observed.update(part.observed)
        return images

    identity = rfc8785.dumps([part.fingerprint for part in parts])
    return ImageDataset(
        name=name,
        card=card,
        classes=parts[0].classes,
        y=np.concatenate([part.y for part in parts]),
        ids=tuple(row for part in parts for row in part.ids),
        sources=tuple(source for part in parts for source in part.sources),
        source=np.concatenate([part.source + first for part, first in zip(parts, first_source, strict=True)]),
        size=parts[0].size,
        pixels=pixels,
        split=Split(
            np.concatenate([part.split.train + start for part, start in zip(parts, starts, strict=True)]),
            np.concatenate([part.split.test + start for part, start in zip(parts, starts, strict=True)]),
        ),
        fingerprint=hashlib.sha256(identity).hexdigest(),
        row_digests=tuple(digest for part in parts for digest in part.row_digests),
        origin={key: value for part in parts for key, value in part.origin.items()},
        transforms=tuple({"of": part.name, **step} for part in parts for step in part.transforms),
        observed=observed,
    )


def _of_rows(
    parts: Sequence[ImageDataset], starts: np.ndarray, progressed: Progressed, rows: np.ndarray
) -> np.ndarray:
    """Pictures of a joined dataset, each asked of the part that it lies in."""
    images = np.empty((len(rows), parts[0].size, parts[0].size, 3), np.uint8)
    lies_in = np.searchsorted(starts, rows, side="right") - 1
    for position in np.unique(lies_in):
        own = lies_in == position
        images[own] = parts[position].pixels(progressed, rows[own] - starts[position])
    return images


def scaled(images: np.ndarray, size: int) -> np.ndarray:
    """Square pictures at another size (Pillow's bicubic filter, which averages where it shrinks).

    Parameters
    ----------
    images : ndarray of shape (n, side, side, 3), uint8

    Returns
    -------
    ndarray of shape (n, size, size, 3), uint8
    """
    if images.shape[1] == size:
        return images
    made = np.empty((len(images), size, size, 3), np.uint8)
    for row, image in enumerate(images):
        made[row] = np.asarray(Image.fromarray(image).resize((size, size), Image.Resampling.BICUBIC))
    return made


def as_input(images: np.ndarray) -> np.ndarray:
    """Bytes as a model takes them: float32 in [0, 1]."""
    return images.astype(np.float32) / 255
