"""What every page reads: the store, and the versions in it."""

from __future__ import annotations

import streamlit as st

from data import workspace
from governance import registry, sessions
from governance.home import open_store
from governance.registry import Version
from governance.store import Store
from models import catalogue, loading
from models.spec import Model, ModelSpec


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
