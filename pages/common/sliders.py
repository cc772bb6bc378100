"""The sliders of what-ifs: kept in the URL, and undone one step at a time.

A slider's key, in the session and in the URL, is the name of its input behind ``in.`` (`keyed`): a column may be
called as anything else on the page is.
"""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from ask.codecs.link_codec import INPUT
from data.features import Feature
from pages.common import url

MOST = 50
_TRAIL, _HELD = "_trail", "_held"


def key_of(name: str) -> str:
    """The key of an input's slider."""
    return f"{INPUT}{name}"


def keyed(values: Mapping[str, float]) -> dict[str, float]:
    """Inputs by their sliders' keys, from inputs by their names."""
    return {key_of(name): value for name, value in values.items()}


def slider(feature: Feature, value: float) -> float:
    """One slider that keeps its value in the URL and can be undone.

    Parameters
    ----------
    value : float
        Where it starts; only another value stands in the URL.
    """
    url.adopt_bare(feature)
    url.in_range(feature)
    return st.slider(
        f"{feature.label}, {feature.unit}" if feature.unit else feature.label,
        min_value=feature.low,
        max_value=feature.high,
        value=value,
        step=feature.step,
        format=f"%.{feature.decimals}f",
        key=key_of(feature.name),
        bind="query-params",
        on_change=_moved,
        args=(feature.name,),
    )


def hold(values: Mapping[str, float]) -> None:
    """Note what the sliders hold at the end of a run: the next change can be taken back to it."""
    st.session_state[_HELD] = dict(values)


def apply(values: Mapping[str, float]) -> None:
    """Set sliders by their keys; for the callback of a button. What they held can be undone."""
    remember()
    st.session_state.update(values)


def remember() -> None:
    """Keep what the sliders held before this change."""
    trail, held = st.session_state.setdefault(_TRAIL, []), st.session_state.get(_HELD)
    if held and (not trail or trail[-1] != held):
        trail.append(dict(held))
        del trail[:-MOST]


def clear() -> None:
    """Forget the way here; for a change of what the sliders are about."""
    st.session_state.pop(_TRAIL, None)
    st.session_state.pop(_HELD, None)


def buttons(start: Mapping[str, float]) -> None:
    """Undo and Reset, side by side."""
    trail = st.session_state.get(_TRAIL)
    if trail and trail[-1].keys() != start.keys():
        # Another model was chosen: its sliders were never where the trail leads.
        clear()
    # Not columns: on a telephone they would stand one above the other.
    with st.container(horizontal=True, gap="small"):
        st.button(
            "Undo",
            on_click=_back,
            disabled=not st.session_state.get(_TRAIL),
            width="stretch",
            help="Back to the input before the last change.",
        )
        st.button(
            "Reset",
            on_click=apply,
            args=(dict(start),),
            width="stretch",
            help="All sliders to where they start.",
        )


def _moved(name: str) -> None:
    remember()
    # The response curve follows the hand: it shows what was moved last.
    st.session_state["along"] = name


def _back() -> None:
    trail = st.session_state.get(_TRAIL, [])
    if trail:
        st.session_state.update(trail.pop())
