"""What every page reads: the store, loaded versions and training rows, cached where that is safe.

Caches are keyed by digests, never by arrays: Streamlit hashes a large array from a sample of it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import streamlit as st

from data import datasets, workspace
from data.datasets import DatasetError, TableDataset
from governance import registry, sessions
from governance.registry import Version
from governance.store import Store, open_store
from models import catalogue, loading
from models.spec import Model, ModelSpec


@dataclass(frozen=True, slots=True, eq=False)
class TrainingRows:
    """The rows that a version learned from.

    ``x`` has the shape (n_rows, n_features), ``y`` the shape (n_rows,); ``low`` and ``high`` are the
    features' ranges among them.
    """

    x: np.ndarray
    y: np.ndarray
    low: np.ndarray
    high: np.ndarray


def store() -> Store:
    """The workspace's store."""
    return _store(workspace.database_url(), str(workspace.home()))


@st.cache_resource(show_spinner=False)
def _store(_url: str, _home: str) -> Store:
    return open_store()


def session() -> str:
    """Digest of this server's session, for what visitors start."""
    return sessions.start(store(), "app")


def references(modality: str) -> list[str]:
    """``MODEL`` and ``MODEL@NUMBER`` of everything with this modality that can be asked."""
    known = {d.spec.name for d in catalogue.definitions() if d.spec.modality == modality}
    return [ref for ref in registry.references(store()) if registry.split_reference(ref)[0] in known]


def load(version: Version) -> Model:
    """The model of a version; see `models.loading.load`."""
    return loading.load(store(), version)


def spec_of(model: str) -> ModelSpec:
    """The spec of a model of the catalogue."""
    return catalogue.definition(model).spec


def training_rows(version: Version) -> TrainingRows | None:
    """The rows that a version learned from; None where they are gone or are no longer the same."""
    data = version.record["data"]
    return _training_rows(data["name"], data["fingerprint"], tuple(data["split"]["train"]))


@st.cache_data(show_spinner=False)
def _training_rows(name: str, fingerprint: str, train: tuple[int, ...]) -> TrainingRows | None:
    try:
        dataset = datasets.load(name)
    except DatasetError:
        return None
    if not isinstance(dataset, TableDataset) or dataset.fingerprint != fingerprint:
        return None
    x, y = dataset.x[list(train)], dataset.y[list(train)]
    return TrainingRows(x, y, x.min(axis=0), x.max(axis=0))
