"""Pictures that a version learned from, with their classes and what the network makes of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from data import scenes
from data.images import ImageDataset, as_input, scaled
from explain.neighbours.features import penultimate
from explain.neighbours.learned import Learned
from models.spec import Model, Progress, Report

PICTURES = 300
# Photos cannot be drawn again and each is another one, so more of them are taken.
PHOTOS = 1000
# Digits of a picture's SHA-256 that tell it from every other one.
DIGITS = 16


@dataclass(frozen=True, slots=True, eq=False)
class Examples:
    """Training pictures, and how far others of their source lie from them that decided no weight.

    Attributes
    ----------
    features : ndarray of shape (n, d), float64
        See `explain.neighbours.features.penultimate`; rounded to float16, as they are stored.
    labels : ndarray of shape (n,), int64
        Positions of their classes.
    names : tuple of str
        As the dataset calls them: ``train/muffin/photo.jpg`` or ``scene 12``.
    digests : tuple of str
        The first 16 hexadecimal digits of the SHA-256 of a photo's file or a scene's parameters.
    source : ndarray of shape (n,), int64
        Positions in `sources`.
    sources : tuple of str
        ``photos``, ``scenes``.
    apart : tuple of ndarray
        For each source the distances of pictures that were kept back to the nearest of its examples,
        ascending, float64.
    instead : str
        Why these stand in for the version's own, in a sentence; empty where they are its own.
    """

    features: np.ndarray
    labels: np.ndarray
    names: tuple[str, ...]
    digests: tuple[str, ...]
    source: np.ndarray
    sources: tuple[str, ...]
    apart: tuple[np.ndarray, ...]
    instead: str = ""

    @property
    def what(self) -> str:
        """What they are, for a sentence: ``805 photos and 300 scenes of the training``."""
        return f"{' and '.join(self.counted(index) for index in range(len(self.sources)))} of the training"

    def counted(self, index: int) -> str:
        """How many are of a source: ``805 photos``."""
        return f"{np.sum(self.source == index):,} {self.sources[index]}"


def examples(model: Model, learned: Learned, report: Report, n: int = PICTURES, seed: int = 0) -> Examples:
    """Examples of what a version learned from.

    Parameters
    ----------
    model : Model
        With a network.
    learned : Learned
        See `explain.neighbours.learned.learned_from`.
    report : callable (Progress)
    n : int
        Pictures of each source that is drawn, of each class alike, fewer where there are fewer; of photos
        `PHOTOS`, if that is more. Half as many are taken of those kept back.
    seed : int
        Decides which ones.
    """
    dataset = learned.dataset
    present = np.unique(dataset.source[learned.fitted])
    seen, back = [], []
    for index in present:
        most = n if dataset.sources[index] in scenes.SOURCES else max(n, PHOTOS)
        seen.append(_of_each_class(dataset, _of_source(dataset, learned.fitted, index), most, seed))
        kept_back = _of_source(dataset, learned.kept_back, index)
        back.append(_of_each_class(dataset, kept_back, max(most // 2, 1), seed))
    features = _features(model, dataset, [*seen, *back], report)
    rows = np.concatenate(seen)
    return Examples(
        features=np.concatenate(features[: len(seen)]),
        labels=dataset.y[rows],
        names=tuple(dataset.ids[row] for row in rows),
        digests=tuple(dataset.row_digests[row][:DIGITS] for row in rows),
        source=np.repeat(np.arange(len(seen)), [len(part) for part in seen]),
        sources=tuple(dataset.sources[index] for index in present),
        apart=tuple(
            np.sort(to_nearest(others, known))
            for known, others in zip(features[: len(seen)], features[len(seen) :], strict=True)
        ),
        instead=learned.instead,
    )


def to_nearest(queries: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Euclidean distance of each query to the nearest known row, ndarray of shape (n_queries,)."""
    from scipy.spatial.distance import cdist

    return cdist(queries, known).min(axis=1)


def _features(
    model: Model, dataset: ImageDataset, parts: list[np.ndarray], report: Report
) -> list[np.ndarray]:
    size = model.spec.image_size
    assert size is not None
    rows = np.concatenate(parts)
    pixels = dataset.pixels(
        lambda done, total: report(Progress("Making training pictures", done, total)), rows
    )
    report(Progress("Comparing them", 0, 1))
    found = penultimate(model, as_input(scaled(pixels, size)))
    report(Progress("Comparing them", 1, 1))
    return np.split(
        found.astype(np.float16).astype(np.float64), np.cumsum([len(part) for part in parts])[:-1]
    )


def _of_source(dataset: ImageDataset, rows: np.ndarray, source: int) -> np.ndarray:
    return rows[dataset.source[rows] == source]


def _of_each_class(dataset: ImageDataset, rows: np.ndarray, n: int, seed: int) -> np.ndarray:
    """At most n rows, sorted; the classes differ by one at most where there are enough."""
    drawn = np.random.default_rng(seed).permutation(rows)
    rank = np.zeros(len(drawn), dtype=np.int64)
    for index in range(len(dataset.classes)):
        own = dataset.y[drawn] == index
        rank[own] = np.arange(own.sum())
    return np.sort(drawn[np.argsort(rank, kind="stable")[:n]])
