"""What a tree on the workbench looks like: its answer for the input, its drawing, its surface."""

from __future__ import annotations

import numpy as np
import streamlit as st

from draw.charts import probability_chart, surface_chart, tree_chart
from draw.tree_layout import tree_layout
from explain.attributions.decision_path import decision_path
from explain.numbers import percent
from explain.rows import starting_points
from explain.rows.surface import surface
from models.spec import Model, ModelSpec, TreeArrays
from pages.common import url
from pages.common.page import chart, note, palette
from pages.common.tables import Rows


def answer(spec: ModelSpec, model: Model, stored: Model, reference: str, row: np.ndarray) -> None:
    """The answer for the input, and what the stored version says to the same."""
    now, before = model.predict_proba(row[None])[0], stored.predict_proba(row[None])[0]
    top, was = int(np.argmax(now)), int(np.argmax(before))
    st.metric("This tree says", f"{spec.classes[top]}, {percent(float(now[top]))}")
    if top != was:
        st.markdown(f":material/swap_horiz: {reference}, the stored version, says **{spec.classes[was]}**.")
    same = np.array_equal(now, before)
    drawn = probability_chart(spec, now, palette(), None if same else before, start_is=reference)
    chart(drawn, drawn["description"], key="workbench_probabilities")
    note(f"Where it was: what {reference} says." if not same else f"{reference} says the same.")


def answer_in_short(spec: ModelSpec, model: Model, row: np.ndarray) -> None:
    """The answer in one line."""
    shares = model.predict_proba(row[None])[0]
    note(f"Now {spec.classes[int(np.argmax(shares))]}, {percent(float(shares.max()))}")


def views(spec: ModelSpec, model: Model, tree: TreeArrays, row: np.ndarray, rows: Rows) -> None:
    """The tree, or its answer over two features; the visitor chooses."""
    options = ["Tree", "Surface"] if len(spec.features) > 1 else ["Tree"]
    url.one_of("drawing", options, "drawing")
    chosen = st.segmented_control(
        "How this tree decides",
        options,
        default=options[0],
        key="drawing",
        bind="query-params",
        required=True,
        help="The questions with this input's path, or the answer over two features.",
    )
    if chosen == "Tree":
        _tree(spec, tree, row)
    else:
        _surface(spec, model, row, rows)


def _tree(spec: ModelSpec, tree: TreeArrays, row: np.ndarray) -> None:
    drawn = tree_chart(spec, tree_layout(tree, spec, row), palette())
    chart(drawn, drawn["description"], key="workbench_tree")
    for number, sentence in enumerate(decision_path(tree, spec, row).sentences, start=1):
        st.markdown(f"{number}. {sentence}")


def _surface(spec: ModelSpec, model: Model, row: np.ndarray, rows: Rows) -> None:
    labels = {feature.name: feature.label for feature in spec.features}
    first, second = starting_points.telling_features(model)[:2]
    chosen = []
    for column, (title, key, start) in zip(
        st.columns(2), (("Across", "across", first), ("Up", "up", second)), strict=True
    ):
        url.one_of(key, list(labels.values()), "feature")
        chosen.append(
            column.selectbox(
                title,
                list(labels),
                list(labels).index(start),
                key=key,
                bind="query-params",
                format_func=labels.__getitem__,
            )
        )
    if chosen[0] == chosen[1]:
        st.info("Choose two different features; a surface needs two directions.")
        return
    drawn = surface_chart(spec, surface(model, row, chosen[0], chosen[1]), palette(), rows.training)
    chart(drawn, drawn["description"], key="workbench_surface")
    note("All other features stay as the input has them; training rows are projected onto the picture.")
