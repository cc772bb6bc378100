"""Two versions or models on the same input: answers, attributions on one scale, and where they part."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import streamlit as st

from draw.charts.versus import versus_chart
from explain import methods
from explain.numbers import percent
from explain.overall.disagreement import disagreement, farthest, finding, on_one_input
from explain.targets import ClassTarget
from governance import registry
from governance.registry import Version
from models.spec import Model, ModelSpec
from pages.common import url, workspace
from pages.common.page import chart, note, palette, subtitle
from pages.common.tables import Rows
from pages.workbench.figures import table_of


def draw(
    spec: ModelSpec, version: Version, rows: Rows, row: np.ndarray, target: int, rivals: Sequence[str]
) -> None:
    """Choose the other one, and show both."""
    others = [
        ref for ref in rivals if registry.resolve(workspace.store(), ref).record_id != version.record_id
    ]
    if not others:
        st.info("There is no other version that answers the same question. Train one in the catalogue.")
        return
    url.version_from_url(others, "against")
    # Another model first: two versions of one model are often alike.
    start = next((i for i, ref in enumerate(others) if registry.split_reference(ref)[0] != version.model), 0)
    chosen = st.selectbox(
        "Second opinion of", others, index=start, key="against", bind="query-params", width=320
    )
    rival = registry.resolve(workspace.store(), chosen)
    names = (version.reference, rival.reference)
    models = (workspace.load(version), workspace.load(rival))
    _answers(spec, names, models, row)
    with st.container(border=True):
        method = methods.method("tree_shap")
        first, second = (method.attribute(model, row, ClassTarget(target)) for model in models)
        subtitle(f"Why {spec.classes[target]}, or why not")
        drawn = versus_chart(spec, row, (first, second), names, palette())
        chart(drawn, drawn["description"], key="versus")
        note(
            f"Filled: {names[0]}, which starts from {percent(first.base_value)}. Hollow: {names[1]}, which starts "
            f"from {percent(second.base_value)}. Orange speaks for the class, blue against it, in points."
        )
    with st.container(border=True):
        subtitle("On the test rows")
        _test_rows(spec, version, rival, models, names, rows)


def _answers(spec: ModelSpec, names: Sequence[str], models: Sequence[Model], row: np.ndarray) -> None:
    tops = []
    for column, name, model in zip(st.columns(2), names, models, strict=True):
        shares = model.predict_proba(row[None])[0]
        top = int(np.argmax(shares))
        tops.append(top)
        with column, st.container(border=True):
            st.metric(f"{name} says", f"{spec.classes[top]}, {percent(float(shares[top]))}")
    said = on_one_input(*(spec.classes[top] for top in tops))
    st.markdown(said if tops[0] == tops[1] else f":material/warning: **{said}**")


def _test_rows(
    spec: ModelSpec,
    version: Version,
    rival: Version,
    models: tuple[Model, Model],
    names: tuple[str, str],
    rows: Rows,
) -> None:
    mine, other = version.record.data, rival.record.data
    if (mine.fingerprint, mine.test_digest) != (other.fingerprint, other.test_digest):
        st.info("They kept other rows back, so no row is new to both, and a comparison would not be fair.")
        return
    x, y = rows.held_out
    found = disagreement(*models, x, y)
    headline, rest = finding(found, names)
    st.markdown(f"**{headline}** {rest}")
    ids = [rows.ids[i] for i in rows.test]
    if len(found.rows):
        table_of(spec, x, y, [ids[i] for i in found.rows], found, names)
    note(farthest(found, ids))
