"""Measures of importance side by side, whether they agree, and every row's SHAP values."""

from __future__ import annotations

import streamlit as st

from draw.charts.beeswarm import beeswarm_chart
from draw.charts.importance import importance_chart
from explain.numbers import percent, plural
from explain.overall import importance
from explain.overall.importance import Measures
from governance.registry import Version
from models.spec import Model, ModelSpec
from pages.common.page import chart, note, palette, subtitle
from pages.common.tables import Rows


def draw(spec: ModelSpec, version: Version, model: Model, rows: Rows, target: int) -> None:
    """The sentence, a card for each measure, the beeswarm."""
    found = _measures(version.record_id, model, rows)
    named = found.named
    st.markdown(f"**{importance.agreement(spec, named)}**")
    if found.lacking is not None:
        note(found.lacking)
    order = importance.common_order(named)
    interval = (found.reliance.low, found.reliance.high)
    explained = [one for one in _explained(found, rows) if one[1] in named]
    for column, (title, key, unit, meaning) in zip(st.columns(3, gap="medium"), explained, strict=False):
        with column, st.container(border=True, height="stretch"):
            st.markdown(f"**{title}**")
            drawn = importance_chart(
                spec, title, unit, named[key], order, palette(), interval if key == "permutation" else None
            )
            chart(drawn, drawn["description"], key=f"importance_{key}")
            note(meaning)
    if found.shap_values is None:
        return
    with st.container(border=True):
        subtitle(f"Every row's TreeSHAP values for {spec.classes[target]}")
        swarm = beeswarm_chart(spec, rows.x, found.shap_values[..., target], target, order, palette())
        chart(swarm, swarm["description"], key="beeswarm")
        note(
            "A dot is a row: right of the line the feature speaks for the class, left against it. The fuller its "
            "colour, the higher the feature's value."
        )


def _explained(found: Measures, rows: Rows) -> tuple[tuple[str, str, str, str], ...]:
    """Title, measure, unit and meaning of each card."""
    return (
        (
            "Permutation",
            "permutation",
            "points of accuracy lost",
            f"What accuracy on {plural(found.reliance.rows, 'held-out row')} ({percent(found.reliance.accuracy)}) "
            "loses when the feature comes from another row. Lines are 95\u00a0% intervals for other rows.",
        ),
        (
            "TreeSHAP",
            "TreeSHAP",
            "points of probability, mean size",
            f"How far the feature moves a class's probability, over all {len(rows.y)} rows and all classes.",
        ),
        (
            "Impurity",
            "impurity",
            "% of the impurity removed",
            "How much the feature tidied up the training rows. Beware: it favours features with many "
            "different values, even noise.",
        ),
    )


# Shared and never copied: nobody writes to the arrays.
@st.cache_resource(show_spinner="Asking the model for every row", max_entries=32)
def _measures(record_id: str, _model: Model, _rows: Rows) -> Measures:
    return importance.measures(_model, _rows)
