"""The maps of an image what-if, drawn over their pictures: made in stages, and enlarged for the eye."""

from __future__ import annotations

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from ask.picture_answer import PictureAnswer
from draw.overlay import blend, overlay
from explain.attributions.attribution import Attribution
from explain.typicality.typicality import Typicality
from pages.common import typicality_note
from pages.common.page import palette


def explain(asked: PictureAnswer, place: DeltaGenerator | None = None) -> Attribution:
    """The map of an answer, made where this visit has not asked for it before.

    Parameters
    ----------
    place : DeltaGenerator, optional
        A picture that gives way to maps while finer ones are on their way.
    """
    if asked.attribution_known is None:
        watched = st.empty()

        def wanted_no_more() -> bool:
            # Streamlit ends this run here when a newer input waits: nobody computes for a map that is gone.
            watched.empty()
            return False

        def coming(attribution: Attribution) -> None:
            if place is not None:
                show(place, asked.input, attribution.values, "A coarse map; a finer one is on its way.")

        asked.explain(coming, wanted_no_more)
    return asked.attribution


def show(
    place: DeltaGenerator,
    picture: np.ndarray,
    values: np.ndarray,
    alt: str,
    typical: Typicality | None = None,
) -> DeltaGenerator:
    """Draw a map over its picture, a small one enlarged for the eye, and grey where the input is far.

    Parameters
    ----------
    place : DeltaGenerator
        A container, which gets one more picture, or a picture, which is replaced in its place.

    Returns
    -------
    DeltaGenerator
        The picture, to be given as `place` again.
    """
    mixed = typicality_note.faded(blend(picture, overlay(values, palette()).rgba), typical)
    return place.image(enlarged(mixed), alt=alt, width="stretch")


def enlarged(picture: np.ndarray, to: int = 384) -> np.ndarray:
    """A small picture for the eye: every pixel a square, as the model has it, not smoothed over."""
    times = max(1, to // picture.shape[0])
    return picture.repeat(times, axis=0).repeat(times, axis=1)


def legend_words(asked: PictureAnswer, scale: float) -> str:
    """What the colours of a map mean, and where they end, without a full stop.

    A method without signs leaves out what speaks against the class (Grad-CAM) or colours it as what
    speaks for it (saliency), so its orange cannot be called evidence for the class.
    """
    end = f"{scale:.3g}"
    target, units = asked.explained.words(asked.spec), asked.attribution.units
    if asked.method.signed:
        return f"Orange: for {target}, up to {end} {units} · blue: against it, to −{end} · grey: nothing"
    against = "what speaks against it has no colour of its own"
    return f"Orange: matters to {target}, up to {end} {units} · {against} · grey: nothing"
