"""What matters to a model overall: up to three measures side by side, and what features do together."""

from __future__ import annotations

import streamlit as st

from explain.attributions import tree_shap
from governance import registry
from governance.registry import Version
from models import catalogue
from models.spec import Model, ModelSpec
from pages.assessment import importance_views as views
from pages.assessment import together
from pages.common import first_version, tables, url, workspace
from pages.common.page import cannot_show, fail_clearly, header, link
from pages.common.tables import Rows

SECTIONS = ("Importance", "Interactions")


def main() -> None:
    """Draw the page."""
    references = workspace.references("tabular")
    title, choice = st.columns([3, 1], vertical_alignment="bottom")
    with title:
        header(
            "Global importance",
            "What matters to the model overall? "
            "Not for one input but for all: which features the model leans on, by up to three measures that ask "
            "different questions, and which features act together.",
        )
    models = first_version.of_modality("tabular")
    if first_version.awaited("about", models, references, "No tabular model has a version yet."):
        return
    url.version_from_url(references, "about")
    chosen = choice.selectbox(
        "Model or version",
        references,
        key="about",
        bind="query-params",
        help="A bare name means the champion. Any version can be asked, also an old one.",
    )
    with fail_clearly():
        version = registry.resolve(workspace.store(), chosen)
        spec = catalogue.definition(version.model).spec
        rows = tables.rows(version)
        if rows is None:
            st.info(
                "The rows of this version are gone, or no longer those of its record, so nothing can be asked."
            )
        else:
            _draw(spec, version, workspace.load(version), rows)
    cannot_show(
        "Importance says what the model uses, not what causes the answer in the world, and not what another model, "
        "equally good, would use. Features that say the same share or hide each other's importance. "
        "Shuffling makes rows that could not exist; TreeSHAP and impurity stay with the training rows and say "
        "nothing about being right."
    )


def _draw(spec: ModelSpec, version: Version, model: Model, rows: Rows) -> None:
    sections = SECTIONS if len(spec.features) > 1 else SECTIONS[:1]
    url.one_of("section", sections, "section")
    url.one_of("for", spec.classes, "class")
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        section = st.segmented_control(
            "Show", sections, default=sections[0], key="section", bind="query-params", required=True
        )
        name = st.selectbox(
            "Class",
            spec.classes,
            key="for",
            bind="query-params",
            width=220,
            help="SHAP values and interactions are of one class; permutation and impurity are of the whole model.",
        )
    target, reason = spec.classes.index(name), tree_shap.METHOD.unsupported(spec)
    if section == "Importance":
        views.draw(spec, version, model, rows, target)
    elif reason is not None:
        st.info(reason)
    else:
        together.draw(spec, version, model, rows, target)
    if reason is not None:
        return
    link(
        "second_opinion.py",
        "Does another model say the same?",
        icon=":material/compare_arrows:",
        mine=version.reference,
    )


main()
