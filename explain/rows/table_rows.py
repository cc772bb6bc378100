"""The rows that a version was made from, by the parts of its split."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from data import datasets
from data.dataset_types import DatasetError, TableDataset
from governance.blobs import BlobAltered, BlobMissing
from governance.registry import Version


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """The rows of a record.

    ``x`` has the shape (n_rows, n_features), ``y`` and ``ids`` a value a row; ``train`` and ``test`` are
    positions in them.
    """

    x: np.ndarray
    y: np.ndarray
    ids: tuple[str, ...]
    train: np.ndarray
    test: np.ndarray

    @property
    def training(self) -> tuple[np.ndarray, np.ndarray]:
        """The rows that the version learned from, and their classes."""
        return self.x[self.train], self.y[self.train]

    @property
    def held_out(self) -> tuple[np.ndarray, np.ndarray]:
        """The rows that it never saw, and their classes."""
        return self.x[self.test], self.y[self.test]


def rows_of(version: Version) -> Rows:
    """The rows that a version's record speaks of.

    Raises
    ------
    UnknownDataset
        If there is no dataset of that name.
    DatasetError
        If the rows are gone, or are no longer those of the record.
    """
    data = version.record.data
    dataset = datasets.load(data.name)
    if not isinstance(dataset, TableDataset) or dataset.fingerprint != data.fingerprint:
        raise DatasetError(f"The rows of {data.name} are no longer those of the record.")
    try:
        split = version.split
    except (BlobMissing, BlobAltered) as error:
        raise DatasetError(
            f"Which rows of {data.name} {version.reference} learned from is lost. {error}"
        ) from error
    return Rows(dataset.x, dataset.y, dataset.ids, split.train, split.test)
