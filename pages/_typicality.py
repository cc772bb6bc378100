"""How far what is shown lies from the training, said beside every explanation, which greys out where it is far."""

from __future__ import annotations

import numpy as np
import streamlit as st

from data import workspace
from explain.nearby import feature_typicality
from explain.nearby.examples import Examples
from explain.nearby.typicality import Typicality
from governance.registry import Version
from models.spec import Model
from pages import _workspace
from pages._image_input import Asked
from pages._kit import note

# Of a faded map's colours so much is left, the rest is grey.
_LEFT = 0.25


def of_picture(version: Version, model: Model, asked: Asked) -> Typicality | None:
    """Where a picture lies, by what is known without making pictures; None where nothing is.

    A scene as it is drawn is compared with the prior, exactly; a photo, and a scene with changed pixels,
    with the training examples that were stored with the version, if they say anything about it.
    """
    return among(stored_examples(version), model, asked)


def among(found: Examples | None, model: Model, asked: Asked) -> Typicality | None:
    """Where a picture lies among these training examples; None where they say nothing about it."""
    return feature_typicality.among(found, model, asked.now, asked.scene, bool(asked.pixels))


def stored_examples(version: Version) -> Examples | None:
    """The training examples that were measured with a version, None where none were."""
    return _stored(version.record_id, str(workspace.home()), version)


# Asked again after a minute: somebody may have measured it meanwhile.
@st.cache_resource(show_spinner=False, ttl=60, max_entries=16)
def _stored(record_id: str, home: str, _version: Version) -> Examples | None:
    return feature_typicality.stored(_workspace.store(), _version)


def say(found: Typicality) -> None:
    """The sentence, with a warning where the input is not usual."""
    if found.level == "usual":
        note(f":material/check: {found.sentence}")
    elif found.level == "unusual":
        st.markdown(f":orange[:material/warning: **Unusual.** {found.sentence}]")
    else:
        st.markdown(
            f":orange[:material/warning: **Far from the training.** {found.sentence} The model answers all the "
            "same. Its explanation is drawn in faded colours: it explains an answer that has little to stand on.]"
        )


def faded(picture: np.ndarray, found: Typicality | None) -> np.ndarray:
    """A drawn map, greyed out where its input is far; else as it is.

    Parameters
    ----------
    picture : ndarray of shape (height, width, 3)
        In [0, 1], or bytes.
    """
    if found is None or found.level != "far":
        return picture
    grey = picture.mean(axis=2, keepdims=True)
    return (grey + _LEFT * (picture - grey)).astype(picture.dtype)
