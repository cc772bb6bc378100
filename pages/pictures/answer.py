"""The middle column of an image what-if: both pictures, both answers, and the curve along a concept."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import streamlit as st

from draw.charts import concept_chart, probability_chart
from explain.concepts.concept_response import concept_response
from explain.numbers import percent, points
from models.spec import Model, ModelSpec
from pages.common.page import chart, note, palette
from pages.pictures.inputs import Asked, Concept


def answer(spec: ModelSpec, model: Model, asked: Asked) -> None:
    """The two answers first, then the two pictures, then every probability."""
    before, now = model.predict_proba(np.stack([asked.start, asked.now]))
    same = np.array_equal(asked.start, asked.now)
    # Answers in one row and pictures in the next, so that both pictures begin at one height.
    left, right = st.columns(2, wrap=False)
    with left:
        _said("Start" if not same else "The model says", spec, before, asked, None)
    with right:
        if same:
            where = (
                "Move a slider" if asked.scene is not None else "Open *Change the pixels* and move a slider"
            )
            note(f"{where}: the changed picture appears here, with the model's new answer.")
        else:
            _said("Now", spec, now, asked, before)
    left, right = st.columns(2, wrap=False)
    left.image(asked.start_shown, alt="The picture before any change.", width="stretch")
    if not same:
        right.image(_enlarged(asked.now_shown), alt="The picture as it is now.", width="stretch")
    drawn = probability_chart(spec, now, palette(), None if same else before)
    chart(drawn, drawn["description"], key="probabilities")


def _said(label: str, spec: ModelSpec, p: np.ndarray, asked: Asked, before: np.ndarray | None) -> None:
    top = int(np.argmax(p))
    change = None if before is None else float(p[top] - before[top])
    st.metric(
        f"{label}: {spec.classes[top]}",
        percent(p[top]),
        delta=None if change is None or abs(change) < 0.0005 else points(change),
        delta_arrow="up" if (change or 0) > 0 else "down",
        delta_color="off",
    )
    if asked.truth is not None and spec.classes[top] != asked.truth:
        st.markdown(f":red[:material/close: It is a {asked.truth}.]")


def _enlarged(picture: np.ndarray) -> np.ndarray:
    """A small picture for the eye: every pixel a square, as the model has it, not smoothed over."""
    times = max(1, 384 // picture.shape[0])
    return picture.repeat(times, axis=0).repeat(times, axis=1)


def curve(spec: ModelSpec, model: Model, concepts: Mapping[str, Concept]) -> None:
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
        found = concept_response(model, concept.render, concept.feature, concept.current)
    drawn = concept_chart(spec, found, palette())
    with drawing:
        chart(drawn, drawn["description"], key="curve")
    note(f"{found.renders} pictures were made and asked; all else stays as it is.")
