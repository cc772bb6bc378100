"""What differs between the two sides of a comparison: what was asked, and what came out."""

from __future__ import annotations

import streamlit as st

from ask.answer import Answer
from ask.codecs.link_codec import to_link
from ask.question import PictureInput, RowInput, SceneInput, picture_digest
from draw.charts.comparison import comparison_chart
from draw.markdown import plain
from explain.concepts.perturbations import PERTURBATIONS
from explain.numbers import percent, points
from explain.truth.agreement import agreement
from pages.common.page import chart, note, palette, subtitle
from pages.comparing.sides import Side


def differences(a: Side, b: Side) -> None:
    """What was asked differently, and what came out differently."""
    subtitle("What differs")
    _asked_differently(a, b)
    mine, theirs = a.answer, b.answer
    if mine.spec.classes == theirs.spec.classes:
        change = theirs.probabilities - mine.probabilities
        told = (f"{n} {points(float(d))}" for n, d in zip(mine.spec.classes, change, strict=True))
        st.markdown(f"In the answer: {', '.join(told)}.")
    one, other = mine.attribution, theirs.attribution
    one_target, other_target = (asked.explained.words(asked.spec) for asked in (mine, theirs))
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
        labels = [feature.label for feature in mine.spec.features]
        drawn = comparison_chart(labels, one.values, other.values, one.units, palette())
        chart(drawn, drawn["description"], key="comparison")


def _asked_differently(a: Side, b: Side) -> None:
    """A line for each thing that was asked differently, named and with its unit as on its slider."""
    sides = [_shown(side.answer) for side in (a, b)]
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


def _shown(asked: Answer) -> dict[str, str]:
    """What a side was asked, by the labels that the what-if gives it."""
    question, labels = asked.question, {f.name: f.label for f in asked.spec.features}
    told = {"Version": asked.version.reference, "Method": asked.method.title}
    told["Evidence for"] = asked.explained.words(asked.spec)
    if question.locked:
        told["Kept as they are"] = ", ".join(labels.get(name, name) for name in question.locked)
    given = question.input
    if isinstance(given, RowInput):
        return told | {f.label: f.show(dict(given.values)[f.name]) for f in asked.spec.features}
    if isinstance(given, SceneInput):
        told["Scene"] = to_link(question)["scene"].partition(",")[0]
        told |= {f.label: f.show(given.scene.value(f.name)) for f in given.scene.live_concepts}
    elif isinstance(given, PictureInput):
        told["Photo"] = picture_digest(given.pixels)[:12]
    return told | {f.label: f.show(question.changes.get(f.name, f.default)) for f in PERTURBATIONS}
