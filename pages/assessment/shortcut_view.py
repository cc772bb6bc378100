"""What the page of the planted shortcut asks methods: one picture of both versions, and the measured verdicts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import streamlit as st

from ask.picture_answer import PictureAnswer
from ask.question import PictureInput, Question
from data import scenes
from draw.charts.shortcut import shortcut_chart
from draw.overlay import blend, overlay
from explain import methods
from explain.numbers import percent
from explain.truth import shortcut, shortcut_pair
from governance.registry import Version
from models.spec import Model
from pages.common import measuring, workspace
from pages.common.page import chart, note, palette
from pages.common.visit import ask
from pages.pictures import trust_badge
from pages.pictures.maps import enlarged

_LOOKED_THROUGH = 12
_MEANING = {
    "tells": "tells: it favours the background, and more so than without the shortcut",
    "hints": "hints: more on the background than without the shortcut, and still less than on the object",
    "silent": "silent: not reliably more on the background than without the shortcut",
}


def example(planted: Version, clean: Version, kind: str) -> Callable[[], None]:
    """One tinted picture, what each version answers with and without the tint, and its map.

    Returns
    -------
    callable
        Says under each map how far it can be trusted; to be called last of all, because it asks most often.
    """
    spec = workspace.spec_of(planted.model)
    titles = {f.method.name: f.method.title for f in methods.for_spec(spec) if f.reason is None}
    name = st.selectbox(
        "Method", list(titles), key="method", bind="query-params", format_func=titles.__getitem__
    )
    tinted, plain = _pictures(spec.image_size or 1, kind)
    models = [workspace.load(version) for version in (planted, clean)]
    if kind != scenes.TINTED:
        row = shortcut_pair.telling(models[0], tinted, plain)
    else:
        row = 0
    pair = np.stack([plain[row], tinted[row]])
    columns = st.columns(4, gap="medium")
    for column, picture, words in zip(columns, pair, ("as it is", "with the tint behind it"), strict=False):
        with column:
            st.image(enlarged(picture, 288), alt=f"A {kind} {words}.", width="stretch")
            note(f"A {kind} {words}.")
    checks = []
    for column, version, model in zip(columns[2:], (planted, clean), models, strict=True):
        with column:
            question = Question(version.reference, PictureInput(pair[1]), method=name, target=scenes.TINTED)
            told = ask(question)
            assert isinstance(told, PictureAnswer)
            mixed = blend(pair[1], overlay(told.attribution.values, palette()).rgba)
            st.image(
                enlarged(mixed, 288),
                alt=f"What speaks for {scenes.TINTED} in {version.reference}.",
                width="stretch",
            )
            before, now = (_answer(spec.classes, p) for p in model.predict_proba(pair))
            what = "with the shortcut" if version is planted else "without it"
            st.markdown(f"**{version.reference}**, {what}: {before} as it is, **{now} with the tint**.")
            checks.append((trust_badge.place(st.container(), told.is_far), told))
    note(
        f"Maps of what speaks for {scenes.TINTED} in the picture with the tint.{_why_this(models[0], pair, kind)}"
    )

    def check() -> None:
        for place, told in checks:
            trust_badge.check(place, told)

    return check


def _why_this(planted: Model, pair: np.ndarray, kind: str) -> str:
    """Why this picture is shown, where it was looked for."""
    if kind == scenes.TINTED:
        return ""
    before, after = planted.predict_proba(pair).argmax(1)
    if before == after:
        return f" None of the first {_LOOKED_THROUGH} is turned by the tint."
    return f" Shown is the first {kind} of {_LOOKED_THROUGH} that the tint turns."


def _answer(classes: tuple[str, ...], probabilities: np.ndarray) -> str:
    best = int(probabilities.argmax())
    return f"{classes[best]} {percent(float(probabilities[best]))}"


@st.cache_data(show_spinner=False)
def _pictures(size: int, kind: str) -> tuple[np.ndarray, np.ndarray]:
    tinted, plain, _ = shortcut_pair.tinted_scenes(_LOOKED_THROUGH, size, kind)
    return tinted, plain


def verdicts(found: Mapping[str, Any], kind: str) -> None:
    """The verdict on each method where it is asked about one kind, and the figures."""
    asked = next(one for one in found["asked"] if one["kind"] == kind)
    st.markdown(
        f"**Which maps would have told**, asked what speaks for {found['target']} in {found['scenes']} held-out "
        f"pictures of a {kind} with the tint:"
    )
    for verdict, meaning in _MEANING.items():
        lines = [line["title"] for line in asked["lines"] if line["verdict"] == verdict]
        if lines:
            mark = {"tells": ":green[:material/visibility:]", "hints": ":orange[:material/visibility:]"}.get(
                verdict, ":gray[:material/visibility_off:]"
            )
            st.markdown(f"{mark} **{', '.join(lines)}** — {meaning}.")
    drawn = shortcut_chart(asked, palette())
    chart(drawn, drawn["description"], key="shares")
    note("Lines: 95 % bootstrap intervals over scenes. Edge detector, blob and random map see no model.")


def offer_measuring(planted: Version, clean: Version) -> None:
    """Measure through the queue; what comes of it is kept with the planted version."""
    measuring.offer(
        planted,
        [shortcut.NAME],
        "How much of each method's map lies on the tinted background was not measured for these two yet. It asks "
        f"every method about {shortcut.SCENES} scenes of each kind.",
        command=f"explain.measure_shortcut {planted.reference} {clean.reference}",
        n=shortcut.SCENES,
        beside=clean,
    )
