"""The left column of a tabular what-if: where to start, a slider a feature, undo."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import streamlit as st

from models.spec import ModelSpec
from pages._kit import note
from pages._workspace import TrainingRows

MOST_UNDO = 50


def row(spec: ModelSpec) -> np.ndarray:
    """The row that the sliders hold, or would hold before they are drawn; shape (n_features,)."""
    return np.array([float(st.session_state.get(f.name, f.default)) for f in spec.features])


def apply(values: Mapping[str, float]) -> None:
    """Set sliders; for a callback. What they held can be undone."""
    remember()
    for name, value in values.items():
        st.session_state[name] = value


def remember() -> None:
    """Keep the present row, so that undo returns to it."""
    trail = st.session_state.setdefault("_trail", [])
    held = st.session_state.get("_held")
    if held and (not trail or trail[-1] != held):
        trail.append(dict(held))
        del trail[:-MOST_UNDO]


def _moved(name: str) -> None:
    remember()
    # The response curve follows the hand: it shows the feature that was moved last.
    st.session_state["along"] = name


def _undo() -> None:
    trail = st.session_state.get("_trail", [])
    if trail:
        st.session_state.update(trail.pop())


def draw(spec: ModelSpec, starts: Mapping[str, np.ndarray], training: TrainingRows | None) -> np.ndarray:
    """Draw the column and return the row, ndarray of shape (n_features,).

    Parameters
    ----------
    spec : ModelSpec
        Says which sliders there are.
    starts : mapping of str to ndarray of shape (n_features,)
        Rows to start from, by what they are called.
    training : TrainingRows or None
        Marks values that were never seen in training.
    """
    with st.container(border=True):
        st.markdown("**Change the input**")
        for index, feature in enumerate(spec.features):
            value = st.slider(
                f"{feature.label}, {feature.unit}" if feature.unit else feature.label,
                min_value=feature.low,
                max_value=feature.high,
                value=feature.default,
                step=feature.step,
                format=f"%.{feature.decimals}f",
                key=feature.name,
                bind="query-params",
                on_change=_moved,
                args=(feature.name,),
            )
            if training is not None and not training.low[index] <= value <= training.high[index]:
                seen = f"{feature.show(training.low[index])} to {feature.show(training.high[index])}"
                st.markdown(f":orange[:material/warning: Never seen in training, which had {seen}.]")
        undo, reset = st.columns(2, gap="small")
        undo.button(
            "Undo",
            on_click=_undo,
            disabled=not st.session_state.get("_trail"),
            width="stretch",
            help="Back to the input before the last change.",
        )
        reset.button(
            "Reset",
            on_click=apply,
            args=({f.name: f.default for f in spec.features},),
            width="stretch",
            help="All sliders to where they start.",
        )
    if starts:
        note("Or start from a real one:")
        with st.container(horizontal=True, gap="small"):
            for name, values in starts.items():
                named = {f.name: f.snap(v) for f, v in zip(spec.features, values, strict=True)}
                st.button(name, key=f"_start_{name}", on_click=apply, args=(named,))
    present = row(spec)
    st.session_state["_held"] = {f.name: float(v) for f, v in zip(spec.features, present, strict=True)}
    return present
