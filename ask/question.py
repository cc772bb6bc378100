"""What is asked: a version, an input, and what is wanted of the answer.

A question is a value: it names everything that decides the answer and holds nothing that was computed. Front
ends make it from an address, a command line or JSON (`ask.codecs`) and give it to `ask.answer`.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from models.spec import ModelSpec

if TYPE_CHECKING:
    from data.bakery import Scene

Pairs = tuple[tuple[str, Any], ...]


@dataclass(frozen=True, slots=True)
class RowInput:
    """A row of a table: each feature's name with its value, in the model's order and units."""

    values: tuple[tuple[str, float], ...]

    @classmethod
    def of(cls, spec: ModelSpec, row: np.ndarray) -> RowInput:
        """From an array of shape (n_features,)."""
        return cls(tuple((f.name, float(value)) for f, value in zip(spec.features, row, strict=True)))

    def array(self) -> np.ndarray:
        """The values alone, ndarray of shape (n_features,), float64."""
        return np.array([value for _, value in self.values], dtype=np.float64)


@dataclass(frozen=True, slots=True)
class SceneInput:
    """A scene, and what is changed about the pixels of its picture.

    Attributes
    ----------
    scene : Scene
        As it is rendered, with every concept.
    changes : tuple of (name, value)
        For `explain.concepts.perturbations.apply`, in any order; what is at its default is left out.
    """

    scene: Scene
    changes: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class PictureInput:
    """A picture of which nothing else is known: a photo as the model takes it, before its pixels are changed.

    Attributes
    ----------
    pixels : ndarray of shape (height, width, 3), float32 in [0, 1]
        Left as it is. Two inputs are equal where the pixels and the changes are.
    changes : tuple of (name, value)
        As those of a `SceneInput`.
    """

    pixels: np.ndarray
    changes: tuple[tuple[str, float], ...] = ()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PictureInput) and self._identity() == other._identity()

    def __hash__(self) -> int:
        return hash(self._identity())

    def _identity(self) -> tuple[str, tuple[tuple[str, float], ...]]:
        return picture_digest(self.pixels), self.changes


Input = RowInput | SceneInput | PictureInput


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked.

    Attributes
    ----------
    version : str
        Reference of the version: ``iris_tree@3``, an alias, or a bare model for its champion.
    input : RowInput, SceneInput, PictureInput or None
        None where only the whole model is asked about.
    method : str or None
        Name of the attribution that is wanted, as in `explain.methods`; None where none is.
    target : str or None
        The class in question; the predicted one by default.
    settings : tuple of (name, value)
        Of the method, where they are not its own.
    locked : tuple of str
        Names that a counterfactual must not move, sorted.
    background : str or None
        Dataset to compare with, for methods that need one; the model's own by default.
    epoch : int or None
        Ask the copy of the network that was kept after this epoch of the training; the version itself by default.
    looks : tuple of str
        Names of closer looks that are wanted, as in `ask.looks.catalogue`.
    along : tuple of str
        For a look along something: one name for a curve, two for a map; empty for the look's own choice.
    other : str or None
        For a second opinion: reference of the version that gives it.
    seed : int
        Which rows, examples or trainings looks draw.
    """

    version: str
    input: Input | None = None
    method: str | None = None
    target: str | None = None
    settings: Pairs = ()
    locked: tuple[str, ...] = ()
    background: str | None = None
    epoch: int | None = None
    looks: tuple[str, ...] = ()
    along: tuple[str, ...] = ()
    other: str | None = None
    seed: int = 0

    @property
    def changes(self) -> dict[str, float]:
        """What is changed about the pixels of a picture; empty for a row and for a picture as it is."""
        return {} if isinstance(self.input, RowInput | None) else dict(self.input.changes)

    @property
    def scene(self) -> Scene | None:
        """What is rendered, where the input is a scene."""
        return self.input.scene if isinstance(self.input, SceneInput) else None


def pairs_of(values: Mapping[str, Any]) -> Pairs:
    """A mapping as a question holds it, sorted by name."""
    return tuple(sorted(values.items()))


def picture_digest(picture: np.ndarray) -> str:
    """SHA-256 of a picture, in hexadecimal.

    Of height, width and channels as little-endian 32-bit integers, followed by the values as
    little-endian float32 in C order.
    """
    content = struct.pack("<3I", *picture.shape) + np.ascontiguousarray(picture, dtype="<f4").tobytes()
    return hashlib.sha256(content).hexdigest()
