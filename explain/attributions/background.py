"""A background for methods that compare with real inputs: a few of those that a model can learn from."""

from __future__ import annotations

import numpy as np

from data import datasets, scenes
from data.failures import UserMistake
from data.images import ImageDataset, Progressed, as_input, scaled
from models.spec import ModelSpec

PICTURES = 24
ROWS = 50


def of_dataset(name: str, spec: ModelSpec) -> np.ndarray:
    """The background that a dataset gives, ndarray of shape (n, height, width, 3), float32 in [0, 1].

    Parameters
    ----------
    name : str
        A dataset with pictures, or a folder of photos.
    spec : ModelSpec
        Says the size.

    Raises
    ------
    UserMistake
        If there is no such dataset, or it holds no pictures.
    """
    # Scenes come in an order that does not depend on how many are drawn: the first are soon rendered.
    dataset = scenes.load(PICTURES) if name == scenes.NAME else datasets.load(name)
    if not isinstance(dataset, ImageDataset):
        raise UserMistake(f"{name} holds no pictures to compare with. Give a folder of photos, or scenes.")
    return background(dataset, spec, lambda done, total: None)


def background(
    dataset: ImageDataset, spec: ModelSpec, progressed: Progressed, n: int = PICTURES, seed: int = 0
) -> np.ndarray:
    """Draw pictures of the training part, of each class alike.

    Parameters
    ----------
    dataset : ImageDataset
        Pixels are made of the drawn pictures alone.
    spec : ModelSpec
        Says the size.
    progressed : callable (done, in_all)
        Told while the pixels are made.
    n : int
        Pictures to draw; fewer where the training part holds fewer, and the classes differ by one at
        most.
    seed : int
        Decides which ones.

    Returns
    -------
    ndarray of shape (n, height, width, 3), float32 in [0, 1]
    """
    train = dataset.split.train
    chosen = train[drawn_alike(dataset.y[train], n, seed)]
    assert spec.image_size is not None
    return as_input(scaled(dataset.pixels(progressed, np.sort(chosen)), spec.image_size))


def of_rows(x: np.ndarray, y: np.ndarray, n: int = ROWS, seed: int = 0) -> np.ndarray:
    """Draw rows that a model learned from, of each class alike; ndarray of shape (n, n_features), a copy.

    Parameters
    ----------
    x : ndarray of shape (n_rows, n_features)
    y : ndarray of shape (n_rows,)
        Their classes, as positions.
    n : int
        Rows to draw; fewer where there are fewer, and the classes differ by one at most.
    seed : int
        Decides which ones.
    """
    return x[np.sort(drawn_alike(y, n, seed))]


def drawn_alike(y: np.ndarray, n: int, seed: int) -> np.ndarray:
    """At most n positions in y, of each class alike, by a seed; ndarray of shape (n,), int64."""
    order = np.random.default_rng(seed).permutation(len(y))
    # Each class's first one, then each class's second, and so on.
    rank = np.zeros(len(order), dtype=np.int64)
    for label in np.unique(y):
        own = y[order] == label
        rank[own] = np.arange(own.sum())
    return order[np.argsort(rank, kind="stable")[:n]]
