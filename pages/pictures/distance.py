"""How far what is shown lies from the training."""

from __future__ import annotations

import numpy as np
import streamlit as st

from data.bakery import Scene
from data.workspace import home
from explain.neighbours.examples import Examples
from explain.typicality import feature_typicality
from explain.typicality.typicality import Typicality
from governance import measurements
from governance.registry import Version
from models.spec import Model
from pages.common import workspace
from pages.pictures.inputs import Asked


def of_picture(version: Version, model: Model, asked: Asked) -> Typicality | None:
    """Where a picture lies, by what is known without making pictures; None where nothing is.

    A scene as it is drawn is compared with the prior, exactly; a photo, and a scene with changed pixels,
    with the training examples that were stored with the version, if they say anything about it.
    """
    return of_pixels(version, model, asked.now, asked.scene, bool(asked.pixels))


def of_pixels(
    version: Version, model: Model, picture: np.ndarray, scene: Scene | None, is_changed: bool
) -> Typicality | None:
    """The same where only the picture as the model has it is at hand.

    Parameters
    ----------
    picture : ndarray of shape (image_size, image_size, 3), float32 in [0, 1]
    scene : Scene, optional
        What was rendered; None for a photo.
    is_changed : bool
        Whether the pixels of the scene were changed afterwards.
    """
    return feature_typicality.among(stored_examples(version), model, picture, scene, is_changed)


def among(found: Examples | None, model: Model, asked: Asked) -> Typicality | None:
    """Where a picture lies among these training examples; None where they say nothing about it."""
    return feature_typicality.among(found, model, asked.now, asked.scene, bool(asked.pixels))


def stored_examples(version: Version) -> Examples | None:
    """The training examples that were measured with a version, None where none were."""
    measured = measurements.identities(workspace.store(), version)
    return _stored(version.record_id, measured, str(home()), version)


# Kept by what is measured, so that a new measurement counts at once.
@st.cache_resource(show_spinner=False, max_entries=16)
def _stored(record_id: str, measured: tuple[str, ...], home: str, _version: Version) -> Examples | None:
    return feature_typicality.stored(workspace.store(), _version)
