"""What differs between the two sides of a comparison: what was asked, and what came out."""

from __future__ import annotations

import streamlit as st

from explain.charts.comparison import comparison_chart
from explain.numbers import percent, points
from explain.truth.agreement import agreement
from pages._compare_view import Side
from pages._facts import plain
from pages._kit import chart, note, palette


def differences(a: Side, b: Side) -> None:
    """What was asked differently, and what came out differently."""
    st.markdown("**What differs**")
    _asked_differently(a, b)
    if a.told.spec.classes == b.told.spec.classes:
        classes = a.told.spec.classes
        change = b.told.probabilities - a.told.probabilities
        st.markdown(
            "In the answer: "
            + ", ".join(f"{n} {points(float(d))}" for n, d in zip(classes, change, strict=True))
            + "."
        )
    one, other = a.told.attribution, b.told.attribution
    one_target, other_target = (side.told.spec.classes[side.told.attribution.target] for side in (a, b))
    if one_target != other_target:
        note(f"A is explained for {one_target} and B for {other_target}, so their reasons are not compared.")
    elif one.values.shape != other.values.shape:
        note("The two inputs have no features in common, so their reasons are not compared.")
    elif one.values.ndim == 2:
        (pair,) = agreement({"a": one.values, "b": other.values}).pairs
        st.markdown(
            f"In the map: rank correlation {pair.rank:+.2f}, {percent(pair.overlap)} of the strongest fifth in common."
        )
    elif one.units == other.units:
        labels = [feature.label for feature in a.told.spec.features]
        drawn = comparison_chart(labels, one.values, other.values, one.units, palette())
        chart(drawn, drawn["description"], key="comparison")


def _asked_differently(a: Side, b: Side) -> None:
    """A line for each thing that was asked differently."""
    asked = [{**side.asked, "version": side.version.reference} for side in (a, b)]
    names = dict.fromkeys(name for one in asked for name in one)
    rows = [
        (name, *(one.get(name, "as it is") for one in asked))
        for name in names
        if asked[0].get(name) != asked[1].get(name)
    ]
    if not rows:
        note("Both sides ask the same. Choose another version for one, or change an input in the what-if.")
        return
    for name, one, other in rows:
        st.markdown(f"{plain(name.replace('_', ' '))}: **{plain(one)}** in A, **{plain(other)}** in B.")
