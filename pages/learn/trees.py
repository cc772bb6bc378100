"""Live figures of the guides to trees and to what explains them."""

from __future__ import annotations

import numpy as np
import streamlit as st

from draw.charts import surface_chart, tree_chart, waterfall_chart
from draw.charts.figures import Bar, bars_chart
from draw.tree_layout import tree_layout
from draw.waterfall import waterfall
from explain.attributions.attribution import Attribution
from explain.attributions.decision_path import METHOD as DECISION_PATH
from explain.attributions.decision_path import decision_path
from explain.guide_figures import cloud, game
from explain.numbers import percent, plural, signed
from explain.rows.surface import surface
from explain.targets import ClassTarget
from pages.common.page import chart, note, palette

MIDDLE = np.array([0.5, 0.25])
TREE_COUNTS = (1, 2, 3, 5, 10, 20, 50, 100)


def tree_depth() -> None:
    """A tree that may ask more and more often, on points with noise among them."""
    depth = st.slider(
        "Questions on the way to a leaf, at most", 1, 12, 2, key="fig.depth", bind="query-params"
    )
    _trial(_tree(depth), f"A tree of depth {depth}")


def forest_trees() -> None:
    """The same cloud, and more and more trees."""
    trees = st.select_slider("Trees that vote", TREE_COUNTS, 1, key="fig.trees", bind="query-params")
    _trial(_forest(int(trees)), plural(int(trees), "tree"))


@st.cache_data(show_spinner=False, max_entries=16)
def _tree(depth: int) -> cloud.Trial:
    return cloud.tree(depth)


@st.cache_data(show_spinner="Growing trees …", max_entries=16)
def _forest(trees: int) -> cloud.Trial:
    return cloud.forest(trees)


def _trial(trial: cloud.Trial, who: str) -> None:
    seen, unseen, leaves = st.columns(3)
    seen.metric(f"Right on the {cloud.SEEN} points it saw", percent(trial.right_seen))
    unseen.metric(f"Right on {cloud.UNSEEN:,} points it never saw", percent(trial.right_unseen))
    leaves.metric("Leaves", f"{trial.leaves:,}")
    spec = trial.model.spec
    regions = surface(trial.model, MIDDLE, "across", "up")
    drawn = surface_chart(spec, regions, palette(), (trial.x, trial.y), with_row=False)
    alt = (
        f"{who} on a cloud of points of two kinds: right on {percent(trial.right_seen)} of the points it saw "
        f"and on {percent(trial.right_unseen)} of those it did not. {drawn['description']}"
    )
    chart(drawn, alt, key="figure")
    note(
        "The points are drawn from two bent shapes with noise, so that nobody can be right about all of them."
    )


def tree_path() -> None:
    """A point that can be moved through a small tree."""
    trial = _tree(3)
    spec, tree = trial.model.spec, trial.model.trees[0]
    across, up = st.columns(2)
    with across:
        x = st.slider("Across", -2.0, 3.0, 0.5, 0.05, key="fig.across", bind="query-params")
    with up:
        y = st.slider("Up", -1.5, 2.0, 0.25, 0.05, key="fig.up", bind="query-params")
    row = np.array([x, y])
    drawn = tree_chart(spec, tree_layout(tree, spec, row), palette())
    chart(drawn, drawn["description"], key="figure")
    for number, sentence in enumerate(decision_path(tree, spec, row).sentences, start=1):
        st.markdown(f"{number}. {sentence}")
    target = int(np.argmax(trial.model.predict_proba(row[None])[0]))
    found: Attribution = DECISION_PATH.attribute(trial.model, row, ClassTarget(target))
    steps = waterfall_chart(spec, row, found, waterfall(found), palette())
    chart(steps, steps["description"], key="figure_steps")


def coalitions() -> None:
    """The game of three players: who is there, in which order they came, and what is fair."""
    names = game.PLAYERS
    together = st.slider(
        f"What {names[0]} and {names[1]} bring only together, in points",
        -30,
        30,
        20,
        5,
        key="fig.together",
        bind="query-params",
    )
    alone = (25.0, 15.0, 10.0)
    worth = game.worth(alone, together)
    shares = game.shares(worth)
    there = st.pills(
        "Who is there",
        names,
        default=list(names[:1]),
        selection_mode="multi",
        key="fig.there",
        bind="query-params",
    )
    members = frozenset(names.index(name) for name in there)
    labels = [", ".join(names[i] for i in order) for order in shares.orders]
    order = st.selectbox("They come in the order", labels, key="fig.order", bind="query-params")
    row = labels.index(order)
    reached, every = st.columns(2)
    reached.metric("They reach", f"{worth[members]:g} points")
    every.metric("All three reach", f"{worth[frozenset(range(len(names)))]:g} points")
    bars = [
        Bar(
            name,
            float(fair),
            f"{signed(float(fair), 1)} points · here {signed(float(added), 1)}",
            mark=float(added),
        )
        for name, fair, added in zip(names, shares.shapley, shares.added[row], strict=True)
    ]
    listed = "; ".join(f"{bar.name} {bar.figure}" for bar in bars)
    drawn = bars_chart(bars, "Points", palette(), f"Shapley values of three players: {listed}.")
    chart(drawn, drawn["description"], key="figure")
    total = float(shares.shapley.sum())
    note(
        f"Bar: the mean over all {len(shares.orders)} orders, the Shapley value. Tick: what the player adds in "
        f"the chosen order. The bars add up to {total:g} points, and so do the ticks of any order."
    )
