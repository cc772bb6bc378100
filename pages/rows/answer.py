"""The middle column of a tabular what-if: the answer, and the model drawn around it."""

from __future__ import annotations

import numpy as np
import streamlit as st

from draw.charts import probability_chart, response_chart, surface_chart, tree_chart
from draw.tree_layout import tree_layout
from explain.attributions.decision_path import decision_path
from explain.numbers import percent, points
from explain.rows import starting_points
from explain.rows.nearest_flip import NearestFlip
from explain.rows.response import response
from explain.rows.surface import surface
from models.spec import HasTrees, Model, ModelSpec
from pages.common import url
from pages.common.page import chart, note, palette
from pages.common.workspace import TrainingRows


def answer(spec: ModelSpec, model: Model, row: np.ndarray, start: np.ndarray) -> None:
    """The predicted class and every probability, with the change against the start."""
    now, before = model.predict_proba(np.vstack([row, start]))
    top = int(np.argmax(now))
    change = float(now[top] - before[top])
    same = np.array_equal(row, start)
    st.metric(
        "The model says",
        f"{spec.classes[top]}, {percent(now[top])}",
        delta=None if same or abs(change) < 0.0005 else f"{points(change)} against the start",
        delta_arrow="up" if change > 0 else "down",
        delta_color="off",
    )
    if not same and int(np.argmax(before)) != top:
        st.markdown(f":material/swap_horiz: At the start it said **{spec.classes[int(np.argmax(before))]}**.")
    drawn = probability_chart(spec, now, palette(), None if same else before)
    chart(drawn, drawn["description"], key="probabilities")


def views(
    spec: ModelSpec,
    model: Model,
    row: np.ndarray,
    start: np.ndarray,
    flip: NearestFlip | None,
    training: TrainingRows | None,
) -> None:
    """One drawing of the model at a time, chosen by the visitor."""
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
        _tree(spec, model, row)
    elif chosen == "Surface":
        _surface(spec, model, row, start, flip, training)
    else:
        _curve(spec, model, row, training)


def _tree(spec: ModelSpec, model: Model, row: np.ndarray) -> None:
    assert isinstance(model, HasTrees)
    drawn = tree_chart(spec, tree_layout(model.trees[0], spec, row), palette())
    chart(drawn, drawn["description"], key="tree")
    for number, sentence in enumerate(decision_path(model.trees[0], spec, row).sentences, start=1):
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


def _surface(
    spec: ModelSpec,
    model: Model,
    row: np.ndarray,
    start: np.ndarray,
    flip: NearestFlip | None,
    training: TrainingRows | None,
) -> None:
    first, second = starting_points.telling_features(model)[:2]
    across, up = st.columns(2)
    with across:
        x = _feature("Across", spec, first, "x")
    with up:
        y = _feature("Up", spec, second, "y")
    if x == y:
        st.info("Choose two different features; a surface needs two directions.")
        return
    rows = None if training is None else (training.x, training.y)
    moved = start if not np.array_equal(row, start) else None
    drawn = surface_chart(spec, surface(model, row, x, y), palette(), rows, moved, flip)
    chart(drawn, drawn["description"], key="surface")
    note("All other features stay as the sliders have them; training rows are projected onto the picture.")


def _curve(spec: ModelSpec, model: Model, row: np.ndarray, training: TrainingRows | None) -> None:
    along = _feature("Along", spec, starting_points.telling_features(model)[0], "along")
    index = [feature.name for feature in spec.features].index(along)
    seen = None if training is None else (float(training.low[index]), float(training.high[index]))
    drawn = response_chart(spec, response(model, row, along), palette(), seen)
    chart(drawn, drawn["description"], key="curve")
    shaded = "" if seen is None else " The shaded range was seen in training."
    note(f"What the model would answer for this row if this one feature alone were different.{shaded}")
