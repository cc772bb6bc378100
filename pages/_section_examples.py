"""The training examples that are most like what is shown, to the model itself, and how usual it is."""

from __future__ import annotations

from typing import Any

import streamlit as st

from data import workspace
from data.failures import UserMistake
from explain.nearby import feature_typicality
from explain.nearby.examples import Examples, examples
from explain.nearby.features import penultimate, unsupported
from explain.nearby.neighbours import Neighbour, finding, nearest
from models.spec import Progress
from pages import _typicality
from pages._facts import plain
from pages._kit import cannot_show, note
from pages._shown import Shown

NEAREST = 6
_CARD, _MOST_KEPT = 132, 4


def draw(shown: Shown) -> None:
    """Draw the section for what the page shows."""
    st.markdown("**What it learned from that is most like this picture**")
    reason = unsupported(shown.spec)
    if reason is not None:
        st.info(reason)
        return
    try:
        found = _examples(shown)
    except UserMistake as mistake:
        st.info(plain(str(mistake)), icon=":material/folder_off:")
        return
    at = penultimate(shown.model, shown.asked.now[None])[0]
    near = nearest(found.features, found.labels, at, NEAREST)
    st.markdown(_finding(shown, near))
    _pictures(shown, found, near)
    note(
        f"The nearest of {plain(found.what)}, by the network's features; 0 is the same, 1.41 nothing in common."
    )
    if found.instead:
        note(plain(found.instead))
    _how_usual(shown, found)
    cannot_show(
        "Near means near to this network, which may see likeness where nobody else does. That an example is near "
        "does not show that the answer was learned from it, and only a part of the training was compared."
    )


def _finding(shown: Shown, near: tuple[Neighbour, ...]) -> str:
    said, against = finding(near, shown.spec.classes, shown.explanation.predicted)
    return f":orange[:material/warning:] {said}" if against else said


def _pictures(shown: Shown, found: Examples, near: tuple[Neighbour, ...]) -> None:
    with st.container(horizontal=True, gap="small"):
        for one in near:
            with st.container(width=_CARD):
                name = shown.spec.classes[one.label]
                st.image(found.pictures[one.position], alt=f"A training picture: {name}.", width="stretch")
                st.markdown(f"**{name}**")
                note(f"distance {one.distance:.2f}")


def _how_usual(shown: Shown, found: Examples) -> None:
    typical = _typicality.of_picture(shown.version, shown.model, shown.asked)
    if typical is None and (not found.instead or _typicality.scenes_speak_for(shown.version, shown.asked)):
        reference = feature_typicality.reference_of(found)
        typical = feature_typicality.of_picture(shown.model, shown.asked.now, reference)
    if typical is not None:
        _typicality.say(typical)
    else:
        note(
            "How usual it is cannot be said: the version learned from photos too, and they are not on this machine. "
            "To be far from every scene is nothing unusual for a photo."
        )


def _examples(shown: Shown) -> Examples:
    """Made once for everybody who asks about this version: they are training pictures, nobody's upload."""
    data = shown.version.record["data"]
    key = (shown.version.weights_digest, data["name"], str(workspace.home()))
    memory = _memory()
    if key not in memory:
        place = st.empty()

        def report(told: Progress) -> None:
            place.progress(
                min(told.done / max(told.total, 1), 1.0), f"{told.step}: {told.done} of {told.total}"
            )

        memory[key] = examples(shown.model, data["name"], data["fingerprint"], report)
        place.empty()
        while len(memory) > _MOST_KEPT:
            memory.pop(next(iter(memory)))
    return memory[key]


@st.cache_resource(show_spinner=False)
def _memory() -> dict[Any, Examples]:
    return {}
