"""A closer look at an image what-if: the same question to the network as it was on the way."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import streamlit as st

from ask.image_answer import ImageExplanation, explain_image
from data.workspace import home
from draw.charts.figures import Line, lines_chart
from draw.overlay import blend, overlay
from explain import methods
from explain.numbers import percent
from governance import digests, registry
from governance.registry import Version
from models import catalogue
from models.checkpoints import FILE, Checkpoint, read
from models.networks import NetworkModel
from models.spec import ModelSpec
from pages.common import typicality_note, workspace
from pages.common.page import chart, link, note, palette, subtitle
from pages.pictures import distance, maps, trust_badge, trust_report
from pages.pictures.shown import Shown


def draw(shown: Shown) -> None:
    """Draw the section."""
    subtitle("What it said while it was learning")
    if FILE not in shown.version.record["results"]["files"]:
        st.info(
            f"{shown.version.reference} was stored without copies of the network on its way: a training of one epoch "
            "has none, and versions that come with Crumbtrail leave them out for their size. Train a new version over "
            "several epochs, and it has them.",
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
    target = shown.explanation.attribution.target.index
    epochs = [*(one.epoch for one in found), last]
    answers = [float(one.model.predict_proba(shown.asked.now[None])[0, target]) for one in found]
    answers.append(float(shown.explanation.probabilities[target]))
    epoch = st.select_slider("Epoch", epochs, epochs[0], key="epoch", bind="query-params")
    left, right = st.columns([1, 2], gap="large")
    with left:
        check = _map(shown, found, epoch)
    with right:
        _curve(shown, epochs, answers, epoch)
    check()


# Asked for by the record's digest, so another version's copies can never be shown in their place.
@st.cache_resource(show_spinner=False, max_entries=8)
def _checkpoints(record_id: str, home: str, _spec: ModelSpec, _version: Version) -> tuple[Checkpoint, ...]:
    store = workspace.store()
    content = store.blobs.get(_version.record["results"]["files"][FILE]["digest"])
    return read(_spec, content, registry.artefact(store, _version))


def _map(shown: Shown, found: tuple[Checkpoint, ...], epoch: int) -> Callable[[], None]:
    """Draw the map after an epoch; returns what says how far it can be trusted, to be called last of all."""
    told, model = shown.explanation, shown.model
    version: Version | None = shown.version
    chosen = [one.model for one in found if one.epoch == epoch]
    target, title = told.attribution.target.name(shown.spec), methods.method(told.attribution.method).title
    if chosen:
        model, version = chosen[0], None
        with st.spinner(f"{title} …"):
            told = _explained(shown, chosen[0], target)
    typical = distance.of_picture(shown.version, shown.model, shown.asked)
    mixed = typicality_note.faded(
        blend(told.picture, overlay(told.attribution.values, palette()).rgba), typical
    )
    times = max(1, 288 // mixed.shape[0])
    words = f"{title} for {target} after epoch {epoch}; a scale of its own."
    st.image(mixed.repeat(times, axis=0).repeat(times, axis=1), alt=words, width="stretch")
    note(words)
    place = trust_badge.place(st.container(), typical is not None and typical.level == "far")
    scene = shown.asked.scene
    return lambda: trust_badge.show(place, trust_report.report(version, model, scene, told, place.badge))


def _explained(shown: Shown, model: NetworkModel, target: str) -> ImageExplanation:
    """The same question to the network as it was; its weights are its identity, for it is no version."""
    method = shown.explanation.attribution.method
    _, weights = digests.of_arrays(catalogue.definition(shown.version.model).arrays(model))
    return explain_image(
        model,
        shown.asked.now,
        method,
        target,
        version=shown.version.reference,
        weights_digest=weights,
        background=maps.background(shown.spec.name)
        if methods.image_method(method).needs_background
        else None,
    )


def _curve(shown: Shown, epochs: list[int], answers: list[float], epoch: int) -> None:
    name = shown.explanation.attribution.target.name(shown.spec)
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
