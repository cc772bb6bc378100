"""The right column of a tabular what-if: why this answer, in words and figures, and what would flip it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import streamlit as st

from ask.row_answer import Explanation, explain_row
from draw.charts import waterfall_chart
from draw.waterfall import waterfall
from explain import methods
from explain.attributions import background
from explain.numbers import plural
from explain.rows import nearest_flip, ranges
from explain.rows.nearest_flip import NearestFlip
from explain.typicality.typicality import of_row
from governance.registry import Version
from models.spec import Model, ModelSpec
from pages.common import sliders, url
from pages.common.page import chart, link, note, palette, subtitle
from pages.common.workspace import TrainingRows

PREDICTED = "the predicted class"


def draw(
    spec: ModelSpec, version: Version, model: Model, row: np.ndarray, training: TrainingRows | None
) -> tuple[Explanation, NearestFlip | None]:
    """Draw the column; returns the explanation and the nearest flip, which other columns show too."""
    with st.container(border=True):
        words, flip = st.container(), _search(spec, model, row)
    outside = () if training is None else ranges.outside_training(spec, row, training.low, training.high)
    with st.container(border=True):
        name, target = _choose(spec)
        explanation = explain_row(
            model,
            row,
            name,
            target,
            version=version.reference,
            weights_digest=version.weights_digest,
            background=None if training is None else background.of_rows(training.x, training.y),
            flip=flip,
            outside=outside,
        )
        typical = None if training is None else of_row(model, row, training.x)
        _show(spec, row, explanation, is_far=typical is not None and typical.level == "far")
        link(
            "how_it_works.py", f"How {methods.method(name).title} works", icon=":material/school:", guide=name
        )
    with words:
        subtitle("Why")
        for sentence in explanation.words:
            st.markdown(sentence)
        if flip is not None and flip.found:
            _offer(spec, flip)
    return explanation, flip


def _choose(spec: ModelSpec) -> tuple[str, str | None]:
    """The method and the class that the visitor chose; None for the predicted class."""
    fits = methods.for_spec(spec)
    titles = {fit.method.name: fit.method.title for fit in fits if fit.reason is None}
    url.one_of("method", list(titles.values()), "method")
    name = st.segmented_control(
        "Method",
        list(titles),
        default=next(iter(titles)),
        key="method",
        bind="query-params",
        required=True,
        format_func=titles.__getitem__,
        help="  \n".join(f"{fit.method.title}: {fit.reason or fit.method.cost}" for fit in fits),
    )
    url.one_of("target", [PREDICTED, *spec.classes], "class")
    target = st.selectbox("Evidence for", [PREDICTED, *spec.classes], key="target", bind="query-params")
    return name, None if target == PREDICTED else target


def _show(spec: ModelSpec, row: np.ndarray, explanation: Explanation, is_far: bool) -> None:
    attribution, colours = explanation.attribution, palette()
    if is_far:
        # An answer that has little to stand on is explained in grey; why is said beside the nearest rows.
        colours = replace(colours, positive=colours.muted, negative=colours.muted)
        note(":material/warning: Grey, because nothing in the training was like this.")
    drawn = waterfall_chart(spec, row, attribution, waterfall(attribution), colours)
    chart(drawn, drawn["description"], key="waterfall")
    note(
        f"The steps add up to the answer, but for {attribution.completeness_gap:.0e} of rounding. "
        f"Took {plural(attribution.passes, 'pass')} and {attribution.milliseconds:.1f} ms."
    )


def _offer(spec: ModelSpec, flip: NearestFlip) -> None:
    changed = {
        spec.features[change.feature].name: spec.features[change.feature].snap(change.after)
        for change in flip.changes
    }
    st.button(
        "Apply this change",
        icon=":material/swap_horiz:",
        on_click=sliders.apply,
        args=(changed,),
        width="stretch",
        help="The smallest change that flips the answer. Undo brings you back.",
    )


def _search(spec: ModelSpec, model: Model, row: np.ndarray) -> NearestFlip | None:
    reason = nearest_flip.unsupported(spec)
    if reason is not None:
        note(reason)
        return None
    with st.expander("Features that must not change"):
        labels = {feature.name: feature.label for feature in spec.features}
        locked = st.pills(
            "Keep these as they are",
            list(labels),
            format_func=labels.__getitem__,
            selection_mode="multi",
            key="locked",
            bind="query-params",
            help="The nearest flip is searched among the others.",
        )
    return nearest_flip.nearest_flip(model, row, locked=locked)
