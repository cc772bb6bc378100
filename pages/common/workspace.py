"""What every page reads: the store, loaded versions and training rows, cached where that is safe.

Caches are keyed by digests, never by arrays: Streamlit hashes a large array from a sample of it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import streamlit as st

from data import workspace
from data.datasets import DatasetError, UnknownDataset
from explain.rows import starting_points
from explain.rows.table_rows import rows_of
from governance import registry, sessions
from governance.home import open_store
from governance.registry import Version
from governance.store import Store
from models import catalogue, loading
from models.spec import Model, ModelSpec


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


def store() -> Store:
    """The workspace's store."""
    return _store(workspace.database_url(), str(workspace.home()))


# Streamlit leaves arguments that begin with an underscore out of the key; a store is one for each home.
@st.cache_resource(show_spinner=False)
def _store(database_url: str, home: str) -> Store:
    return open_store()


def session() -> str:
    """Digest of this server's session, for what visitors start."""
    return sessions.start(store(), "app")


def references(modality: str) -> list[str]:
    """``MODEL`` and ``MODEL@NUMBER`` of everything with this modality that can be asked, by model."""
    asked = {d.spec.name for d in catalogue.definitions() if d.spec.modality == modality}
    return [ref for ref in stored_references() if registry.split_reference(ref)[0] in asked]


def stored_references() -> list[str]:
    """``MODEL`` and ``MODEL@NUMBER`` of everything that is stored, also of models that the catalogue lacks.

    In the catalogue's order: what is easiest to understand comes first there.
    """
    place = {definition.spec.name: number for number, definition in enumerate(catalogue.definitions())}
    stored = registry.references(store())
    return sorted(stored, key=lambda ref: place.get(registry.split_reference(ref)[0], len(place)))


def load(version: Version) -> Model:
    """The model of a version; see `models.loading.load`."""
    return loading.load(store(), version)


def spec_of(model: str) -> ModelSpec:
    """The spec of a model of the catalogue."""
    return catalogue.definition(model).spec


def training_rows(version: Version) -> TrainingRows | None:
    """The rows that a version learned from; None where they are gone or are no longer the same."""
    try:
        n_classes = len(catalogue.definition(version.model).spec.classes)
        return _training_rows(version.record_id, version, n_classes)
    except (DatasetError, UnknownDataset):
        return None


# Shared and never copied: nobody writes to the arrays. An error is not kept, so data that come back are
# shown again.
@st.cache_resource(show_spinner=False, max_entries=32)
def _training_rows(record_id: str, _version: Version, n_classes: int) -> TrainingRows:
    rows = rows_of(_version)
    x, y = rows.training
    typical = starting_points.typical_rows(x, y, n_classes)
    return TrainingRows(x, y, x.min(axis=0), x.max(axis=0), typical)
