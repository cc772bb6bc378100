"""Under every map: how far it can be trusted, and the numbers behind that."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import streamlit as st

from data import bakery
from explain import methods
from explain.image_explanation import ImageExplanation, picture_digest
from explain.numbers import percent, signed
from explain.trust import trust_thresholds
from explain.trust.checks.pixel_removal import PixelRemoval
from explain.trust.report import TrustReport, assess
from explain.trust.trust_verdict import MASS, POINTING, RANDOMISATION, RANK, REMOVAL, STABILITY
from governance import measurements
from governance.registry import Version
from models.spec import Model, Progress
from pages import _workspace
from pages._image_input import Asked
from pages._kit import note

MOST_KEPT = 64
_LOOKS: dict[str, tuple[str, Any]] = {
    "strong": (":material/verified:", "green"),
    "weak": (":material/contrast:", "orange"),
    "fails": (":material/dangerous:", "red"),
}
_ROWS = {
    RANDOMISATION: "Changes with the weights (0 to 1)",
    REMOVAL: "Carries the answer: insertion less deletion, over random order",
    STABILITY: "Moves under noise (share of its size)",
    MASS: "Weight on the object, over the blob's",
    RANK: "Strongest pixels on the object, over the blob's",
    POINTING: "Strongest pixel on the object, over the blob's",
}


def draw(
    version: Version,
    model: Model,
    asked: Asked,
    explanation: ImageExplanation,
    background: np.ndarray | None,
) -> None:
    """Check the map that is on screen, and say in a badge and a sentence what came of it."""
    found = report(version, model, asked, explanation, background)
    badge(found)
    with st.popover("The numbers behind it", icon=":material/fact_check:", width="stretch"):
        numbers(found)


def report(
    version: Version,
    model: Model,
    asked: Asked,
    explanation: ImageExplanation,
    background: np.ndarray | None,
) -> TrustReport:
    """The checks of a map, kept for this visit by what decides them.

    Parameters
    ----------
    background : ndarray of shape (n, height, width, 3), optional
        What the map was made with, for a method that needs one.
    """
    known = _measured(version, model)
    place = None if asked.scene is None else asked.scene.digest
    key = (explanation.receipt_id, place, None if known is None else known.id)
    kept = st.session_state.setdefault("_trust", {})
    if key not in kept:
        bar = st.progress(0.0, "Checking how far the map can be trusted …")

        def tell(progress: Progress) -> None:
            # Streamlit ends this run here when a newer input waits: nobody computes for a map that is gone.
            bar.progress(progress.done / progress.total, "Checking how far the map can be trusted …")

        kept[key] = assess(
            model,
            explanation.picture,
            methods.image_method(explanation.attribution.method),
            explanation.attribution,
            background=background,
            mask=_object(asked, explanation.picture.shape[0]),
            thresholds=None if known is None else known.body["results"],
            removal=_removal(version, model, explanation),
            report=tell,
        )
        bar.empty()
        while len(kept) > MOST_KEPT:
            kept.pop(next(iter(kept)))
    return kept[key]


def badge(found: TrustReport) -> None:
    """The badge, and the sentence why."""
    icon, color = _LOOKS[found.verdict.badge]
    st.badge(f"Trust in this map: {found.verdict.badge}", icon=icon, color=color)
    st.markdown(found.verdict.sentence)


def numbers(found: TrustReport) -> None:
    """Every score beside what the placebos reach."""
    scenes = found.limits.scenes
    limit = "Best placebo here" if scenes is None else "95 % of the placebos"
    st.table([_row(found, metric, limit) for metric in _ROWS if metric in found.scores])
    if found.gap_share is not None:
        note(f"The values add up to the answer but for {percent(found.gap_share)} of what they explain.")
    compared = (
        "No limits are stored with this version, so the map is compared with the placebos on this picture alone."
        if scenes is None
        else f"The limits are what the placebos reach on {scenes} scenes that no training has seen."
    )
    note(
        f"{compared} The checks took {found.milliseconds:.0f} ms. Where the map lies on the object is told and "
        "decides nothing: a model may rightly or wrongly look elsewhere."
    )


def _row(found: TrustReport, metric: str, limit: str) -> Mapping[str, str]:
    score, bound = found.scores[metric], found.limits.values.get(metric)
    plain = metric in (RANDOMISATION, STABILITY)
    shown = [f"{v:.2f}" if plain else signed(v, 2) for v in (score, bound) if v is not None]
    beyond = {True: "yes", False: "no", None: "–"}[found.verdict.passed.get(metric)]
    return {
        "Check": _ROWS[metric],
        "This map": shown[0],
        limit: shown[1] if bound is not None else "–",
        "Passed": beyond,
    }


def _measured(version: Version, model: Model) -> measurements.StoredRecord | None:
    if trust_thresholds.unsupported(model.spec) is not None:
        return None
    return measurements.newest(_workspace.store(), version, trust_thresholds.NAME)


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
