"""How far what is shown lies from the training, said beside every explanation, which greys out where it is far."""

from __future__ import annotations

import numpy as np
import streamlit as st

from ask.answer import Answer
from explain.typicality.typicality import Typicality
from pages.common.page import note

# Of a faded map's colours so much is left, the rest is grey.
_LEFT = 0.25


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


def lead(asked: Answer) -> None:
    """Before an answer: that its input is none that the model knows, where that is so."""
    for sentence in asked.unknown:
        st.markdown(f":orange[:material/warning: {sentence}]")


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
