"""Live figures of the guides to the checks that know the parts of a scene."""

from __future__ import annotations

import numpy as np
import streamlit as st

from draw.charts import part_effects_chart
from draw.charts.figures import Bar, bars_chart
from explain.numbers import percent, points, signed
from explain.trust.checks.localisation import localisation
from explain.truth.part_agreement import compare
from explain.truth.part_effects import PartEffects, part_effects, unsupported
from pages.common.page import chart, note, palette
from pages.learn import figure_subject
from pages.learn.figure_subject import Subject, choose_method, show, show_map

# Forward passes of a method whose map is shown once.
SLOWEST = 600


def located() -> None:
    """How much of a map lies on the parts that are chosen."""
    subject = _scene_subject()
    if subject is None:
        return
    method = choose_method(subject, SLOWEST)
    found = subject.explained(method)
    parts = subject.kept(("parts",), lambda: _parts(subject))
    chosen = st.pills(
        "Parts",
        parts.names,
        default=[parts.names[0]],
        selection_mode="multi",
        key="_fig_parts",
    )
    picked = [mask for name, mask in zip(parts.names, parts.masks, strict=True) if name in chosen]
    mask = np.any(picked, axis=0) if picked else np.zeros(found.values.shape, bool)
    left, right = st.columns(2)
    with left:
        dimmed = np.where(mask[..., None], subject.picture, 0.25 * subject.picture + 0.6)
        show(dimmed, "The chosen parts, as the renderer knows them.")
    with right:
        show_map(subject.picture, found.values, f"{method.title}.")
    if mask.all() or not mask.any():
        st.info("Choose some of the parts, but not all: on all of them lies every map.")
        return
    result = localisation(found.values, mask)
    area = float(mask.mean())
    bars = [
        Bar(title, share * 100, f"{share * 100:.0f} %", mark=area * 100)
        for title, share in ((method.title, result.map.mass), ("Centre blob", result.blob.mass))
    ]
    alt = (
        f"{percent(result.map.mass)} of what speaks for {subject.named} in {method.title} lies on the chosen parts, "
        f"{percent(result.blob.mass)} of a blob in the centre, and they cover {percent(area)} of the picture."
    )
    chart(
        bars_chart(bars, "Share of the map on the parts, in %", palette(), alt, (0, 100)), alt, key="figure"
    )
    note(f"Tick: how much of the picture these parts cover. Lift over the blob: {points(result.lift.mass)}.")


def truth() -> None:
    """What taking a part away really does, beside the map."""
    subject = _scene_subject()
    if subject is None:
        return
    method = choose_method(subject, SLOWEST)
    found = subject.explained(method)
    with st.spinner("Rendering the scene without each part …"):
        parts = subject.kept(("parts",), lambda: _parts(subject))
    titles = [one.title for one in parts.interventions]
    which = titles.index(st.selectbox("Change", titles, key="_fig_change"))
    left, right = st.columns(2)
    with left:
        show(
            parts.pictures[which + 1],
            f"{titles[which]}: the logit of {subject.named} moves by {signed(-float(parts.effects[which]), 2)}.",
        )
    with right:
        show_map(subject.picture, found.values, f"{method.title}.")
    agreement = compare(parts, found.values, method.signed, subject.named)
    drawn = part_effects_chart(parts, {method.title: agreement}, method.title, subject.named, palette())
    chart(drawn, drawn["description"], key="figure")
    st.markdown(agreement.sentence)


def _scene_subject() -> Subject | None:
    subject = figure_subject.choose()
    if subject is None:
        return None
    reason = unsupported(subject.spec)
    if reason is not None or subject.scene is None:
        st.info(reason or "Only the parts of a rendered scene are known.", icon=":material/hide_image:")
        return None
    return subject


def _parts(subject: Subject) -> PartEffects:
    assert subject.scene is not None
    return part_effects(subject.model, subject.scene, subject.target)
