"""The middle column of a tabular what-if: the answer, and the model drawn around it."""

from __future__ import annotations

import numpy as np
import streamlit as st

from ask.row_answer import RowAnswer
from draw.charts import probability_chart, response_chart, surface_chart, tree_chart
from draw.tree_layout import tree_layout
from explain.numbers import percent, points
from explain.rows import starting_points
from explain.rows.response import response
from explain.rows.surface import surface
from models.spec import HasTrees, ModelSpec
from pages.common import url
from pages.common.page import chart, note, palette
from pages.common.typicality_note import lead


def answer(start: RowAnswer, asked: RowAnswer) -> None:
    """The predicted class and every probability, with the change against the start."""
    spec, now, before = asked.spec, asked.probabilities, start.probabilities
    top = asked.predicted
    change = float(now[top] - before[top])
    same = np.array_equal(asked.input, start.input)
    lead(asked)
    st.metric(
        "The model would say" if asked.unknown else "The model says",
        f"{spec.classes[top]}, {percent(now[top])}",
        delta=None if same or abs(change) < 0.0005 else f"{points(change)} against the start",
        delta_arrow="up" if change > 0 else "down",
        delta_color="off",
    )
    if not same and start.predicted != top:
        st.markdown(f":material/swap_horiz: At the start it said **{spec.classes[start.predicted]}**.")
    drawn = probability_chart(spec, now, palette(), None if same else before)
    chart(drawn, drawn["description"], key="probabilities")


def views(start: RowAnswer, asked: RowAnswer) -> None:
    """One drawing of the model at a time, chosen by the visitor."""
    spec = asked.spec
    options = ["Tree"] if "tree" in spec.capabilities else []
    options += ["Surface", "Curve"] if len(spec.features) > 1 else ["Curve"]
    url.one_of("view", options, "drawing")
    chosen = st.segmented_control(
        "How the model decides here",
        options,
        default=options[0],
        key="view",
        bind="query-params",
        required=True,
        help="The tree with this input's path; the answer over two features; the answer along one.",
    )
    if chosen == "Tree":
        _tree(asked)
    elif chosen == "Surface":
        _surface(start, asked)
    else:
        _curve(asked)


def _tree(asked: RowAnswer) -> None:
    model, spec = asked.model, asked.spec
    assert isinstance(model, HasTrees) and asked.path is not None
    drawn = tree_chart(spec, tree_layout(model.trees[0], spec, asked.input), palette())
    chart(drawn, drawn["description"], key="tree")
    for number, sentence in enumerate(asked.path.sentences, start=1):
        st.markdown(f"{number}. {sentence}")


def _feature(label: str, spec: ModelSpec, first: str, key: str) -> str:
    """Let the visitor choose a feature; returns its name."""
    labels = {feature.name: feature.label for feature in spec.features}
    url.one_of(key, list(labels.values()), "feature")
    return st.selectbox(
        label,
        list(labels),
        index=list(labels).index(first),
        key=key,
        bind="query-params",
        format_func=labels.__getitem__,
    )


def _surface(start: RowAnswer, asked: RowAnswer) -> None:
    spec, training = asked.spec, asked.training
    first, second = starting_points.telling_features(asked.model)[:2]
    across, up = st.columns(2)
    with across:
        x = _feature("Across", spec, first, "x")
    with up:
        y = _feature("Up", spec, second, "y")
    if x == y:
        st.info("Choose two different features; a surface needs two directions.")
        return
    rows = None if training is None else (training.x, training.y)
    moved = start.input if not np.array_equal(asked.input, start.input) else None
    found = surface(asked.model, asked.input, x, y)
    drawn = surface_chart(spec, found, palette(), rows, moved, asked.flip)
    chart(drawn, drawn["description"], key="surface")
    note("All other features stay as the sliders have them; training rows are projected onto the picture.")


def _curve(asked: RowAnswer) -> None:
    spec, training = asked.spec, asked.training
    along = _feature("Along", spec, starting_points.telling_features(asked.model)[0], "along")
    index = [feature.name for feature in spec.features].index(along)
    seen = None if training is None else (float(training.low[index]), float(training.high[index]))
    drawn = response_chart(spec, response(asked.model, asked.input, along), palette(), seen)
    chart(drawn, drawn["description"], key="curve")
    shaded = "" if seen is None else " The shaded range was seen in training."
    note(f"What the model would answer for this row if this one feature alone were different.{shaded}")
