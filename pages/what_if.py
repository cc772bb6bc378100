"""Tabular what-if: change a row, see the answer change, and see why."""

from __future__ import annotations

import numpy as np
import streamlit as st

from governance import registry
from governance.registry import Version
from models import catalogue
from models.spec import Model, ModelSpec
from pages.common import pin, saved, url, workspace
from pages.common.page import cannot_show, fail_clearly, header, link
from pages.rows import answer, controls, nearest, why


def main() -> None:
    """Draw the page."""
    references = workspace.references("tabular")
    if not references:
        header("What if the input were different?", "Move a value, and see what the model answers and why.")
        st.info("No tabular model has a version yet. Train one in the catalogue; it takes seconds.")
        link("catalogue.py", "Open the catalogue", icon=":material/grid_view:")
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
        definition = catalogue.definition(version.model)
        with title:
            header(
                definition.card.what_if,
                f"{definition.card.question} Move a value: {version.reference} answers at once, and says why.",
            )
        _draw(definition.spec, version, workspace.load(version))


def _draw(spec: ModelSpec, version: Version, model: Model) -> None:
    training = workspace.training_rows(version)
    typical = {} if training is None else training.typical
    starts = {spec.classes[index]: values for index, values in typical.items()}
    hands, picture, reason = st.columns([0.95, 1.75, 1.35], gap="medium")
    with hands:
        row = controls.draw(spec, model, starts, training)
    default = np.array([feature.default for feature in spec.features])
    with picture, st.container(border=True):
        answer.answer(spec, model, row, default)
    with reason:
        explanation, flip = why.draw(spec, version, model, row, training)
    with picture, st.container(border=True):
        answer.views(spec, model, row, default, flip, training)
    with st.container(border=True):
        nearest.draw(spec, model, row, training)
    told = {
        "explain": explanation.attribution.method,
        "target": explanation.attribution.target.name(spec),
        **{feature.name: float(value) for feature, value in zip(spec.features, row, strict=True)},
    }
    pin.draw(version.reference, told)
    if "tree" in spec.capabilities:
        values = {f"at.{feature.name}": told[feature.name] for feature in spec.features}
        link(
            "tree_workbench.py",
            "Change the model itself",
            icon=":material/build:",
            base=version.reference,
            **values,
        )
    link(
        "lineage.py",
        "Follow this answer back to its data",
        icon=":material/account_tree:",
        **url.of_answer(version.reference, told),
    )
    saved.draw(explanation)
    cannot_show(
        "What-ifs ask the model, not the world: they say what it would answer, not what would grow. "
        "A combination of values that no real input has still gets an answer. "
        "An attribution describes this one model at this one input; another version may reason otherwise."
    )


main()
