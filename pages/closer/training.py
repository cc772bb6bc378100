"""A closer look at an image what-if: the same question to the network as it was on the way."""

from __future__ import annotations

import numpy as np
import streamlit as st

from data.workspace import home
from explain import methods
from explain.attributions.overlay import blend, overlay
from explain.charts.figures import Line, lines_chart
from explain.numbers import percent
from governance import registry
from governance.registry import Version
from models.checkpoints import FILE, Checkpoint, read
from models.spec import ModelSpec
from pages.kit import workspace
from pages.kit.page import chart, link, note, palette
from pages.pictures import maps
from pages.pictures.shown import Shown


def draw(shown: Shown) -> None:
    """Draw the section."""
    st.markdown("**What it said while it was learning**")
    if FILE not in shown.version.record["results"]["files"]:
        st.info(
            f"{shown.version.reference} was stored without copies of the network on its way; versions that come with "
            "Crumbtrail leave them out for their size. Train a new version, and it has them.",
            icon=":material/history:",
        )
        link("catalogue.py", "Open the catalogue", icon=":material/grid_view:")
        return
    found = _checkpoints(shown.version.record_id, str(home()), shown.spec, shown.version)
    last = len(shown.version.record["results"]["curve"])
    note(
        "Copies of the network were kept while it was trained. Each is asked about the same picture, with the "
        f"temperature of the end. The last epoch, {last}, is the version itself."
    )
    target = shown.explanation.attribution.target
    epochs = [*(one.epoch for one in found), last]
    answers = [float(one.model.predict_proba(shown.asked.now[None])[0, target]) for one in found]
    answers.append(float(shown.explanation.probabilities[target]))
    epoch = st.select_slider("Epoch", epochs, epochs[0], key="epoch", bind="query-params")
    left, right = st.columns([1, 2], gap="large")
    with left:
        _map(shown, found, epoch)
    with right:
        _curve(shown, epochs, answers, epoch)


# Asked for by the record's digest, so another version's copies can never be shown in their place.
@st.cache_resource(show_spinner=False, max_entries=8)
def _checkpoints(record_id: str, home: str, _spec: ModelSpec, _version: Version) -> tuple[Checkpoint, ...]:
    store = workspace.store()
    content = store.blobs.get(_version.record["results"]["files"][FILE]["digest"])
    return read(_spec, content, registry.artefact(store, _version))


def _map(shown: Shown, found: tuple[Checkpoint, ...], epoch: int) -> None:
    attribution = shown.explanation.attribution
    values = attribution.values
    chosen = [one for one in found if one.epoch == epoch]
    method = methods.image_method(attribution.method)
    if chosen:
        more = {"background": maps.background(shown.spec.name)} if method.needs_background else {}
        with st.spinner(f"{method.title} …"):
            values = method.attribute(chosen[0].model, shown.asked.now, attribution.target, **more).values
    mixed = blend(shown.explanation.picture, overlay(values, palette()).rgba)
    times = max(1, 288 // mixed.shape[0])
    words = f"{method.title} for {shown.spec.classes[attribution.target]} after epoch {epoch}; a scale of its own."
    st.image(mixed.repeat(times, axis=0).repeat(times, axis=1), alt=words, width="stretch")
    note(words)


def _curve(shown: Shown, epochs: list[int], answers: list[float], epoch: int) -> None:
    name = shown.spec.classes[shown.explanation.attribution.target]
    curve = shown.version.record["results"]["curve"]
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
