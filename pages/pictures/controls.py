"""The left column of an image what-if: a scene or a photo, a slider a concept, and changes of the pixels."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from ask.asking import instead
from ask.picture_answer import PictureAnswer
from ask.question import Question
from data import photos
from draw.markdown import plain
from explain.concepts.perturbations import PERTURBATIONS
from governance.registry import Version
from models import scene_inputs
from models.spec import ModelSpec
from pages.common import sliders
from pages.common.page import note
from pages.common.visit import ask
from pages.pictures import inputs, scene_controls
from pages.pictures.inputs import PHOTO, SCENE, Chosen

TYPES = ["jpg", "jpeg", "png", "webp"]


def draw(spec: ModelSpec) -> tuple[Chosen | None, DeltaGenerator]:
    """Draw the column; returns what was chosen, None while no picture is, and a place above the sliders.

    The answer stands there in a line: on a telephone the next column lies below the screen.
    """
    modes = [SCENE, PHOTO] if scene_inputs.fits(spec) else [PHOTO]
    with st.container(border=True):
        mode = st.segmented_control(
            "Ask about", modes, default=modes[0], key="about", bind="query-params", required=True
        )
        place = st.container()
        chosen = _scene() if mode == SCENE else _photo(spec)
    return chosen, place


def ask_about(chosen: Chosen, version: Version) -> tuple[PictureAnswer, PictureAnswer]:
    """The answers to what was chosen, before and after its changes."""
    start = ask(Question(version.reference, chosen.start), version)
    now = instead(start, input=chosen.now)
    assert isinstance(start, PictureAnswer) and isinstance(now, PictureAnswer)
    return start, now


def _scene() -> Chosen:
    start, changed = scene_controls.choose()
    pixels = _perturbations()
    _finish(dict(start.concepts), {**dict(changed.concepts), **pixels})
    return inputs.of_scene(start, changed, pixels)


def _photo(spec: ModelSpec) -> Chosen | None:
    uploaded = st.file_uploader(
        "A photo",
        type=TYPES,
        key="_photo",
        help="It stays in this visit and on this machine: nobody else sees it, and it is stored nowhere.",
    )
    pixels = _perturbations()
    _finish({}, pixels)
    if uploaded is None:
        note("Choose a JPEG, PNG or WebP file. The middle square of it is what the model sees.")
        return None
    try:
        return inputs.of_photo(spec, uploaded.getvalue(), uploaded.name, pixels)
    except photos.PhotoError as error:
        st.error(plain(f"{error} Choose another file."), icon=":material/broken_image:")
        return None


def _perturbations() -> dict[str, float]:
    """Draw the pixels' sliders; the values that are not at their defaults."""
    with st.expander("Change the pixels", icon=":material/blur_on:"):
        values = {f.name: sliders.slider(f, f.default) for f in PERTURBATIONS}
    return {f.name: values[f.name] for f in PERTURBATIONS if values[f.name] != f.default}


def _finish(start: Mapping[str, float], held: Mapping[str, float]) -> None:
    defaults = {f.name: f.default for f in PERTURBATIONS}
    sliders.buttons(sliders.keyed({**defaults, **start}))
    sliders.hold(sliders.keyed({**defaults, **held}))
