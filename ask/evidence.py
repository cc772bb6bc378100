"""What is known about a version besides the version itself, and held against its answers.

The rows it learned from, the limits and the examples that were measured, the pictures that methods compare with:
all belong to the version and are shared by everybody who asks it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ask.cache import Cache
from data import workspace
from data.dataset_types import DatasetError, UnknownDataset
from explain.attributions.background import of_dataset
from explain.neighbours.examples import Examples
from explain.rows import starting_points
from explain.rows.table_rows import Rows, rows_of
from explain.trust import trust_thresholds
from explain.typicality import feature_typicality
from governance import measurements
from governance.registry import Version
from governance.store import Store
from governance.stored_records import StoredRecord
from models.spec import ModelSpec


@dataclass(frozen=True, slots=True, eq=False)
class TrainingRows:
    """The rows that a version learned from.

    ``x`` has the shape (n_rows, n_features), ``y`` the shape (n_rows,); ``low`` and ``high`` are the
    features' ranges among them, ``typical`` has a row of each class that has one, by its position.
    """

    x: np.ndarray
    y: np.ndarray
    low: np.ndarray
    high: np.ndarray
    typical: dict[int, np.ndarray]


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a version's answers are held against.

    Parameters
    ----------
    store : Store
    version : Version
    spec : ModelSpec
    cache : Cache
    """

    store: Store
    version: Version
    spec: ModelSpec
    cache: Cache

    def table_rows(self) -> Rows | None:
        """All rows of the version's record, by the parts of its split; None where they are gone or not the same."""
        try:
            return self.cache.kept("table rows", self._of_version(), lambda: rows_of(self.version), "process")
        except (DatasetError, UnknownDataset):
            return None

    def training_rows(self) -> TrainingRows | None:
        """The rows that the version learned from; None where they are gone or are no longer the same."""
        rows = self.table_rows()
        if rows is None:
            return None
        return self.cache.kept(
            "training rows", self._of_version(), lambda: self._training_rows(rows), "process"
        )

    def limits(self) -> StoredRecord | None:
        """The limits of trust that were measured with the version; None where none were."""
        return self.cache.kept(
            "limits",
            (*self._of_version(), self._measured()),
            lambda: trust_thresholds.stored(self.store, self.version, self.spec),
            "process",
        )

    def examples(self) -> Examples | None:
        """The training examples that were measured with the version; None where none were."""
        found = self._examples()
        return None if found is None else found[1]

    def examples_id(self) -> str | None:
        """The record that `examples` were read from; None where there is none that can be read."""
        found = self._examples()
        return None if found is None else found[0]

    def background(self, dataset: str) -> np.ndarray:
        """Pictures of a dataset to compare with; see `explain.attributions.background.of_dataset`."""
        key = (dataset, self.spec.name, self.spec.image_size, str(workspace.home()))
        return self.cache.kept("background", key, lambda: of_dataset(dataset, self.spec), "process")

    def _of_version(self) -> tuple[str, str]:
        # Another home may hold other data by the same names.
        return self.version.record_id, str(workspace.home())

    def _measured(self) -> tuple[str, ...]:
        """Identities of all measurements, so that a new one counts at once."""
        return measurements.identities(self.store, self.version)

    def _examples(self) -> tuple[str, Examples] | None:
        return self.cache.kept(
            "examples", (*self._of_version(), self._measured()), self._stored_examples, "process"
        )

    def _stored_examples(self) -> tuple[str, Examples] | None:
        found = measurements.newest(self.store, self.version, feature_typicality.NAME)
        examples = None if found is None else feature_typicality.from_results(found.measurement.results)
        return None if found is None or examples is None else (found.id, examples)

    def _training_rows(self, rows: Rows) -> TrainingRows:
        x, y = rows.training
        typical = starting_points.typical_rows(x, y, len(self.spec.classes))
        return TrainingRows(x, y, x.min(axis=0), x.max(axis=0), typical)
