"""A second opinion: does another model, or the same training with another seed, say the same?"""

from __future__ import annotations

import numpy as np
import streamlit as st

from explain.attributions import tree_shap
from governance import registry
from governance.registry import Version
from models import catalogue
from models.spec import ModelSpec
from pages.assessment import seeds, versus
from pages.common import first_version, tables, url, workspace
from pages.common.page import cannot_show, fail_clearly, header, note, subtitle
from pages.common.tables import Rows
from pages.rows.why import PREDICTED
from pages.workbench import controls

SECTIONS = ("Another model", "Other seeds")


def main() -> None:
    """Draw the page."""
    references = [ref for ref in workspace.references("tabular") if _reason(ref) is None]
    title, choice = st.columns([3, 1], vertical_alignment="bottom")
    with title:
        header(
            "Model comparison",
            "Does another model say the same? "
            "An explanation describes one model. Here another one answers the same input, and the same training "
            "runs again with other seeds.",
        )
    models = [name for name in first_version.of_modality("tabular") if _reason(name) is None]
    if first_version.awaited("mine", models, references, "No model made of trees has a version yet."):
        return
    url.version_from_url(references, "mine")
    chosen = choice.selectbox("Model or version", references, key="mine", bind="query-params")
    with fail_clearly():
        version = registry.resolve(workspace.store(), chosen)
        spec, rows = catalogue.definition(version.model).spec, tables.rows(version)
        if rows is None:
            st.info(
                "The rows of this version are gone, or no longer those of its record, so nothing can be compared."
            )
        else:
            _draw(spec, version, rows, references)
    cannot_show(
        "Agreement does not make an answer right: models trained on the same rows share their gaps. What was tried "
        "here is a part of all equally good models, so the true range of explanations is at least as wide as shown."
    )


def _draw(spec: ModelSpec, version: Version, rows: Rows, references: list[str]) -> None:
    url.one_of("opinion", SECTIONS, "section")
    url.one_of("class", [PREDICTED, *spec.classes], "class")
    hands, shown = st.columns([1, 3], gap="medium")
    with hands, st.container(border=True):
        subtitle("The input")
        row = controls.row_controls(spec)
        name = st.selectbox("Evidence for", [PREDICTED, *spec.classes], key="class", bind="query-params")
        note(
            f"Attributions are TreeSHAP values for this class. Predicted is what {version.reference} predicts."
        )
    predicted = int(np.argmax(workspace.load(version).predict_proba(row[None])[0]))
    target = predicted if name == PREDICTED else spec.classes.index(name)
    with shown:
        section = st.segmented_control(
            "Ask", SECTIONS, default=SECTIONS[0], key="opinion", bind="query-params", required=True
        )
        if section == SECTIONS[0]:
            rivals = [ref for ref in references if _same_question(spec, ref)]
            versus.draw(spec, version, rows, row, target, rivals)
        else:
            seeds.draw(spec, version, rows, row, target)


def _reason(reference: str) -> str | None:
    return tree_shap.METHOD.unsupported(catalogue.definition(registry.split_reference(reference)[0]).spec)


def _same_question(spec: ModelSpec, reference: str) -> bool:
    other = catalogue.definition(registry.split_reference(reference)[0]).spec
    return (other.classes, other.features) == (spec.classes, spec.features)


main()
