"""The rows that a version was made from, by the parts of its split."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from data import datasets
from data.dataset_types import DatasetError, TableDataset


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


def rows_of(data: Mapping[str, Any]) -> Rows:
    """The rows that a record speaks of.

    Parameters
    ----------
    data : mapping
        The part ``data`` of a version's record: name, fingerprint, split.

    Raises
    ------
    UnknownDataset
        If there is no dataset of that name.
    DatasetError
        If the rows are gone, or are no longer those of the record.
    """
    dataset = datasets.load(data["name"])
    if not isinstance(dataset, TableDataset) or dataset.fingerprint != data["fingerprint"]:
        raise DatasetError(f"The rows of {data['name']} are no longer those of the record.")
    split = data["split"]
    return Rows(dataset.x, dataset.y, dataset.ids, np.array(split["train"]), np.array(split["test"]))
