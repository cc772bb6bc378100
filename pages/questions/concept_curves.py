"""One concept over many scenes of the same kind."""

from __future__ import annotations

import streamlit as st

from data.scenes import held_out
from draw.charts.concept_ice import concept_ice_chart
from explain.concepts.concept_ice import ConceptIce, concept_ice
from explain.concepts.space import of_scene
from models.spec import Report
from pages.common.page import chart, note, palette
from pages.pictures.shown import Shown
from pages.questions.concept_work import choose, concepts_of, kept

SCENES = 20
# Enough that the first twenty of a kind with berries are among them.
_DRAWN = 60


def draw(shown: Shown) -> None:
    """Choose a concept; a curve for each of the scenes, and their mean."""
    scene, size = shown.asked.scene, shown.spec.image_size
    assert scene is not None and size is not None
    concepts = concepts_of(shown)
    feature = choose("Along", concepts.features, "curves_along", concepts.features[0].name)
    alike = [s for s in held_out(_DRAWN) if s.kind == scene.kind and feature in s.live_concepts][:SCENES]
    target = shown.explanation.attribution.target.index

    def compute(report: Report) -> ConceptIce:
        asked = [of_scene(other, size) for other in alike]
        return concept_ice(shown.model, asked, feature.name, target, report=report)

    key = (shown.version.weights_digest, scene.kind, feature.name, target)
    found = kept("curves", key, compute)
    now = (concepts.values[feature.name], float(shown.explanation.probabilities[target]))
    drawn = concept_ice_chart(shown.spec, found, palette(), now)
    chart(drawn, drawn["description"], key="concept_curves")
    st.markdown(
        f"In **{found.flipping} of {len(found.curves)}** held-out scenes ({scene.kind}) the answer changes along "
        "this concept."
    )
    note("A thin line is one scene, the thick one their mean; shaded: what the scenes of the training show.")
