"""The right column of an image what-if: which pixels counted, by a method, and in words."""

from __future__ import annotations

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from data import workspace
from explain import methods
from explain.attributions.attribution import Attribution
from explain.attributions.background import of_dataset
from explain.attributions.overlay import blend, legend, overlay
from explain.image_explanation import ImageExplanation, explain_image, picture_digest
from explain.nearby.typicality import Typicality
from governance.registry import Version
from models import catalogue
from models.spec import Model, ModelSpec
from pages import _trust_badge, _typicality
from pages._image_input import Asked
from pages._kit import link, note, palette

PREDICTED = "the predicted class"
MOST_KEPT = 64


def draw(
    spec: ModelSpec, version: Version, model: Model, asked: Asked
) -> tuple[ImageExplanation, DeltaGenerator]:
    """Draw the column; returns the explanation of the picture as it is now, and where `check` may draw."""
    with st.container(border=True):
        words = st.container()
        name, target = _choose(spec)
        method = methods.image_method(name)
        place = st.empty()
        with st.spinner(f"{method.title} …", show_time=True):
            explanation = explained(model, version, asked, name, target, place)
        typical = _typicality.of_picture(version, model, asked)
        with place.container():
            _map(explanation, method.signed, typical)
        if typical is not None:
            _typicality.say(typical)
        trust = st.container()
        _facts(explanation)
        link("how_it_works.py", f"How {method.title} works", icon=":material/school:", guide=name)
        with words:
            st.markdown("**Why**")
            for sentence in explanation.words:
                st.markdown(sentence)
    return explanation, trust


def check(
    place: DeltaGenerator, version: Version, model: Model, asked: Asked, explanation: ImageExplanation
) -> None:
    """Say how far the map can be trusted; last of all, because it asks the model most often."""
    needed = methods.image_method(explanation.attribution.method).needs_background
    with place:
        _trust_badge.draw(version, model, asked, explanation, background(version.model) if needed else None)


def _choose(spec: ModelSpec) -> tuple[str, str | None]:
    fits = methods.for_spec(spec)
    titles = {fit.method.name: fit.method.title for fit in fits if fit.reason is None}
    name = st.selectbox(
        "Method",
        list(titles),
        key="method",
        bind="query-params",
        format_func=titles.__getitem__,
        help="  \n".join(f"{fit.method.title}: {fit.reason or fit.method.cost}" for fit in fits),
    )
    target = st.selectbox("Evidence for", [PREDICTED, *spec.classes], key="target", bind="query-params")
    return name, None if target == PREDICTED else target


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
        Where maps are drawn while finer ones are on their way.
    """
    kept = st.session_state.setdefault("_maps", {})
    key = (version.reference, version.weights_digest, picture_digest(asked.now), name, target, asked.truth)
    if key not in kept:
        watched = st.empty()

        def wanted_no_more() -> bool:
            # Streamlit ends this run here when a newer input waits: nobody computes for a map that is gone.
            watched.empty()
            return False

        def coming(attribution: Attribution) -> None:
            if place is not None:
                place.image(_drawn(asked.now, attribution.values), width="stretch")

        kept[key] = explain_image(
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
        while len(kept) > MOST_KEPT:
            kept.pop(next(iter(kept)))
    return kept[key]


def background(model: str) -> np.ndarray:
    """Real pictures to compare with; see `explain.attributions.background.of_dataset`."""
    definition = catalogue.definition(model)
    return _background(definition.dataset, str(workspace.home()), definition.spec)


@st.cache_data(show_spinner="Making pictures to compare with …", max_entries=8)
def _background(dataset: str, home: str, _spec: ModelSpec) -> np.ndarray:
    return of_dataset(dataset, _spec)


def _drawn(picture: np.ndarray, values: np.ndarray, typical: Typicality | None = None) -> np.ndarray:
    """A map over its picture, a small one enlarged for the eye."""
    mixed = _typicality.faded(blend(picture, overlay(values, palette()).rgba), typical)
    times = max(1, 384 // mixed.shape[0])
    return mixed.repeat(times, axis=0).repeat(times, axis=1)


def _map(explanation: ImageExplanation, signed: bool, typical: Typicality | None) -> None:
    attribution, colours = explanation.attribution, palette()
    st.image(_drawn(explanation.picture, attribution.values, typical), width="stretch")
    drawn = overlay(attribution.values, colours)
    target = explanation.spec.classes[attribution.target]
    against = f" · blue: against it, to {legend(drawn.scale, signed, colours)[0].value:.3g}" if signed else ""
    note(f"Orange: for {target}, up to {drawn.scale:.3g} {attribution.units}{against} · grey: nothing.")


def _facts(explanation: ImageExplanation) -> None:
    attribution = explanation.attribution
    facts = [
        f"{attribution.passes} forward and {attribution.backward_passes} backward passes",
        f"{attribution.milliseconds:.0f} ms",
        f"absent pixels: {attribution.baseline}" if attribution.baseline else "",
        f"sum and answer differ by {attribution.completeness_gap:.2g}" if explanation.complete else "",
    ]
    note(" · ".join(fact for fact in facts if fact) + f". Channels: {attribution.normalisation}.")
