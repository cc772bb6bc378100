"""The answer over two concepts, and a point on it that can be moved."""

from __future__ import annotations

import streamlit as st

from ask.looks.concept_response import map_of
from ask.looks.scene import concepts_of
from ask.picture_answer import PictureAnswer
from data.features import Feature
from draw.charts.concept_map import CHOSEN, CHOSEN_X, CHOSEN_Y, concept_map_chart
from explain.concepts.concept_map import ConceptMap
from pages.common import sliders
from pages.common.page import chart, note, palette
from pages.looks.concept_work import choose, progress

_CLICKS = "_map_clicks"
# What is asked most comes first; a scene without berries takes the next.
_ACROSS = ("bake", "fur_tone")
_UP = ("berry_spacing", "irregularity", "eye_size")


def draw(shown: PictureAnswer) -> None:
    """Choose two concepts, show the map; a click on it sets both sliders."""
    features = concepts_of(shown).features
    left, right = st.columns(2)
    with left:
        across = choose("Across", features, "map_x", _first(features, _ACROSS))
    with right:
        up = choose("Up", features, "map_y", _first(features, _UP))
    if across == up:
        st.info("Choose two different concepts; a map needs two directions.")
        return
    place = st.empty()
    found = _found(shown, across, up, place)
    drawn = concept_map_chart(shown.spec, found, palette())
    with place.container():
        # A new key for every click: the same cell can be clicked again.
        key = f"_map_{st.session_state.get(_CLICKS, 0)}"
        chart(drawn, drawn["description"], key=key, on_select=lambda: moved(across, up))
    line = "The line is where the answer changes" if found.line else "The answer is the same everywhere on it"
    note(
        f"Click anywhere on the map: the sliders move there. {line}; the dashed frame is what the scenes of the "
        f"training show. {found.renders} pictures were rendered and asked, where every cell would have taken "
        f"{found.asked.size}; the rest is interpolated."
    )


def _found(
    shown: PictureAnswer, across: Feature, up: Feature, place: st.delta_generator.DeltaGenerator
) -> ConceptMap:
    """The map, with a draft of it while finer cells are asked."""

    def draft(coarse: ConceptMap) -> None:
        drawn = concept_map_chart(shown.spec, coarse, palette(), movable=False)
        with place.container():
            chart(drawn, drawn["description"])

    with progress() as report:
        return map_of(shown, across.name, up.name, report, draft)


def moved(across: Feature, up: Feature) -> None:
    """Set both sliders to what was clicked; for the chart's callback."""
    clicks = st.session_state.get(_CLICKS, 0)
    chosen = st.session_state[f"_map_{clicks}"]["selection"][CHOSEN]
    if chosen:
        st.session_state[_CLICKS] = clicks + 1
        at = chosen[0]
        sliders.apply(sliders.keyed({across.name: across.snap(at[CHOSEN_X]), up.name: up.snap(at[CHOSEN_Y])}))


def _first(features: tuple[Feature, ...], preferred: tuple[str, ...]) -> str:
    names = [feature.name for feature in features]
    return next((name for name in preferred if name in names), names[0])
