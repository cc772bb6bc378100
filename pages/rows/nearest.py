"""The training rows that are most like a row, and how usual it is."""

from __future__ import annotations

import numpy as np
import streamlit as st

from explain.neighbours.neighbours import finding, nearest, standardised
from explain.typicality.typicality import of_row
from models.spec import Model, ModelSpec
from pages.common import typicality_note
from pages.common.page import note, subtitle
from pages.common.workspace import TrainingRows

NEAREST = 5


def draw(spec: ModelSpec, model: Model, row: np.ndarray, training: TrainingRows | None) -> None:
    """A table of the nearest rows with their classes; or that there are none to compare with."""
    subtitle("What it learned from that is most like this")
    if training is None:
        st.info("The training rows are gone, or no longer those of the record, so none can be shown.")
        return
    known = standardised(training.x, training.x)
    near = nearest(known, training.y, standardised(row[None], training.x)[0], NEAREST)
    answer = int(np.argmax(model.predict_proba(row[None])[0]))
    said, against = finding(near, spec.classes, answer)
    st.markdown(f":orange[:material/warning: {said}]" if against else said)
    columns: dict[str, list[object]] = {"Class": [spec.classes[one.label] for one in near]}
    for index, feature in enumerate(spec.features):
        columns[feature.label] = [feature.show(training.x[one.position, index]) for one in near]
    columns["Distance"] = [f"{one.distance:.2f}" for one in near]
    st.dataframe(columns, hide_index=True, width="stretch")
    typicality_note.say(of_row(model, row, training.x))
    note("Distances are taken in standard deviations of each feature among the training rows.")
