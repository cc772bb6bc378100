"""Image what-if: change a scene by its concepts, or any photo by its pixels, and see answer and reason."""

from __future__ import annotations

import streamlit as st

from ask.codecs.link_codec import to_link
from ask.question import PictureInput
from explain.numbers import percent
from governance import registry
from governance.registry import Version
from models import catalogue, scene_inputs
from models.spec import ModelSpec
from pages.common import first_version, pin, saved, url, workspace
from pages.common.page import cannot_show, fail_clearly, header, link, note
from pages.looks import sections
from pages.pictures import answer, controls, inputs, scene_controls, trust_badge, why


def main() -> None:
    """Draw the page."""
    references = workspace.references("image")
    models = first_version.of_modality("image")
    opening = (
        "What if the picture were different?",
        "Change a picture, and see what the model answers and why.",
    )
    if first_version.awaited("version", models, references, "No image model has a version yet.", opening):
        return
    title, choice = st.columns([3, 1], vertical_alignment="bottom")
    chosen = choice.selectbox(
        "Model or version",
        references,
        key="version",
        bind="query-params",
        help="A bare name means the champion. Any version can be asked, also an old one.",
    )
    with fail_clearly():
        version = registry.resolve(workspace.store(), chosen)
        definition = catalogue.definition(version.model)
        with title:
            header(
                definition.card.what_if,
                f"{definition.card.question} Change the picture: {version.reference} answers, and shows why.",
            )
        _draw(definition.spec, version)


def _draw(spec: ModelSpec, version: Version) -> None:
    if scene_inputs.fits(spec) and st.session_state.get("about", inputs.SCENE) == inputs.SCENE:
        scene_controls.strip()
    hands, picture, reason = st.columns([0.95, 1.6, 1.4], gap="medium")
    with hands:
        chosen, said = controls.draw(spec)
    if chosen is None:
        picture.info("The answer appears here as soon as there is a picture.", icon=":material/image_search:")
        return
    # What can be seen at once stands before the model is loaded: at the first visit that takes longest.
    with picture, st.container(border=True):
        places = answer.pictures(chosen, spec)
    start, now = controls.ask_about(chosen, version)
    with said:
        told = f"Now {spec.classes[now.predicted]}, {percent(now.probabilities[now.predicted])}"
        note(" ".join([*now.unknown, told]))
    answer.answer(places, start, now)
    with reason:
        asked, due = why.draw(now)
    with picture, st.container(border=True):
        answer.curve(asked)
    if due is not None:
        trust_badge.check(due, asked)
    sections.draw(asked)
    is_photo = isinstance(asked.question.input, PictureInput)
    if asked.question.method is not None:
        pin.draw(asked.settled)
    # A photo never leaves the visit, so no link can ask about it again.
    followed = None if is_photo else to_link(asked.settled)
    link(
        "lineage.py",
        f"Follow {'the model' if is_photo else 'this answer'} back to its data",
        icon=":material/account_tree:",
        **url.of_answer(asked.version.reference, followed),
    )
    if asked.question.method is not None:
        saved.draw(asked)
    cannot_show(
        "A map shows where the model's answer hangs on the pixels, by one method's definition; methods "
        "disagree, and none says what the model means. A scene is a drawing: what holds for it need not "
        "hold for photos."
    )


main()
