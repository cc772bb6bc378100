"""The training rows that are most like a row, and how usual it is."""

from __future__ import annotations

import streamlit as st

from ask.row_answer import RowAnswer
from explain.neighbours.neighbours import finding
from pages.common import typicality_note
from pages.common.page import note, subtitle


def draw(asked: RowAnswer) -> None:
    """A table of the nearest rows with their classes; or that there are none to compare with."""
    subtitle("What it learned from that is most like this")
    training, spec = asked.training, asked.spec
    if training is None:
        st.info("The training rows are gone, or no longer those of the record, so none can be shown.")
        return
    said, against = finding(asked.neighbours, spec.classes, asked.predicted)
    st.markdown(f":orange[:material/warning: {said}]" if against else said)
    columns: dict[str, list[object]] = {"Class": [spec.classes[one.label] for one in asked.neighbours]}
    for index, feature in enumerate(spec.features):
        columns[feature.label] = [feature.show(training.x[one.position, index]) for one in asked.neighbours]
    columns["Distance"] = [f"{one.distance:.2f}" for one in asked.neighbours]
    st.dataframe(columns, hide_index=True, width="stretch")
    if asked.typicality is not None:
        typicality_note.say(asked.typicality)
    note("Distances are taken in standard deviations of each feature among the training rows.")
