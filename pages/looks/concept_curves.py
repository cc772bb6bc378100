"""One concept over many scenes of the same kind."""

from __future__ import annotations

import streamlit as st

from ask.looks.many_scenes import ice_of, ice_words
from ask.looks.scene import concepts_of
from ask.picture_answer import PictureAnswer
from draw.charts.concept_ice import concept_ice_chart
from pages.common.page import chart, note, palette
from pages.looks.concept_work import choose, progress


def draw(shown: PictureAnswer) -> None:
    """Choose a concept; a curve for each of the scenes, and their mean."""
    concepts = concepts_of(shown)
    feature = choose("Along", concepts.features, "curves_along", concepts.features[0].name)
    with progress() as report:
        found = ice_of(shown, feature, report)
    now = (concepts.values[feature.name], float(shown.probabilities[shown.target]))
    drawn = concept_ice_chart(shown.spec, found, palette(), now)
    chart(drawn, drawn["description"], key="concept_curves")
    st.markdown(ice_words(shown, found))
    note("A thin line is one scene, the thick one their mean; shaded: what the scenes of the training show.")
