"""How good a tree on the workbench is, beside the stored version, and which rows it answers otherwise.

While somebody turns knobs, only training rows are asked. The test rows stay shut until somebody opens
them, and how often that was done is counted on the page: the best of many looks is luck in part.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import streamlit as st

from draw.charts.accuracies import Measured, accuracy_chart
from explain.numbers import plural
from explain.overall.disagreement import Disagreement, disagreement
from explain.overall.trial import Trial
from models import evaluation
from models.spec import Model, ModelSpec
from pages.common.page import chart, note, palette
from pages.common.tables import Rows

_LOOKED = "_looked_at_test"


def accuracies(
    reference: str,
    stored: Trial,
    tried: Trial,
    tree: Model,
    edited: bool,
    tested: Mapping[str, Any] | None,
    rows: Rows,
) -> None:
    """Accuracy of the tree and of the stored version, each on its scale line.

    Parameters
    ----------
    stored, tried : Trial
        The stored version's training done again, and the one on the workbench.
    tree : Model
        What is shown: the tried one, with thresholds moved by hand if `edited`.
    tested : mapping
        The stored version's accuracy on the test rows, from its record, where that says it.
    """
    here = evaluation.accuracy_on(tree.predict_proba(rows.training[0]), rows.training[1])
    lines = [
        _measured("Training rows, this tree", here, stored=False),
        _measured(f"Training rows, {reference}", stored.training, stored=True),
    ]
    if not edited:
        lines.append(_measured("Cross-validation, this tree", tried.cross_validation, stored=False))
    lines.append(_measured(f"Cross-validation, as {reference}", stored.cross_validation, stored=True))
    if tested is not None:
        lines.append(_measured(f"Test rows, {reference}", tested, stored=True))
    looked = _look(tree, rows)
    if looked is not None:
        lines.append(_measured("Test rows, this tree", looked, stored=False))
    drawn = accuracy_chart(lines, palette())
    chart(drawn, drawn["description"], key="workbench_accuracies")
    note(
        "Lines are 95\u00a0% intervals. On training rows a tree looks better than it is: it has learned them. "
        "Cross-validation leaves rows out in turn, inside the training rows."
        + (
            " A tree that was edited by hand has none: no training made it that could be repeated."
            if edited
            else ""
        )
    )
    _offer(tree, looked is not None)


def _measured(name: str, accuracy: Mapping[str, Any], stored: bool) -> Measured:
    low, high = accuracy["interval"]
    return Measured(name, accuracy["value"], low, high, stored)


def _key(tree: Any) -> bytes:
    (arrays,) = tree.trees
    return bytes(arrays.feature.tobytes() + arrays.threshold.tobytes() + arrays.value.tobytes())


def _look(tree: Model, rows: Rows) -> dict[str, Any] | None:
    if _key(tree) not in st.session_state.get(_LOOKED, set()):
        return None
    x, y = rows.held_out
    return evaluation.accuracy_on(tree.predict_proba(x), y)


def _offer(tree: Model, shown: bool) -> None:
    looks = len(st.session_state.get(_LOOKED, set()))
    if not shown:
        st.button(
            "Look at the test rows",
            icon=":material/visibility:",
            on_click=_open,
            args=(_key(tree),),
            help="Shows this tree's accuracy on the rows that were kept back. The look is counted.",
        )
    if looks:
        note(
            f"Test rows opened for {plural(looks, 'tree')} in this visit. Whoever picks the best of "
            f"{max(looks, 2)} chooses by the test rows, which then no longer judge the choice."
        )


def _open(key: bytes) -> None:
    st.session_state[_LOOKED] = {*st.session_state.get(_LOOKED, set()), key}


def changed_rows(spec: ModelSpec, reference: str, stored: Model, tree: Model, rows: Rows) -> None:
    """The training rows that get another answer than from the stored version."""
    x, y = rows.training
    found = disagreement(stored, tree, x, y)
    if not len(found.rows):
        st.markdown(f"All {plural(found.n_rows, 'training row')} get the same answer as from {reference}.")
        return
    better, worse = found.only_second, found.only_first
    st.markdown(
        f"**{len(found.rows)} of {plural(found.n_rows, 'training row')}** get another answer than from "
        f"{reference}: {better} newly right, {worse} newly wrong, {len(found.rows) - better - worse} wrong both times."
    )
    ids = [rows.ids[position] for position in rows.train[found.rows]]
    table_of(spec, x, y, ids, found, (reference, "this tree"))


def table_of(
    spec: ModelSpec,
    x: np.ndarray,
    y: np.ndarray,
    ids: list[str],
    found: Disagreement,
    names: tuple[str, str],
) -> None:
    """Rows with different answers, as a table: name, truth, both answers, values."""
    lines = [
        {
            "Row": name,
            "Truth": spec.classes[int(y[row])],
            names[0]: spec.classes[int(found.first[row])],
            names[1]: spec.classes[int(found.second[row])],
            **{
                f"{f.label} ({f.unit})" if f.unit else f.label: float(value)
                for f, value in zip(spec.features, x[row], strict=True)
            },
        }
        for name, row in zip(ids, found.rows.tolist(), strict=True)
    ]
    st.dataframe(lines, hide_index=True, height=min(320, 38 + 35 * len(lines)))
