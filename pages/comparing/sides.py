"""One side of a comparison, and what differs between two."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import streamlit as st

from ask.image_answer import ImageExplanation, explain_image
from ask.row_answer import Explanation
from data.bakery import Scene
from draw.overlay import blend, overlay
from explain.concepts.perturbations import PERTURBATIONS
from explain.methods import image_method
from explain.numbers import percent
from explain.typicality.typicality import Typicality
from governance.registry import Version
from models import catalogue
from models.spec import Modality
from pages.common import pin, typicality_note, workspace
from pages.common.page import link, note, palette, what_if_page
from pages.govern import asked_again
from pages.govern.asked_again import LinkMistake
from pages.pictures import distance, inputs, maps, trust_badge, trust_report
from pages.pictures.trust_badge import Place

Told = Explanation | ImageExplanation


@dataclass(frozen=True, slots=True, eq=False)
class Side:
    """One of two answers: which side it stands on, what was asked, and what came of it.

    `scene` is what was rendered, and `typical` how far the picture lies from the training, where that is known.
    """

    which: str
    version: Version
    asked: Mapping[str, str]
    told: Told
    scene: Scene | None = None
    typical: Typicality | None = None

    @property
    def is_far(self) -> bool:
        """Whether the picture is known to lie far from the training."""
        return self.typical is not None and self.typical.level == "far"


def modality(version: Version) -> Modality:
    """Of a version's model."""
    return catalogue.definition(version.model).spec.modality


def ask(which: str, version: Version, asked: Mapping[str, str]) -> Side:
    """Ask a version what one side of the link asks.

    Raises
    ------
    LinkMistake
        If the link lacks something or asks what cannot be asked.
    """
    kept = st.session_state.setdefault("_compared", {})
    key = (version.reference, version.weights_digest, *sorted(asked.items()))
    if key not in kept:
        told = _of_photo(version, asked) if pin.PHOTO in asked else asked_again.explanation(version, asked)
        if told is None:
            raise LinkMistake(f"The link says of {which.upper()} no method. Pin it again on a what-if page.")
        kept[key] = told
        while len(kept) > maps.MOST_KEPT:
            kept.pop(next(iter(kept)))
    told = kept[key]
    if not isinstance(told, ImageExplanation):
        return Side(which, version, asked, told)
    scene = None if pin.PHOTO in asked else inputs.scene_of_link(asked)
    changed = any(float(asked.get(f.name, f.default)) != f.default for f in PERTURBATIONS)
    typical = distance.of_pixels(version, workspace.load(version), told.picture, scene, changed)
    return Side(which, version, asked, told, scene, typical)


def _of_photo(version: Version, asked: Mapping[str, str]) -> ImageExplanation:
    method = asked.get("explain", "")
    try:
        picture = pin.photo(asked[pin.PHOTO])
        needed = image_method(method).needs_background
        return explain_image(
            workspace.load(version),
            picture,
            method,
            asked.get("target"),
            version=version.reference,
            weights_digest=version.weights_digest,
            background=maps.background(version.model) if needed else None,
        )
    except ValueError as error:
        raise LinkMistake(str(error)) from error


def common_scale(a: Side, b: Side) -> float | None:
    """The scale on which both maps are drawn; None where they are no maps, or of different units."""
    one, other = a.told.attribution, b.told.attribution
    if one.values.ndim != 2 or other.values.ndim != 2 or one.method != other.method:
        return None
    return float(max(np.abs(one.values).max(), np.abs(other.values).max())) or None


def show(side: Side, scale: float | None) -> Place | None:
    """The answer, what it is about, and why; returns where `check` shall say how far the map can be trusted."""
    place = None
    told, spec = side.told, side.told.spec
    top = told.predicted
    st.metric(f"{side.which.upper()}: {spec.classes[top]}", percent(told.probabilities[top]))
    if isinstance(told, ImageExplanation):
        drawn = overlay(told.attribution.values, palette(), scale)
        mapped = typicality_note.faded(blend(told.picture, drawn.rgba), side.typical)
        mixed = np.concatenate([np.rint(255 * told.picture).astype(np.uint8), mapped], 1)
        times = max(1, 288 // mixed.shape[0])
        words = f"The picture that {side.which.upper()} is about, and the map on it."
        st.image(mixed.repeat(times, axis=0).repeat(times, axis=1), alt=words, width="stretch")
        same = "one scale for both" if scale else "a scale of its own"
        signed = image_method(told.attribution.method).signed
        note(f"{maps.legend_words(told, drawn.scale, signed)} · {same}.")
        place = trust_badge.place(st.container(), side.is_far)
        if side.typical is not None:
            typicality_note.say(side.typical)
    for sentence in told.words:
        st.markdown(sentence)
    if pin.PHOTO not in side.asked:
        link(
            what_if_page(spec),
            f"Open {side.which.upper()} in the what-if",
            icon=":material/tune:",
            version=side.version.reference,
            **asked_again.values(spec, side.asked),
        )
    return place


def check(side: Side, place: Place | None) -> None:
    """Say how far a side's map can be trusted; last of all, because it asks the model most often."""
    if place is None or not isinstance(side.told, ImageExplanation):
        return
    model = workspace.load(side.version)
    trust_badge.show(place, trust_report.report(side.version, model, side.scene, side.told, place.badge))
