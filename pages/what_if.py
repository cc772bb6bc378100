"""Tabular what-if: change a row, see the answer change, and see why."""

from __future__ import annotations

import streamlit as st

from ask.codecs.link_codec import input_link, to_link
from governance import registry
from governance.registry import Version
from models import catalogue
from pages.common import first_version, pin, saved, url, workspace
from pages.common.page import cannot_show, fail_clearly, header, link
from pages.rows import answer, controls, nearest, why


def main() -> None:
    """Draw the page."""
    references = workspace.references("tabular")
    models = first_version.of_modality("tabular")
    opening = "What if the input were different?", "Move a value, and see what the model answers and why."
    if first_version.awaited("version", models, references, "No tabular model has a version yet.", opening):
        return
    url.version_from_url(references)
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
        card = catalogue.definition(version.model).card
        with title:
            header(
                card.what_if,
                f"{card.question} Move a value: {version.reference} answers at once, and says why.",
            )
        _draw(version)


def _draw(version: Version) -> None:
    hands, picture, reason = st.columns([0.95, 1.75, 1.35], gap="medium")
    with hands:
        start, asked = controls.draw(version)
    with picture, st.container(border=True):
        answer.answer(start, asked)
    with reason:
        asked = why.draw(asked)
    with picture, st.container(border=True):
        answer.views(start, asked)
    with st.container(border=True):
        nearest.draw(asked)
    if asked.question.method is not None:
        pin.draw(asked.settled)
    if "tree" in asked.spec.capabilities:
        assert asked.question.input is not None
        values = {name.replace("in.", "at.", 1): v for name, v in input_link(asked.question.input).items()}
        link(
            "tree_workbench.py",
            "Change the model itself",
            icon=":material/build:",
            base=asked.version.reference,
            **values,
        )
    link(
        "lineage.py",
        "Follow this answer back to its data",
        icon=":material/account_tree:",
        **url.of_answer(asked.version.reference, to_link(asked.settled)),
    )
    if asked.question.method is not None:
        saved.draw(asked)
    cannot_show(
        "What-ifs ask the model, not the world: they say what it would answer, not what would grow. "
        "A combination of values that no real input has still gets an answer. "
        "An attribution describes this one model at this one input; another version may reason otherwise."
    )


main()
