"""The maps of an image what-if: computed once for a visit, and drawn over their pictures."""

from __future__ import annotations

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from ask.image_answer import ImageExplanation, explain_image, picture_digest
from data import workspace
from draw.overlay import blend, overlay
from explain import methods
from explain.attributions.attribution import Attribution
from explain.attributions.background import of_dataset
from explain.typicality.typicality import Typicality
from governance.registry import Version
from models import catalogue
from models.spec import Model, ModelSpec
from pages.common import typicality_note
from pages.common.page import palette
from pages.pictures.inputs import Asked

MOST_KEPT = 64


def kept(version: Version, asked: Asked, name: str, target: str | None) -> ImageExplanation | None:
    """The explanation, if this visit has asked for it before."""
    found: ImageExplanation | None = _kept().get(_key(version, asked, name, target))
    return found


def explained(
    model: Model,
    version: Version,
    asked: Asked,
    name: str,
    target: str | None,
    place: DeltaGenerator | None = None,
) -> ImageExplanation:
    """The explanation, kept for this visit by what decides it: weights, pixels, method and target.

    Parameters
    ----------
    place : DeltaGenerator, optional
        A picture that gives way to maps while finer ones are on their way.
    """
    known, key = _kept(), _key(version, asked, name, target)
    if key not in known:
        watched = st.empty()

        def wanted_no_more() -> bool:
            # Streamlit ends this run here when a newer input waits: nobody computes for a map that is gone.
            watched.empty()
            return False

        def coming(attribution: Attribution) -> None:
            if place is not None:
                show(place, asked.now, attribution.values, "A coarse map; a finer one is on its way.")

        known[key] = explain_image(
            model,
            asked.now,
            name,
            target,
            version=version.reference,
            weights_digest=version.weights_digest,
            background=background(version.model) if methods.image_method(name).needs_background else None,
            truth=asked.truth,
            coming=coming,
            cancelled=wanted_no_more,
        )
        while len(known) > MOST_KEPT:
            known.pop(next(iter(known)))
    return known[key]


def _kept() -> dict[tuple[object, ...], ImageExplanation]:
    found: dict[tuple[object, ...], ImageExplanation] = st.session_state.setdefault("_maps", {})
    return found


def _key(version: Version, asked: Asked, name: str, target: str | None) -> tuple[object, ...]:
    return version.reference, version.weights_digest, picture_digest(asked.now), name, target, asked.truth


def background(model: str) -> np.ndarray:
    """Real pictures to compare with; see `explain.attributions.background.of_dataset`."""
    definition = catalogue.definition(model)
    spec = definition.spec
    return _background(definition.dataset, spec.image_size, str(workspace.home()), spec)


@st.cache_data(show_spinner="Making pictures to compare with …", max_entries=8)
def _background(dataset: str, size: int | None, home: str, _spec: ModelSpec) -> np.ndarray:
    return of_dataset(dataset, _spec)


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
    times = max(1, 384 // mixed.shape[0])
    return place.image(mixed.repeat(times, axis=0).repeat(times, axis=1), alt=alt, width="stretch")


def legend_words(explanation: ImageExplanation, scale: float, signed: bool) -> str:
    """What the colours of a map mean, and where they end, without a full stop.

    A method without signs leaves out what speaks against the class (Grad-CAM) or colours it as what
    speaks for it (saliency), so its orange cannot be called evidence for the class.
    """
    end = f"{scale:.3g}"
    target, units = explanation.attribution.target.words(explanation.spec), explanation.attribution.units
    if signed:
        return f"Orange: for {target}, up to {end} {units} · blue: against it, to −{end} · grey: nothing"
    against = "what speaks against it has no colour of its own"
    return f"Orange: matters to {target}, up to {end} {units} · {against} · grey: nothing"
