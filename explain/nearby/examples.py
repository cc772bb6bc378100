"""Pictures that a version learned from, with their classes and what the network makes of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from data import datasets, scenes
from data.datasets import DatasetError, UnknownDataset
from data.failures import UserMistake
from data.images import ImageDataset, as_input, scaled
from explain.nearby.features import penultimate
from models.spec import Model, ModelSpec, Progress, Report

PICTURES = 300


@dataclass(frozen=True, slots=True, eq=False)
class Examples:
    """Training pictures, and others that were kept back from the training.

    Attributes
    ----------
    pictures : ndarray of shape (n, size, size, 3), uint8
        Of the training part, at the model's size.
    labels : ndarray of shape (n,), int64
        Positions of their classes.
    names : tuple of str
    features : ndarray of shape (n, d)
        See `explain.nearby.features.penultimate`.
    held_back : ndarray of shape (m, d)
        Features of pictures of the same sources that the training did not see.
    what : str
        What they are, for a sentence: ``300 pictures of scenes``.
    instead : str
        Why these stand in for the version's own, in a sentence; empty where they are its own.
    """

    pictures: np.ndarray
    labels: np.ndarray
    names: tuple[str, ...]
    features: np.ndarray
    held_back: np.ndarray
    what: str
    instead: str


def examples(
    model: Model, dataset: str, fingerprint: str, report: Report, n: int = PICTURES, seed: int = 0
) -> Examples:
    """Examples of what a version learned from, or the nearest to it that can be had.

    Parameters
    ----------
    model : Model
        With a network.
    dataset : str
        Name of the dataset in the version's record.
    fingerprint : str
        Of that dataset, in the record.
    report : callable (Progress)
    n : int
        Pictures of the training part, of each class alike; fewer where there are fewer.
    seed : int
        Decides which ones.

    Raises
    ------
    UserMistake
        If the pictures are gone, and the model knows other classes than scenes show.
    """
    found, instead = _load(model.spec, dataset, fingerprint, n)
    pixels = found.pixels(lambda done, total: report(Progress("Making training pictures", done, total)))
    train = _of_each_class(found, found.split.train, n, seed)
    # Only of sources that the training has too: its test also holds pictures of another kind.
    same = np.isin(found.source[found.split.test], found.source[found.split.train])
    back = _of_each_class(found, found.split.test[same], n, seed)
    size = model.spec.image_size
    assert size is not None
    seen, unseen = (scaled(pixels[rows], size) for rows in (train, back))
    report(Progress("Comparing them", 1, 1))
    return Examples(
        pictures=seen,
        labels=found.y[train],
        names=tuple(found.ids[row] for row in train),
        features=penultimate(model, as_input(seen)),
        held_back=penultimate(model, as_input(unseen)),
        what=f"{len(train)} training pictures of the dataset {found.name}",
        instead=instead,
    )


def _load(spec: ModelSpec, name: str, fingerprint: str, n: int) -> tuple[ImageDataset, str]:
    if name == scenes.NAME:
        # Scenes come in an order that does not depend on how many are drawn.
        return scenes.load(n), ""
    try:
        found = datasets.load(name)
    except (DatasetError, UnknownDataset, UserMistake):
        found = None
    if isinstance(found, ImageDataset):
        same = found.fingerprint == fingerprint
        return found, "" if same else f"The pictures of {name} are no longer those of the record."
    from data import bakery

    if set(spec.classes) != set(bakery.KINDS):
        raise UserMistake(
            f"The pictures that it learned from ({name}) are not on this machine. Put the folder back, and "
            "its nearest examples can be shown."
        )
    return scenes.load(n), (
        f"The photos that it learned from ({name}) are not on this machine; scenes, which it learned from too "
        "or which show the same classes, stand in for them."
    )


def _of_each_class(dataset: ImageDataset, rows: np.ndarray, n: int, seed: int) -> np.ndarray:
    """At most n rows, sorted; the classes differ by one at most where there are enough."""
    drawn = np.random.default_rng(seed).permutation(rows)
    rank = np.zeros(len(drawn), dtype=np.int64)
    for index in range(len(dataset.classes)):
        own = dataset.y[drawn] == index
        rank[own] = np.arange(own.sum())
    return np.sort(drawn[np.argsort(rank, kind="stable")[:n]])
