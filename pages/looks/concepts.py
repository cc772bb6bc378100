"""What the answer hangs on in terms that mean something: concepts, one, two, or all of them."""

from __future__ import annotations

import streamlit as st

from ask.picture_answer import PictureAnswer
from pages.common import url
from pages.common.page import cannot_show, note
from pages.looks import concept_curves, concept_flip, concept_importance, concept_map

_VIEWS = {
    "Counterfactual": concept_flip.draw,
    "Two concepts at once": concept_map.draw,
    "Over many scenes": concept_curves.draw,
    "Which matter overall": concept_importance.draw,
}


def draw(shown: PictureAnswer) -> None:
    """Draw the section for what the page shows."""
    if shown.scene is None:
        st.info(
            "A photo cannot be rendered again with other berries or another muzzle, so its concepts cannot be "
            "moved. Choose **Scene** under *Ask about* to move them in a drawing, or cover regions of this photo "
            "under **Region occlusion** above.",
            icon=":material/hide_image:",
        )
        return
    url.renamed("concepts", {"Smallest change": "Counterfactual"})
    view = st.segmented_control(
        "Look at",
        list(_VIEWS),
        default=next(iter(_VIEWS)),
        key="concepts",
        bind="query-params",
        required=True,
    )
    _VIEWS[view](shown)
    note(
        "Every picture is rendered anew from the sliders' values; sizes and limits are those of the sliders."
    )
    cannot_show(
        "Concepts are those that the renderer has a slider for; what it has none for is held still. A scene is "
        "a drawing: a change that flips it need not flip a photo, and beyond the range of the training's scenes "
        "the model answers about pictures that it has never seen."
    )
