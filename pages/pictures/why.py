"""The right column of an image what-if: which pixels counted, how far to trust that, and why, in words."""

from __future__ import annotations

import numpy as np
import streamlit as st

from ask.asking import instead
from ask.picture_answer import PictureAnswer
from draw.overlay import overlay
from explain import methods
from explain.numbers import percent
from models.spec import ModelSpec
from pages.common import typicality_note
from pages.common.page import link, note, palette, subtitle
from pages.pictures import maps, trust_badge
from pages.pictures.trust_badge import Place

PREDICTED = "the predicted class"


def draw(now: PictureAnswer) -> tuple[PictureAnswer, Place | None]:
    """Draw the column; returns the answer with what was chosen in it, and where a badge that is due goes.

    Everything keeps its place from the first moment: the grey picture gives way to the map, and a grey
    badge to the badge, so that nothing moves under the pointer while slower parts come.
    """
    with st.container(border=True):
        name = _method(now.spec)
        # Containers and not empty places: what they showed stays until it is replaced.
        picture, below, scale = st.container(), st.container(), st.container()
        asked = instead(now, method=name, target=_target(now.spec))
        assert isinstance(asked, PictureAnswer)
        due = None if name is None else _map(asked, picture, below, scale)
        if asked.typicality is not None:
            typicality_note.say(asked.typicality)
        subtitle("Why")
        for sentence in asked.words:
            st.markdown(sentence)
        if name is not None:
            _facts(asked)
            title = asked.method.title
            link("how_it_works.py", f"How {title} works", icon=":material/school:", guide=name)
    return asked, due


def _map(
    asked: PictureAnswer,
    picture: st.delta_generator.DeltaGenerator,
    below: st.delta_generator.DeltaGenerator,
    scale: st.delta_generator.DeltaGenerator,
) -> Place | None:
    """Draw the map and its badge; returns the badge's place if it is still due."""
    title = asked.method.title
    report = asked.trust_known
    place = trust_badge.place(below, asked.is_far, leads_on=True)
    if report is not None:
        trust_badge.show(place, report)
    legend = scale.markdown(
        f":gray[{title} is being asked. A coarse map may come first, a finer one follows.]"
    )
    if asked.attribution_known is None:
        waiting = f"{title} is on its way."
        picture = maps.show(picture, asked.input, np.zeros(asked.input.shape[:2]), waiting)
        maps.explain(asked, picture)
    maps.show(picture, asked.input, asked.attribution.values, _finding(asked), asked.typicality)
    strongest = overlay(asked.attribution.values, palette()).scale
    legend.markdown(f":gray[{maps.legend_words(asked, strongest)}.]")
    return place if report is None else None


def _method(spec: ModelSpec) -> str | None:
    """The method that the visitor chose; None, and the reasons on the page, where none fits."""
    fits = methods.for_spec(spec)
    titles = {fit.method.name: fit.method.title for fit in fits if fit.reason is None}
    if not titles:
        st.info("  \n".join(fit.reason or "" for fit in fits), icon=":material/block:")
        return None
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


def _finding(asked: PictureAnswer) -> str:
    """What the map shows, for people who cannot see it."""
    title, target = asked.method.title, asked.explained.words(asked.spec)
    sizes = np.abs(asked.attribution.values)
    if not sizes.any():
        return f"{title} for {target}: an empty map."
    row, column = np.unravel_index(int(np.argmax(sizes)), sizes.shape)
    down, across = (row + 0.5) / sizes.shape[0], (column + 0.5) / sizes.shape[1]
    return (
        f"{title} for {target}. The strongest pixel lies at {percent(across)} of the width from the left and "
        f"{percent(down)} of the height from the top."
    )


def _facts(asked: PictureAnswer) -> None:
    attribution = asked.attribution
    facts = [
        f"{attribution.passes} forward and {attribution.backward_passes} backward passes",
        f"{attribution.milliseconds:.0f} ms",
        f"absent pixels: {attribution.baseline}" if attribution.baseline else "",
        f"sum and answer differ by {attribution.completeness_gap:.2g}" if asked.complete else "",
    ]
    note(" · ".join(fact for fact in facts if fact) + f". Channels: {attribution.normalisation}.")
