"""The left column of a tabular what-if: where to start, a slider a feature, undo."""

from __future__ import annotations

import numpy as np
import streamlit as st

from ask.asking import instead
from ask.evidence import TrainingRows
from ask.question import Question, RowInput
from ask.row_answer import RowAnswer
from data.features import Feature
from explain.numbers import percent
from governance.registry import Version
from models.spec import ModelSpec
from pages.common import sliders
from pages.common.page import note, subtitle
from pages.common.visit import ask


def draw(version: Version) -> tuple[RowAnswer, RowAnswer]:
    """Draw the column; returns the answer to the row that the sliders begin with, and to the one they show.

    The answer stands above the sliders: on a telephone the next column lies below the screen.
    """
    start = _begin(version)
    spec, training = start.spec, start.training
    with st.container(border=True):
        subtitle("Change the input")
        answer = st.container()
        values = {}
        for index, feature in enumerate(spec.features):
            values[feature.name] = sliders.slider(feature, feature.default)
            _warn(feature, index, values[feature.name], training)
        sliders.buttons(sliders.keyed({feature.name: feature.default for feature in spec.features}))
    if training is not None and training.typical:
        note("Or start from a real one:")
        with st.container(horizontal=True, gap="small"):
            for index, real in training.typical.items():
                _start(spec, index, real)
    sliders.hold(sliders.keyed(values))
    asked = instead(start, input=RowInput(tuple(values.items())))
    assert isinstance(asked, RowAnswer)
    with answer:
        told = f"Now {spec.classes[asked.predicted]}, {percent(asked.probabilities[asked.predicted])}"
        note(" ".join([*asked.unknown, told]))
    return start, asked


def _begin(version: Version) -> RowAnswer:
    """The answer to the defaults of the model's features."""
    # What a model takes is known once it is loaded, so the question comes first and its input after.
    asked = ask(Question(version.reference), version)
    start = instead(asked, input=RowInput(tuple((f.name, float(f.default)) for f in asked.spec.features)))
    assert isinstance(start, RowAnswer)
    return start


def _warn(feature: Feature, index: int, value: float, training: TrainingRows | None) -> None:
    if training is not None and not training.low[index] <= value <= training.high[index]:
        seen = f"{feature.show(training.low[index])} to {feature.show(training.high[index])}"
        st.markdown(f":orange[:material/warning: Never seen in training, which had {seen}.]")


def _start(spec: ModelSpec, index: int, real: np.ndarray) -> None:
    name = spec.classes[index]
    values = {f.name: f.snap(value) for f, value in zip(spec.features, real, strict=True)}
    st.button(name, key=f"_start_{name}", on_click=sliders.apply, args=(sliders.keyed(values),))
