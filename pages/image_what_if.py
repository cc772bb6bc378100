"""Image what-if: change a scene by its concepts, or any photo by its pixels, and see answer and reason."""

from __future__ import annotations

import streamlit as st

from governance import registry
from governance.registry import Version
from models import catalogue, scene_inputs
from models.spec import Model, ModelSpec
from pages.common import pin, saved, url, workspace
from pages.common.page import cannot_show, fail_clearly, header, link
from pages.pictures import answer, controls, inputs, scene_controls, trust_report, why
from pages.pictures.shown import Shown
from pages.questions import sections


def main() -> None:
    """Draw the page."""
    references = workspace.references("image")
    if not references:
        header(
            "What if the picture were different?", "Change a picture, and see what the model answers and why."
        )
        st.info("No image model has a version yet. Train one in the catalogue.")
        link("catalogue.py", "Open the catalogue", icon=":material/grid_view:")
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
        _draw(definition.spec, version, workspace.load(version))


def _draw(spec: ModelSpec, version: Version, model: Model) -> None:
    if scene_inputs.fits(spec) and st.session_state.get("about", inputs.SCENE) == inputs.SCENE:
        scene_controls.strip()
    hands, picture, reason = st.columns([0.95, 1.6, 1.4], gap="medium")
    with hands:
        asked = controls.draw(spec, model)
    if asked is None:
        picture.info("The answer appears here as soon as there is a picture.", icon=":material/image_search:")
        return
    with picture, st.container(border=True):
        answer.answer(spec, model, asked)
    with reason:
        explanation, trust = why.draw(spec, version, model, asked)
    with picture, st.container(border=True):
        answer.curve(spec, model, asked.concepts)
    if trust is not None:
        why.check(trust, version, model, asked, explanation)
    sections.draw(Shown(spec, version, model, asked, explanation))
    told = {
        "explain": explanation.attribution.method,
        "target": explanation.attribution.target.name(spec),
    }
    where = asked.link or {pin.PHOTO: pin.keep_photo(asked.now)}
    pin.draw(version.reference, {**told, **where})
    # A photo never leaves the visit, so no link can ask about it again.
    followed = {**told, **asked.link} if asked.link else None
    link(
        "lineage.py",
        f"Follow {'this answer' if asked.link else 'the model'} back to its data",
        icon=":material/account_tree:",
        **url.of_answer(version.reference, followed),
    )
    saved.draw(explanation, trust_report.kept(version, model, asked.scene, explanation), asked.pixels)
    cannot_show(
        "A map shows where the model's answer hangs on the pixels, by one method's definition; methods "
        "disagree, and none says what the model means. A scene is a drawing: what holds for it need not "
        "hold for photos."
    )


main()
