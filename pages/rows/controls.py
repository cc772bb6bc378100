"""The left column of a tabular what-if: where to start, a slider a feature, undo."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import streamlit as st

from explain.numbers import percent
from models.spec import Model, ModelSpec
from pages.common import sliders
from pages.common.page import note, subtitle
from pages.common.workspace import TrainingRows


def draw(
    spec: ModelSpec, model: Model, starts: Mapping[str, np.ndarray], training: TrainingRows | None
) -> np.ndarray:
    """Draw the column and return the row, ndarray of shape (n_features,).

    Parameters
    ----------
    spec : ModelSpec
        Says which sliders there are.
    model : Model
        Its answer stands above the sliders: on a telephone the next column lies below the screen.
    starts : mapping of str to ndarray of shape (n_features,)
        Rows to start from, by what they are called.
    training : TrainingRows or None
        Marks values that were never seen in training.
    """
    with st.container(border=True):
        subtitle("Change the input")
        answer = st.container()
        values: dict[str, float] = {}
        for index, feature in enumerate(spec.features):
            value = sliders.slider(feature, feature.default)
            values[feature.name] = value
            if training is not None and not training.low[index] <= value <= training.high[index]:
                seen = f"{feature.show(training.low[index])} to {feature.show(training.high[index])}"
                st.markdown(f":orange[:material/warning: Never seen in training, which had {seen}.]")
        sliders.buttons({feature.name: feature.default for feature in spec.features})
    if starts:
        note("Or start from a real one:")
        with st.container(horizontal=True, gap="small"):
            for name, real in starts.items():
                named = {f.name: f.snap(v) for f, v in zip(spec.features, real, strict=True)}
                st.button(name, key=f"_start_{name}", on_click=sliders.apply, args=(named,))
    sliders.hold(values)
    row = np.array(list(values.values()))
    probabilities = model.predict_proba(row[None])[0]
    top = int(np.argmax(probabilities))
    with answer:
        note(f"Now {spec.classes[top]}, {percent(probabilities[top])}")
    return row
