"""The middle column of an image what-if: both pictures, both answers, and the curve along a concept."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import streamlit as st

from ask.picture_answer import PictureAnswer
from draw.charts import concept_chart, probability_chart
from explain.concepts.concept_response import concept_response
from explain.numbers import percent, points
from pages.common.page import chart, note, palette
from pages.pictures.inputs import Chosen, Concept
from pages.pictures.maps import enlarged


def answer(chosen: Chosen, start: PictureAnswer, asked: PictureAnswer) -> None:
    """The two answers first, then the two pictures, then every probability."""
    same = np.array_equal(start.input, asked.input)
    # Answers in one row and pictures in the next, so that both pictures begin at one height.
    left, right = st.columns(2, wrap=False)
    with left:
        _said("Start" if not same else "The model says", start, None)
    with right:
        if same:
            where = (
                "Move a slider" if asked.scene is not None else "Open *Change the pixels* and move a slider"
            )
            note(f"{where}: the changed picture appears here, with the model's new answer.")
        else:
            _said("Now", asked, start)
    left, right = st.columns(2, wrap=False)
    left.image(chosen.start_shown, alt="The picture before any change.", width="stretch")
    if not same:
        now = asked.input if chosen.now_shown is None else chosen.now_shown
        right.image(enlarged(now), alt="The picture as it is now.", width="stretch")
    drawn = probability_chart(
        asked.spec, asked.probabilities, palette(), None if same else start.probabilities
    )
    chart(drawn, drawn["description"], key="probabilities")


def _said(label: str, asked: PictureAnswer, before: PictureAnswer | None) -> None:
    top, spec = asked.predicted, asked.spec
    share = asked.probabilities[top]
    change = None if before is None else float(share - before.probabilities[top])
    st.metric(
        f"{label}: {spec.classes[top]}",
        percent(share),
        delta=None if change is None or abs(change) < 0.0005 else points(change),
        delta_arrow="up" if (change or 0) > 0 else "down",
        delta_color="off",
    )
    if asked.truth is not None and spec.classes[top] != asked.truth:
        st.markdown(f":red[:material/close: It is a {asked.truth}.]")


def curve(asked: PictureAnswer, concepts: Mapping[str, Concept]) -> None:
    """How the answer changes along one concept, all else as it is."""
    labels = {name: concept.feature.label for name, concept in concepts.items()}
    # What was moved last may belong to a picture that is no longer asked about.
    if st.session_state.get("along") not in labels:
        st.session_state["along"] = next(iter(labels))
    name = st.selectbox(
        "The answer along", list(labels), key="along", bind="query-params", format_func=labels.__getitem__
    )
    concept = concepts[name]
    # The spinner stands where the sentence will, so that the curve of before does not move.
    drawing = st.container()
    with st.spinner("Rendering along the concept …", show_time=True):
        found = asked.kept(
            "concept response",
            (
                name,
                None if asked.scene is None else asked.scene.digest,
                tuple(asked.question.changes.items()),
            ),
            lambda: concept_response(asked.model, concept.render, concept.feature, concept.current),
        )
    drawn = concept_chart(asked.spec, found, palette())
    with drawing:
        chart(drawn, drawn["description"], key="curve")
    note(f"{found.renders} pictures were made and asked; all else stays as it is.")
