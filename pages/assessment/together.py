"""Which features act together, and what the strongest pair does in every row."""

from __future__ import annotations

import streamlit as st

from draw.charts.interactions import interaction_chart, pair_chart
from explain.numbers import inside_sentence
from explain.overall.interactions import Interactions, finding, interactions, strongest_pair
from governance.registry import Version
from models.spec import Model, ModelSpec
from pages.common.page import chart, note, palette, subtitle
from pages.common.tables import Rows


def draw(spec: ModelSpec, version: Version, model: Model, rows: Rows, target: int) -> None:
    """The sentence, the table of pairs, and the strongest pair row by row."""
    found = _interactions(version.record_id, model, rows)
    strengths = found.strengths(target)
    headline, rest = finding(spec, strengths, target)
    st.markdown(f"**{headline}** {rest}")
    pair = strongest_pair(strengths)
    second = inside_sentence(spec.features[pair[1]].label)
    table, scatter = st.columns(2, gap="medium")
    with table, st.container(border=True, height="stretch"):
        subtitle("Mean size of each effect, in points of probability")
        drawn = interaction_chart(spec, strengths, target, palette())
        chart(drawn, drawn["description"], key="interactions")
        note("On the diagonal what a feature does alone, elsewhere what a pair does beyond that.")
    with scatter, st.container(border=True, height="stretch"):
        st.markdown(
            f"**{spec.features[pair[0]].label} with {inside_sentence(spec.features[pair[1]].label)}**"
        )
        drawn = pair_chart(spec, found.x, pair, found.together(*pair, target), target, palette())
        chart(drawn, drawn["description"], key="pair")
        note(
            f"A dot is a row. Above 0 the two together speak for {spec.classes[target]} beyond what each does alone. "
            f"The fuller its colour, the higher {second}."
        )
    note(
        "SHAP interaction values: with what each feature does alone they add up to the TreeSHAP values, exactly. "
        "Chosen over Friedman's H, which asks the model at combinations that no row has."
    )


# Shared and never copied: nobody writes to the arrays.
@st.cache_resource(show_spinner="Asking for every pair of features", max_entries=16)
def _interactions(record_id: str, _model: Model, _rows: Rows) -> Interactions:
    return interactions(_model, _rows.x)
