"""A closer look at an image what-if: the same question to the network as it was on the way."""

from __future__ import annotations

import numpy as np
import streamlit as st

from ask.looks.network import after, epochs_of, no_copies
from ask.picture_answer import PictureAnswer
from draw.charts.figures import Line, lines_chart
from draw.overlay import blend, overlay
from explain.numbers import percent
from pages.common import typicality_note
from pages.common.page import chart, link, note, palette
from pages.pictures import trust_badge
from pages.pictures.maps import enlarged
from pages.pictures.trust_badge import Place


def draw(shown: PictureAnswer) -> None:
    """Draw the section."""
    epochs = epochs_of(shown)
    if not epochs:
        st.info(no_copies(shown), icon=":material/history:")
        link("catalogue.py", "Open the catalogue", icon=":material/grid_view:")
        return
    note(
        "Copies of the network were kept while it was trained. Each is asked about the same picture, with the "
        f"temperature of the end. The last epoch, {epochs[-1]}, is the version itself."
    )
    answers = [float(after(shown, epoch).probabilities[shown.target]) for epoch in epochs]
    epoch = st.select_slider("Epoch", epochs, epochs[0], key="epoch", bind="query-params")
    then = after(shown, epoch)
    assert isinstance(then, PictureAnswer)
    left, right = st.columns([1, 2], gap="large")
    with left:
        place = None if then.question.method is None else _map(then, epoch)
    with right:
        _curve(shown, epochs, answers, epoch)
    if place is not None:
        trust_badge.check(place, then)


def _map(then: PictureAnswer, epoch: int) -> Place:
    """Draw the map after an epoch; returns where it is said how far it can be trusted, last of all."""
    title = then.method.title
    with st.spinner(f"{title} …"):
        then.explain()
    mixed = typicality_note.faded(
        blend(then.input, overlay(then.attribution.values, palette()).rgba), then.typicality
    )
    words = f"{title} for {then.explained.words(then.spec)} after epoch {epoch}; a scale of its own."
    st.image(enlarged(mixed, 288), alt=words, width="stretch")
    note(words)
    return trust_badge.place(st.container(), then.is_far)


def _curve(shown: PictureAnswer, epochs: tuple[int, ...], answers: list[float], epoch: int) -> None:
    name = shown.spec.classes[shown.target]
    curve = shown.version.record.results.curve
    right = Line(
        "right on validation",
        np.array([one["epoch"] for one in curve], dtype=float),
        np.array([one["accuracy"] for one in curve]),
        look="other",
    )
    said = Line(f"{name}, here", np.array(epochs, dtype=float), np.array(answers))
    now = answers[epochs.index(epoch)]
    drawn = lines_chart(
        [right, said],
        ("Epoch", "Probability and accuracy"),
        palette(),
        f"After epoch {epoch} the network says {name} with {percent(now)}; at the end with {percent(answers[-1])}.",
        now=float(epoch),
        y_range=(0.0, 1.0),
    )
    st.markdown(f"**{name}: {percent(now)}** after epoch {epoch}, {percent(answers[-1])} at the end.")
    chart(drawn, drawn["description"], key="training")
