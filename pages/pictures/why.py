"""The right column of an image what-if: which pixels counted, how far to trust that, and why, in words."""

from __future__ import annotations

import numpy as np
import streamlit as st

from ask.image_answer import ImageExplanation
from draw.overlay import overlay
from explain import methods
from explain.numbers import percent
from governance.registry import Version
from models.spec import Model, ModelSpec
from pages.common import typicality_note
from pages.common.page import link, note, palette, subtitle
from pages.pictures import distance, maps, trust_badge, trust_report
from pages.pictures.inputs import Asked
from pages.pictures.trust_badge import Place

PREDICTED = "the predicted class"


def draw(
    spec: ModelSpec, version: Version, model: Model, asked: Asked
) -> tuple[ImageExplanation, Place | None]:
    """Draw the column; returns the explanation, and where `check` shall draw the badge if that is still due.

    Everything keeps its place from the first moment: the grey picture gives way to the map, and a grey
    badge to the badge, so that nothing moves under the pointer while slower parts come.
    """
    with st.container(border=True):
        name = _method(spec)
        # Containers and not empty places: what they showed stays until it is replaced.
        picture, below, scale = st.container(), st.container(), st.container()
        target = _target(spec)
        method = methods.image_method(name)
        known = maps.kept(version, asked, name, target)
        report = None if known is None else trust_report.kept(version, model, asked.scene, known)
        typical = distance.of_picture(version, model, asked)
        is_far = typical is not None and typical.level == "far"
        trust = trust_badge.place(below, is_far, leads_on=True)
        if report is not None:
            trust_badge.show(trust, report)
        legend_place = scale.markdown(
            f":gray[{method.title} is being asked. A coarse map may come first, a finer one follows.]"
        )
        if known is None:
            waiting = f"{method.title} is on its way."
            picture = maps.show(picture, asked.now, np.zeros(asked.now.shape[:2]), waiting)
            known = maps.explained(model, version, asked, name, target, picture)
        values = known.attribution.values
        maps.show(picture, known.picture, values, _finding(known, method.title), typical)
        legend_place.markdown(f":gray[{_legend(known, method.signed)}]")
        if typical is not None:
            typicality_note.say(typical)
        subtitle("Why")
        for sentence in known.words:
            st.markdown(sentence)
        _facts(known)
        link("how_it_works.py", f"How {method.title} works", icon=":material/school:", guide=name)
    return known, trust if report is None else None


def check(place: Place, version: Version, model: Model, asked: Asked, explanation: ImageExplanation) -> None:
    """Say how far the map can be trusted; last of all, because it asks the model most often."""
    found = trust_report.report(version, model, asked.scene, explanation, place.badge)
    trust_badge.show(place, found)


def _method(spec: ModelSpec) -> str:
    fits = methods.for_spec(spec)
    titles = {fit.method.name: fit.method.title for fit in fits if fit.reason is None}
    return st.selectbox(
        "Which pixels counted, by the method",
        list(titles),
        key="method",
        bind="query-params",
        format_func=titles.__getitem__,
        help="  \n".join(f"{fit.method.title}: {fit.reason or fit.method.cost}" for fit in fits),
    )


def _target(spec: ModelSpec) -> str | None:
    chosen = st.selectbox("Evidence for", [PREDICTED, *spec.classes], key="target", bind="query-params")
    return None if chosen == PREDICTED else chosen


def _finding(explanation: ImageExplanation, title: str) -> str:
    """What the map shows, for people who cannot see it."""
    target = explanation.attribution.target.words(explanation.spec)
    sizes = np.abs(explanation.attribution.values)
    if not sizes.any():
        return f"{title} for {target}: an empty map."
    row, column = np.unravel_index(int(np.argmax(sizes)), sizes.shape)
    down, across = (row + 0.5) / sizes.shape[0], (column + 0.5) / sizes.shape[1]
    return (
        f"{title} for {target}. The strongest pixel lies at {percent(across)} of the width from the left and "
        f"{percent(down)} of the height from the top."
    )


def _legend(explanation: ImageExplanation, signed: bool) -> str:
    scale = overlay(explanation.attribution.values, palette()).scale
    return f"{maps.legend_words(explanation, scale, signed)}."


def _facts(explanation: ImageExplanation) -> None:
    attribution = explanation.attribution
    facts = [
        f"{attribution.passes} forward and {attribution.backward_passes} backward passes",
        f"{attribution.milliseconds:.0f} ms",
        f"absent pixels: {attribution.baseline}" if attribution.baseline else "",
        f"sum and answer differ by {attribution.completeness_gap:.2g}" if explanation.complete else "",
    ]
    note(" · ".join(fact for fact in facts if fact) + f". Channels: {attribution.normalisation}.")
