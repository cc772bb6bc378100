"""The smallest meaningful change of a scene that flips the answer, before and after."""

from __future__ import annotations

import numpy as np
import streamlit as st

from ask.asking import instead
from ask.looks.scene import concepts_of, flip_of
from ask.picture_answer import PictureAnswer
from data.bakery import Scene
from explain.concepts.concept_flip import ConceptFlip
from explain.numbers import percent
from pages.common import sliders
from pages.common.page import note
from pages.looks.concept_work import progress
from pages.pictures import scene_controls


def draw(shown: PictureAnswer) -> None:
    """Search, and show what was found; or that there is none."""
    concepts = concepts_of(shown)
    labels = {feature.name: feature.label for feature in concepts.features}
    # What was locked for another kind of scene is nothing here.
    given = st.session_state.get("held") or []
    if not set(given) <= set(labels):
        st.session_state["held"] = [name for name in given if name in labels]
    held = st.pills(
        "Keep these as they are",
        list(labels),
        format_func=labels.__getitem__,
        selection_mode="multi",
        key="held",
        bind="query-params",
        help="The change is searched among the others.",
    )
    locked = tuple(sorted(held))
    with progress() as report:
        found = flip_of(instead(shown, locked=locked), report)
    st.markdown(f"**{found.summary}**")
    if found.found:
        _before_and_after(shown, found)
    note(found.margin)
    if not found.found and not locked:
        note("Start from another scene, or see under *Two concepts at once* how near the answer comes to it.")


def _before_and_after(shown: PictureAnswer, found: ConceptFlip) -> None:
    scene = shown.scene
    assert scene is not None and found.picture is not None and found.probabilities is not None
    moved = scene.replace(**{change.name: change.after for change in found.changes})
    before, after, beside = st.columns([1, 1, 0.9], gap="medium")
    for place, title, at, picture, answer in (
        (before, "Now", scene, found.picture_before, found.probabilities_before),
        (after, "After the change", moved, found.picture, found.probabilities),
    ):
        top = int(np.argmax(answer))
        with place:
            st.metric(f"{title}: {shown.spec.classes[top]}", percent(answer[top]))
            st.image(_for_the_eye(shown, at, picture), alt=f"The picture: {title.lower()}.", width="stretch")
    with beside:
        for change in found.changes:
            st.markdown(f"**{change.label}**  \n{change.span}")
            note(f"{change.distance:.2f} times the width of the range in the scenes of the training")
        st.button(
            "Apply this change",
            icon=":material/swap_horiz:",
            on_click=sliders.apply,
            args=(sliders.keyed({change.name: change.after for change in found.changes}),),
            width="stretch",
            help="Sets the sliders. Undo brings you back.",
        )


def _for_the_eye(shown: PictureAnswer, scene: Scene, picture: np.ndarray) -> np.ndarray:
    """A scene in more detail than the model has; where pixels were changed, the picture as the model has it."""
    return picture if shown.question.changes else scene_controls.picture(scene, scene_controls.SHOWN)
