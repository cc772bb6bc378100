"""A closer look at an image what-if: the temperature, which decides how sure the model says it is."""

from __future__ import annotations

import streamlit as st

from ask.looks.network import NOT_CALIBRATED
from ask.picture_answer import PictureAnswer
from draw.charts import probability_chart
from explain.numbers import percent
from models import calibration
from pages.common.page import cannot_show, chart, note, palette


def draw(shown: PictureAnswer) -> None:
    """Draw the section."""
    metrics = shown.version.record.results.metrics
    if "temperature" not in metrics:
        st.info(NOT_CALIBRATED)
        return
    chosen = float(metrics["temperature"])
    note(
        "The last thing that a training chooses is one number, the temperature, by which the network's scores are "
        f"divided: here {chosen:.3g}. It is chosen so that what is said with 90 % is right about nine times in ten "
        "over all pictures kept back for that; the table says how far it holds for each kind of picture. "
        "It never changes which class wins, nor which pixels count: only how sure the answer sounds."
    )
    left, right = st.columns([1, 2], gap="large")
    with left:
        factor = st.slider(
            "Temperature, times the chosen one", 0.2, 10.0, 1.0, 0.1, key="temperature", bind="query-params"
        )
        now = shown.probabilities
        other = calibration.tempered(now[None], factor)[0]
        top = int(now.argmax())
        st.metric(f"{shown.spec.classes[top]}, at temperature {chosen * factor:.3g}", percent(other[top]))
        before = calibration.tempered(now[None], 1 / chosen)[0]
        note(f"At temperature 1: {percent(before[top])}. At the chosen one: {percent(now[top])}.")
    with right:
        drawn = probability_chart(shown.spec, other, palette(), now)
        chart(drawn, drawn["description"], key="tempered")
    rows = metrics["by_source"]
    st.dataframe(
        {
            "Test pictures": list(rows),
            "Calibration error before": [100 * one["ece_before"] for one in rows.values()],
            "after": [100 * one["ece"] for one in rows.values()],
            "Brier score before": [one["brier_before"] for one in rows.values()],
            "Brier score after": [one["brier"] for one in rows.values()],
        },
        hide_index=True,
        column_config={
            "Calibration error before": st.column_config.NumberColumn(format="%.1f %%"),
            "after": st.column_config.NumberColumn("Calibration error after", format="%.1f %%"),
            "Brier score before": st.column_config.NumberColumn(format="%.3f"),
            "Brier score after": st.column_config.NumberColumn(format="%.3f"),
        },
    )
    note(
        "Before and after the temperature, on test pictures. Calibration error: how far the stated probability lies "
        "on average from how often it is right. Brier score: the mean squared distance from the truth. 0 is best for "
        "both."
    )
    cannot_show(
        "A calibrated probability holds on average over pictures like the test pictures. It promises nothing about "
        "this one, nor about pictures of another kind."
    )
