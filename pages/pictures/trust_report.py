"""The checks of a map, computed once for a visit."""

from __future__ import annotations

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from data import bakery
from explain import methods
from explain.image_explanation import ImageExplanation, picture_digest
from explain.numbers import percent
from explain.trust import trust_thresholds
from explain.trust.checks.pixel_removal import PixelRemoval
from explain.trust.report import TrustReport, assess
from governance import measurements
from governance.registry import Version
from models.spec import Model, Progress
from pages.kit import workspace
from pages.pictures.inputs import Asked

MOST_KEPT = 64


def kept(version: Version, model: Model, asked: Asked, explanation: ImageExplanation) -> TrustReport | None:
    """The checks of a map, if this visit has asked for them before."""
    found: TrustReport | None = _kept().get(_key(asked, explanation, _measured(version, model)))
    return found


def report(
    version: Version,
    model: Model,
    asked: Asked,
    explanation: ImageExplanation,
    background: np.ndarray | None,
    bar: DeltaGenerator,
) -> TrustReport:
    """The checks of a map, kept for this visit by what decides them.

    Parameters
    ----------
    background : ndarray of shape (n, height, width, 3), optional
        What the map was made with, for a method that needs one.
    bar : DeltaGenerator
        A place for one badge, which tells how far the checks are.
    """
    limits = _measured(version, model)
    known, key = _kept(), _key(asked, explanation, limits)
    if key not in known:

        def tell(progress: Progress) -> None:
            # Streamlit ends this run here when a newer input waits: nobody computes for a map that is gone.
            done = percent(progress.done / progress.total)
            # No longer than the badge will be: on a narrow column it would push its neighbour to the next line.
            bar.badge(f"Checking trust: {done}", icon=":material/hourglass_empty:", color="gray")

        known[key] = assess(
            model,
            explanation.picture,
            methods.image_method(explanation.attribution.method),
            explanation.attribution,
            background=background,
            mask=_object(asked, explanation.picture.shape[0]),
            thresholds=None if limits is None else limits.body["results"],
            removal=_removal(version, model, explanation),
            report=tell,
        )
        while len(known) > MOST_KEPT:
            known.pop(next(iter(known)))
    return known[key]


def _kept() -> dict[tuple[str | None, ...], TrustReport]:
    found: dict[tuple[str | None, ...], TrustReport] = st.session_state.setdefault("_trust", {})
    return found


def _key(
    asked: Asked, explanation: ImageExplanation, limits: measurements.StoredRecord | None
) -> tuple[str | None, ...]:
    scene = None if asked.scene is None else asked.scene.digest
    return explanation.receipt_id, scene, None if limits is None else limits.id


def _measured(version: Version, model: Model) -> measurements.StoredRecord | None:
    return trust_thresholds.stored(workspace.store(), version, model.spec)


def _object(asked: Asked, size: int) -> np.ndarray | None:
    """Where the object is in a scene; of a photo nobody knows."""
    return None if asked.scene is None else bakery.render(asked.scene, size).mask != bakery.Part.BACKGROUND


def _removal(version: Version, model: Model, explanation: ImageExplanation) -> PixelRemoval:
    """The curves of this picture and target, shared by all methods."""
    kept = st.session_state.setdefault("_removals", {})
    target = explanation.attribution.target
    key = (version.reference, version.weights_digest, picture_digest(explanation.picture), target)
    if key not in kept:
        kept[key] = PixelRemoval(model, explanation.picture, target)
        while len(kept) > MOST_KEPT:
            kept.pop(next(iter(kept)))
    return kept[key]
