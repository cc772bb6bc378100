"""What differs between the two sides of a comparison: what was asked, and what came out."""

from __future__ import annotations

import streamlit as st

from data import bakery
from data.features import Feature
from draw.charts.comparison import comparison_chart
from draw.markdown import plain
from explain.concepts.perturbations import PERTURBATIONS
from explain.numbers import percent, points
from explain.truth.agreement import agreement
from pages.common.page import chart, note, palette, subtitle
from pages.comparing.sides import Side

# What a link calls the parts of a question, as the what-if pages do.
_LABELS = {
    "version": "Version",
    "explain": "Method",
    "target": "Evidence for",
    "about": "Ask about",
    "scene": "Scene",
    "photo": "Photo",
}


def differences(a: Side, b: Side) -> None:
    """What was asked differently, and what came out differently."""
    subtitle("What differs")
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
    one_target, other_target = (side.told.attribution.target.words(side.told.spec) for side in (a, b))
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
    """A line for each thing that was asked differently, named and with its unit as on its slider."""
    sides = [_shown(side) for side in (a, b)]
    names = dict.fromkeys(name for shown in sides for name in shown)
    rows = [
        (name, *(shown.get(name, "none") for shown in sides))
        for name in names
        if sides[0].get(name) != sides[1].get(name)
    ]
    if not rows:
        note("Both sides ask the same. Choose another version for one, or change an input in the what-if.")
        return
    for name, one, other in rows:
        st.markdown(f"{plain(name)}: **{plain(one)}** in A, **{plain(other)}** in B.")


def _shown(side: Side) -> dict[str, str]:
    """What a side was asked, by the labels that the what-if gives it."""
    inputs = {feature.name: (feature, value) for feature, value in _inputs(side)}
    asked = {**side.asked, "version": side.version.reference}
    at_rest = {feature.label: feature.show(value) for feature, value in inputs.values()}
    given = {
        inputs[name][0].label: inputs[name][0].show(float(value))
        for name, value in asked.items()
        if name in inputs
    }
    others = {_LABELS.get(name, name): value for name, value in asked.items() if name not in inputs}
    return others | at_rest | given


def _inputs(side: Side) -> list[tuple[Feature, float]]:
    """What can be moved of a side's input, and what it is where the link does not say.

    A photo that was pinned holds its changes, and a muffin has no ears: such things are in no list.
    """
    spec = side.told.spec
    if spec.modality == "tabular":
        return [(feature, feature.default) for feature in spec.features]
    scene = bakery.named_scenes().get(side.asked.get("scene", ""))
    if scene is None:
        return []
    concepts = dict(scene.concepts)
    still = [(feature, feature.default) for feature in PERTURBATIONS]
    return [*((feature, concepts[feature.name]) for feature in scene.live_concepts), *still]
