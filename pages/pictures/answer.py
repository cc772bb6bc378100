"""The middle column of an image what-if: both pictures, both answers, and the curve along a concept."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from ask.looks.concept_response import curve_of, movable
from ask.picture_answer import PictureAnswer
from ask.question import SceneInput
from draw.charts import concept_chart, probability_chart
from explain.numbers import percent, points
from models.spec import ModelSpec
from pages.common.page import chart, note, palette
from pages.common.typicality_note import lead
from pages.pictures.inputs import Chosen, pixels_of
from pages.pictures.maps import enlarged

# Set once a model has answered in this visit: from then on answers come at once.
_ASKED = "_asked"


@dataclass(frozen=True, slots=True)
class Places:
    """Where the two answers stand, and every probability; what waits there; whether both pictures are one."""

    waiting: DeltaGenerator
    before: DeltaGenerator
    after: DeltaGenerator
    probabilities: DeltaGenerator
    same: bool


def pictures(chosen: Chosen, spec: ModelSpec) -> Places:
    """The two pictures, which need no model, and places for what it answers."""
    same = chosen.start == chosen.now
    # Answers in one row and pictures in the next, so that both pictures begin at one height.
    left, right = st.columns(2, wrap=False)
    before, after = left.container(), right.container()
    waiting = before.empty()
    if not st.session_state.get(_ASKED):
        waiting.markdown(":gray[The model is being loaded and asked …]")
    if same:
        where = (
            "Move a slider"
            if isinstance(chosen.now, SceneInput)
            else "Open *Change the pixels* and move a slider"
        )
        with after:
            note(f"{where}: the changed picture appears here, with the model's new answer.")
    left, right = st.columns(2, wrap=False)
    left.image(chosen.start_shown, alt="The picture before any change.", width="stretch")
    if not same:
        now = pixels_of(chosen.now, spec) if chosen.now_shown is None else chosen.now_shown
        right.image(enlarged(now), alt="The picture as it is now.", width="stretch")
    return Places(waiting, before, after, st.container(), same)


def answer(places: Places, start: PictureAnswer, asked: PictureAnswer) -> None:
    """The two answers in their places, and every probability below the pictures."""
    places.waiting.empty()
    with places.before:
        says = "The model would say" if start.unknown else "The model says"
        _said(says if places.same else "Start", start, None)
    if not places.same:
        with places.after:
            _said("Now", asked, start)
    before = None if places.same else start.probabilities
    drawn = probability_chart(asked.spec, asked.probabilities, palette(), before)
    with places.probabilities:
        chart(drawn, drawn["description"], key="probabilities")
    st.session_state[_ASKED] = True


def _said(label: str, asked: PictureAnswer, before: PictureAnswer | None) -> None:
    top, spec = asked.predicted, asked.spec
    share = asked.probabilities[top]
    change = None if before is None else float(share - before.probabilities[top])
    lead(asked)
    st.metric(
        f"{label}: {spec.classes[top]}",
        percent(share),
        delta=None if change is None or abs(change) < 0.0005 else points(change),
        delta_arrow="up" if (change or 0) > 0 else "down",
        delta_color="off",
    )
    if asked.truth is not None and spec.classes[top] != asked.truth:
        st.markdown(f":red[:material/close: It is a {asked.truth}.]")


def curve(asked: PictureAnswer) -> None:
    """How the answer changes along one concept, all else as it is."""
    labels = {feature.name: feature.label for feature in movable(asked.scene)}
    # What was moved last may belong to a picture that is no longer asked about.
    if st.session_state.get("along") not in labels:
        st.session_state["along"] = next(iter(labels))
    name = st.selectbox(
        "The answer along", list(labels), key="along", bind="query-params", format_func=labels.__getitem__
    )
    # The spinner stands where the sentence will, so that the curve of before does not move.
    drawing = st.container()
    with st.spinner("Rendering along the concept …", show_time=True):
        found = curve_of(asked, name, lambda progress: None)
    drawn = concept_chart(asked.spec, found, palette())
    with drawing:
        chart(drawn, drawn["description"], key="curve")
    note(f"{found.renders} pictures were made and asked; all else stays as it is.")
