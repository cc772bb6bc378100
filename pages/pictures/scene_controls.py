"""The left column of an image what-if over scenes: which scene, and a slider a concept."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st

from ask.picture_answer import rendering
from data import bakery
from data.bakery import Scene
from pages.common import sliders
from pages.common.visit import cache

THUMBNAIL, SHOWN, CARD, SMALL = 96, 240, 106, 84


def picture(scene: Scene, size: int) -> np.ndarray:
    """A scene's pixels, ndarray of shape (size, size, 3), float32 in [0, 1]; kept by the scene's digest."""
    return rendering(cache(), scene, size).image


def strip() -> None:
    """The scenes to start from, in a row; each with a button."""
    # Of a fixed width, so that a telephone shows them in rows of three and not each as wide as itself.
    with st.container(horizontal=True, gap="small"):
        _thumbnails()


def _thumbnails() -> None:
    # At the first visit the choice below has not run yet, and only the URL knows what it will be.
    chosen = (
        st.session_state.get("scene") or st.query_params.get("scene") or next(iter(bakery.named_scenes()))
    )
    for name, scene in bakery.named_scenes().items():
        with st.container(width=CARD, gap="xsmall", horizontal_alignment="center"):
            st.image(picture(scene, THUMBNAIL), alt=f"{name}: a {scene.kind}.", width=SMALL)
            st.button(
                name,
                key=f"_take_{name}",
                on_click=_take,
                args=(name,),
                width="stretch",
                type="primary" if name == chosen else "secondary",
            )


def choose() -> tuple[Scene, Scene]:
    """Draw the choice and the concept sliders; returns the scene as it was, and as it is now."""
    found = bakery.named_scenes()
    name = st.selectbox("Scene", list(found), key="scene", bind="query-params", on_change=_forget)
    start = found[name]
    values = dict(start.concepts)
    concepts: dict[str, Any] = {}
    # A muffin without berries has no slider for them.
    for feature in start.live_concepts:
        concepts[feature.name] = sliders.slider(feature, values[feature.name])
    changed = start.replace(**concepts)
    off = bakery.off_prior(changed)
    beyond = [feature.label for feature in start.live_concepts if off[feature.name] > 0]
    if beyond:
        st.markdown(f":orange[:material/warning: Beyond the scenes of the training: {', '.join(beyond)}.]")
    return start, changed


def _take(name: str) -> None:
    st.session_state["scene"] = name
    _forget()


def _forget() -> None:
    """Set every concept to what the newly chosen scene has; another scene is another start."""
    scene = bakery.named_scenes()[st.session_state["scene"]]
    sliders.clear()
    st.session_state.update(sliders.keyed(dict(scene.concepts)))
    # Set, not removed: the URL would bring back what the curve was along.
    st.session_state["along"] = scene.live_concepts[0].name
