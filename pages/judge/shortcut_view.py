"""What the page of the planted shortcut shows: one picture asked of both versions, and the measured verdicts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import streamlit as st

from explain import methods
from explain.attributions.overlay import blend, overlay
from explain.charts.shortcut import shortcut_chart
from explain.image_explanation import explain_image
from explain.numbers import percent, signed
from explain.truth import shortcut
from governance import measurements
from governance.registry import Version
from models.spec import ModelSpec, Progress
from pages.kit import workspace
from pages.kit.page import chart, note, palette
from pages.pictures import maps

_MEANING = {
    "tells": "tells: it favours the background, and more so than without the shortcut",
    "hints": "hints: more on the background than without the shortcut, and still less than on the object",
    "silent": "silent: nothing that a person could notice",
}


def fits(spec: ModelSpec) -> bool:
    """Whether a model can be asked about tinted scenes."""
    return shortcut.unsupported(spec) is None and shortcut.TINTED in spec.classes


def example(planted: Version, clean: Version) -> None:
    """One tinted picture, what each version answers with and without the tint, and its map."""
    spec = workspace.spec_of(planted.model)
    titles = {f.method.name: f.method.title for f in methods.for_spec(spec) if f.reason is None}
    name = st.selectbox(
        "Method", list(titles), key="method", bind="query-params", format_func=titles.__getitem__
    )
    tinted, plain = _pictures(spec.image_size or 1)
    target = spec.classes.index(shortcut.TINTED)
    columns = st.columns(4, gap="medium")
    with columns[0]:
        st.image(_shown(plain), alt="A muffin as it is.", width="stretch")
        note("A muffin as it is.")
    with columns[1]:
        st.image(_shown(tinted), alt="The same with the tint behind it.", width="stretch")
        note("The same with the tint behind it.")
    needed = methods.image_method(name).needs_background
    others = maps.background(planted.model) if needed else None
    for column, version, what in zip(columns[2:], (planted, clean), ("with", "without"), strict=True):
        model = workspace.load(version)
        with column:
            told = explain_image(
                model,
                tinted,
                name,
                shortcut.TINTED,
                version=version.reference,
                weights_digest=version.weights_digest,
                background=others,
            )
            drawn = overlay(told.attribution.values, palette())
            mixed = blend(tinted, drawn.rgba)
            st.image(_shown(mixed), alt=f"Map of {version.reference}.", width="stretch")
            before, now = model.predict_proba(np.stack([plain, tinted]))[:, target]
            note(
                f"{version.reference}, trained {what} the shortcut: {shortcut.TINTED} {percent(before)}, with the "
                f"tint {percent(now)}."
            )


@st.cache_data(show_spinner=False)
def _pictures(size: int) -> tuple[np.ndarray, np.ndarray]:
    tinted, plain, _ = shortcut.tinted_scenes(1, size)
    return tinted[0], plain[0]


def _shown(picture: np.ndarray) -> np.ndarray:
    times = max(1, 288 // picture.shape[0])
    return picture.repeat(times, axis=0).repeat(times, axis=1)


def results(found: Mapping[str, Any]) -> None:
    """The verdict on each method, the truth that it is judged by, and the figures."""
    planted, clean = (found["truth"][which] for which in ("planted", "clean"))
    st.markdown(
        f"**What is true**: over {found['scenes']} scenes the tint moves the logit of {found['target']} by "
        f"{_with_interval(planted)} in the version with the shortcut, and by {_with_interval(clean)} without."
    )
    for verdict, meaning in _MEANING.items():
        lines = [line["title"] for line in found["lines"] if line["verdict"] == verdict]
        if lines:
            mark = {"tells": ":green[:material/visibility:]", "hints": ":orange[:material/visibility:]"}.get(
                verdict, ":gray[:material/visibility_off:]"
            )
            st.markdown(f"{mark} **{', '.join(lines)}** — {meaning}.")
    drawn = shortcut_chart(found, palette())
    chart(drawn, drawn["description"], key="shares")
    note("Lines: 95 % bootstrap intervals over scenes. Edge detector, blob and random map see no model.")


def _with_interval(one: Mapping[str, Any]) -> str:
    low, high = one["interval"]
    return f"{signed(one['value'], 2)} ({signed(low, 2)} to {signed(high, 2)})"


def offer_measuring(planted: Version, clean: Version) -> None:
    """Measure now, on a click, and keep what came of it with the version."""
    st.info(
        f"How much of each method's map lies on the tinted background was not measured for these two yet. It asks "
        f"every method about {shortcut.SCENES} scenes, which takes some minutes. Stay on this page until it is done.",
        icon=":material/straighten:",
    )
    if not st.button("Measure now", type="primary", icon=":material/play_arrow:"):
        return
    bar = st.progress(0.0)

    def report(progress: Progress) -> None:
        bar.progress(progress.done / progress.total, f"{progress.step}: {progress.done} of {progress.total}")

    found = shortcut.compare(workspace.load(planted), workspace.load(clean), shortcut.SCENES, 0, report)
    asked = {"n": shortcut.SCENES, "seed": 0, "clean": clean.record_id}
    measurements.keep(workspace.store(), planted, shortcut.NAME, asked, found, workspace.session())
    st.rerun()
