"""The checks of a map, computed once for a visit."""

from __future__ import annotations

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from ask.image_answer import ImageExplanation, picture_digest
from data import bakery
from data.bakery import Scene
from explain import methods
from explain.numbers import percent
from explain.trust import trust_thresholds
from explain.trust.checks.pixel_removal import PixelRemoval
from explain.trust.report import TrustReport, assess
from governance import measurements
from governance.registry import Version
from models.spec import Model, Progress
from pages.common import workspace
from pages.pictures import maps

MOST_KEPT = 64


def kept(
    version: Version | None, model: Model, scene: Scene | None, explanation: ImageExplanation
) -> TrustReport | None:
    """The checks of a map, if this visit has asked for them before; see `report`."""
    found: TrustReport | None = _kept().get(_key(scene, explanation, _measured(version, model)))
    return found


def report(
    version: Version | None,
    model: Model,
    scene: Scene | None,
    explanation: ImageExplanation,
    bar: DeltaGenerator,
) -> TrustReport:
    """The checks of a map, kept for this visit by what decides them.

    Parameters
    ----------
    version : Version, optional
        Whose limits were measured; None for a network on its way to a version, of which nothing was.
    scene : Scene, optional
        What the picture shows; of a photo nobody knows where the object is.
    bar : DeltaGenerator
        A place for one badge, which tells how far the checks are.
    """
    limits = _measured(version, model)
    known, key = _kept(), _key(scene, explanation, limits)
    if key not in known:

        def tell(progress: Progress) -> None:
            # Streamlit ends this run here when a newer input waits: nobody computes for a map that is gone.
            done = percent(progress.done / progress.total)
            # No longer than the badge will be: on a narrow column it would push its neighbour to the next line.
            bar.badge(f"Checking trust: {done}", icon=":material/hourglass_empty:", color="gray")

        method = methods.image_method(explanation.attribution.method)
        known[key] = assess(
            model,
            explanation.picture,
            method,
            explanation.attribution,
            background=maps.background(model.spec.name) if method.needs_background else None,
            mask=_object(scene, explanation.picture.shape[0]),
            thresholds=None if limits is None else limits.measurement.results,
            removal=_removal(model, explanation),
            report=tell,
        )
        while len(known) > MOST_KEPT:
            known.pop(next(iter(known)))
    return known[key]


def _kept() -> dict[tuple[str | None, ...], TrustReport]:
    found: dict[tuple[str | None, ...], TrustReport] = st.session_state.setdefault("_trust", {})
    return found


def _key(
    scene: Scene | None, explanation: ImageExplanation, limits: measurements.StoredRecord | None
) -> tuple[str | None, ...]:
    digest = None if scene is None else scene.digest
    return explanation.receipt_id, digest, None if limits is None else limits.id


def _measured(version: Version | None, model: Model) -> measurements.StoredRecord | None:
    return None if version is None else trust_thresholds.stored(workspace.store(), version, model.spec)


def _object(scene: Scene | None, size: int) -> np.ndarray | None:
    return None if scene is None else bakery.render(scene, size).mask != bakery.Part.BACKGROUND


def _removal(model: Model, explanation: ImageExplanation) -> PixelRemoval:
    """The curves of this picture and target, shared by all methods."""
    kept = st.session_state.setdefault("_removals", {})
    target = explanation.attribution.target
    key = (explanation.receipt["weights_digest"], picture_digest(explanation.picture), target)
    if key not in kept:
        kept[key] = PixelRemoval(model, explanation.picture, target)
        while len(kept) > MOST_KEPT:
            kept.pop(next(iter(kept)))
    return kept[key]
