"""One side of a comparison, and what differs between two."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import streamlit as st

from ask.answer import Answer
from ask.codecs.link_codec import LinkMistake, from_link, input_link
from ask.picture_answer import PictureAnswer
from ask.question import PictureInput
from draw.overlay import blend, overlay
from explain.numbers import percent
from governance.registry import Version
from models import catalogue
from models.spec import Modality
from pages.common import pin, saved, typicality_note
from pages.common.page import link, note, palette, what_if_page
from pages.common.visit import ask as ask_version
from pages.pictures import maps, trust_badge
from pages.pictures.trust_badge import Place


@dataclass(frozen=True, slots=True, eq=False)
class Side:
    """One of two answers: which side it stands on, and what was answered."""

    which: str
    answer: Answer


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
    spec = catalogue.definition(version.model).spec
    question = replace(from_link(asked, spec, pin.photo), version=version.reference)
    if question.method is None or question.input is None:
        raise LinkMistake(
            f"The link says of {which.upper()} no method or no input. Pin it again on a what-if page."
        )
    try:
        found = ask_version(question)
        # Whatever cannot be asked is said here, and not where it is drawn.
        _ = found.attribution, found.words
    except ValueError as error:
        raise LinkMistake(str(error)) from error
    return Side(which, found)


def common_scale(a: Side, b: Side) -> float | None:
    """The scale on which both maps are drawn; None where they are no maps, or of different units."""
    one, other = a.answer.attribution, b.answer.attribution
    if one.values.ndim != 2 or other.values.ndim != 2 or one.method != other.method:
        return None
    return float(max(np.abs(one.values).max(), np.abs(other.values).max())) or None


def show(side: Side, scale: float | None) -> Place | None:
    """The answer, what it is about, and why; returns where `check` shall say how far the map can be trusted."""
    place = None
    asked, spec = side.answer, side.answer.spec
    top = asked.predicted
    st.metric(f"{side.which.upper()}: {spec.classes[top]}", percent(asked.probabilities[top]))
    if isinstance(asked, PictureAnswer):
        place = _picture(side.which, asked, scale)
    if asked.typicality is not None:
        typicality_note.say(asked.typicality)
    for sentence in asked.words:
        st.markdown(sentence)
    given = asked.question.input
    if given is not None and not isinstance(given, PictureInput):
        link(
            what_if_page(spec),
            f"Open {side.which.upper()} in the what-if",
            icon=":material/tune:",
            version=asked.version.reference,
            **input_link(given),
        )
    saved.draw(asked, side.which)
    return place


def _picture(which: str, asked: PictureAnswer, scale: float | None) -> Place:
    drawn = overlay(asked.attribution.values, palette(), scale)
    mapped = typicality_note.faded(blend(asked.input, drawn.rgba), asked.typicality)
    mixed = np.concatenate([np.rint(255 * asked.input).astype(np.uint8), mapped], 1)
    words = f"The picture that {which.upper()} is about, and the map on it."
    st.image(maps.enlarged(mixed, 288), alt=words, width="stretch")
    same = "one scale for both" if scale else "a scale of its own"
    note(f"{maps.legend_words(asked, drawn.scale)} · {same}.")
    return trust_badge.place(st.container(), asked.is_far)


def check(side: Side, place: Place | None) -> None:
    """Say how far a side's map can be trusted; last of all, because it asks the model most often."""
    if place is not None and isinstance(side.answer, PictureAnswer):
        trust_badge.check(place, side.answer)
