"""All rows of the table that a version was made from, by the parts of its split, for pages that judge models."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st

from data import datasets
from data.datasets import DatasetError, TableDataset, UnknownDataset
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


def rows(version: Version) -> Rows | None:
    """The rows of a version's record; None where they are gone or are no longer the same."""
    try:
        return _rows(version.record_id, version.record["data"])
    except (DatasetError, UnknownDataset):
        return None


# Shared and never copied: nobody writes to the arrays.
@st.cache_resource(show_spinner=False, max_entries=32)
def _rows(record_id: str, _data: dict[str, Any]) -> Rows:
    dataset = datasets.load(_data["name"])
    if not isinstance(dataset, TableDataset) or dataset.fingerprint != _data["fingerprint"]:
        raise DatasetError(f"The rows of {_data['name']} are no longer those of the record.")
    split = _data["split"]
    return Rows(dataset.x, dataset.y, dataset.ids, np.array(split["train"]), np.array(split["test"]))
