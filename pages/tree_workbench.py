"""The workbench: change the model itself, by its settings or by hand, and see what that does."""

from __future__ import annotations

import streamlit as st

from explain.overall import trial
from governance import registry
from governance.registry import Version
from models import catalogue
from models.spec import Definition, HasTrees
from pages.common import first_version, sliders, tables, url, workspace
from pages.common.page import cannot_show, fail_clearly, header, subtitle
from pages.common.tables import Rows
from pages.workbench import bench, figures, views
from pages.workbench import keep as keeping


def main() -> None:
    """Draw the page."""
    references = [ref for ref in workspace.references("tabular") if _fits(ref)]
    title, choice = st.columns([3, 1], vertical_alignment="bottom")
    with title:
        header(
            "What if the model were different?",
            "Change how the tree is trained, or move a threshold by hand: answer, drawing and accuracy follow. "
            "Nothing is stored unless you ask for it.",
        )
    models = [name for name in first_version.of_modality("tabular") if _fits(name)]
    if first_version.awaited("base", models, references, "No readable tree has a version yet."):
        return
    url.version_from_url(references, "base")
    chosen = choice.selectbox(
        "Start from",
        references,
        key="base",
        bind="query-params",
        on_change=_start_over,
        help="A stored version. Its settings are where the controls begin, and what everything is compared with.",
    )
    with fail_clearly():
        version = registry.resolve(workspace.store(), chosen)
        rows = tables.rows(version)
        if rows is None:
            st.info(
                "The rows of this version are gone, or no longer those of its record, so nothing can be trained."
            )
            return
        _draw(catalogue.definition(version.model), version, rows)
    cannot_show(
        "A tree that looks better here was chosen by looking, and each look makes its figure a little too good. "
        "A threshold moved by hand says what the model would answer, not that the world has such a limit. "
        "Depth and leaf size change many questions at once; what the drawing shows is one outcome among those "
        "that other rows would have given."
    )


def _draw(definition: Definition, version: Version, rows: Rows) -> None:
    spec, stored = definition.spec, workspace.load(version)
    start = bench.start(definition, version)
    hands, picture, judged = st.columns([1, 1.7, 1.35], gap="medium")
    with hands:
        made = bench.draw(definition, version, rows, start)
    tree = made.tree
    assert isinstance(tree, HasTrees)
    with picture:
        with st.container(border=True):
            views.answer(spec, tree, stored, version.reference, made.row)
        with st.container(border=True):
            views.views(spec, tree, tree.trees[0], made.row, rows)
    with judged:
        with st.container(border=True):
            subtitle("How often it is right")
            first = bench.trial_of_start(definition, version, rows, start)
            tested = version.record.results.metrics.get("test_accuracy")
            figures.accuracies(version.reference, first, made.tried, tree, made.edited, tested, rows)
        with st.container(border=True):
            keeping.keep(definition, version, made.settings, made.seed, made.edited, made.unchanged)
    with st.container(border=True):
        subtitle("What changes")
        figures.changed_rows(spec, version.reference, stored, tree, rows)


def _fits(reference: str) -> bool:
    definition = catalogue.definition(registry.split_reference(reference)[0])
    return "tree" in definition.spec.capabilities and trial.unsupported(definition) is None


def _start_over() -> None:
    """Another version was chosen: the controls begin where it does."""
    with fail_clearly():
        version = registry.resolve(workspace.store(), st.session_state["base"])
        sliders.clear()
        state = bench.start(catalogue.definition(version.model), version)
        st.session_state.update({key: value for key, value in state.items() if not key.startswith("at.")})


main()
