"""The thresholds of a tree as sliders, which a visitor moves by hand.

What was moved stands in the URL as ``cuts``, with a mark of the tree that it belongs to, because another tree
has other questions.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import streamlit as st

from data import numerals
from draw.markdown import plain
from explain.attributions.decision_path import decision_path
from explain.numbers import plural
from models.spec import Model, ModelSpec, TreeArrays
from pages.common import sliders
from pages.common.page import note

CUTS = "_cuts"
# scikit-learn keeps a limit between two float32 values; a slider that returns to it need not hit each digit.
_SAME = 1e-5


def threshold_controls(model: Model, tree: TreeArrays, row: np.ndarray) -> dict[int, float]:
    """Draw a slider a question; returns the thresholds that were moved, by their node.

    Questions that the row is asked come first, the others are folded away.
    """
    mark = _mark(tree)
    moved = _moved(mark)
    asked = [step.node for step in decision_path(tree, model.spec, row).steps]
    others = [node for node in np.flatnonzero(tree.left >= 0).tolist() if node not in asked]
    if not asked and not others:
        note("This tree asks nothing, so there is no threshold to move.")
    for number, node in enumerate(asked, start=1):
        _threshold(model.spec, tree, node, mark, moved, number)
    if others:
        with st.expander(f"{plural(len(others), 'question')} that this input is not asked"):
            for node in others:
                _threshold(model.spec, tree, node, mark, moved)
    return {node: limit for node, limit in moved.items() if _differs(limit, float(tree.threshold[node]))}


def _threshold(
    spec: ModelSpec,
    tree: TreeArrays,
    node: int,
    mark: str,
    moved: Mapping[int, float],
    number: int | None = None,
) -> None:
    feature = spec.features[int(tree.feature[node])]
    key = f"_cut_{mark}_{node}"
    learned = float(tree.threshold[node])
    st.session_state[key] = min(max(moved.get(node, learned), feature.low), feature.high)
    # The number that the question has in the path beside the tree: two questions can ask the same feature.
    which = "" if number is None else f"{number}. "
    st.slider(
        f"{which}{feature.label} ≤ … {feature.unit}".rstrip(),
        feature.low,
        feature.high,
        step=feature.step / 2,
        format=f"%.{feature.decimals + 1}f",
        key=key,
        on_change=_cut,
        args=(mark, node, key),
        help=f"Question {node} of the tree. The training chose {learned:.{feature.decimals + 2}f}.",
    )


def put_in_url(moved: Mapping[int, float], tree: TreeArrays) -> dict[str, Any]:
    """Write the moved thresholds into the URL; returns what undo has to keep of them."""
    text = ",".join(f"{node}={limit:.6g}" for node, limit in sorted(moved.items()))
    wanted = f"{_mark(tree)}:{text}" if text else None
    if wanted is not None and st.query_params.get("cuts") != wanted:
        st.query_params["cuts"] = wanted
    elif wanted is None and "cuts" in st.query_params:
        del st.query_params["cuts"]
    return dict(st.session_state.get(CUTS, {}))


def _cut(mark: str, node: int, key: str) -> None:
    sliders.remember()
    st.session_state[CUTS] = {"tree": mark, **_limits(mark), str(node): st.session_state[key]}


def _limits(mark: str) -> dict[str, float]:
    kept = st.session_state.get(CUTS, {})
    return {name: value for name, value in kept.items() if name != "tree"} if kept.get("tree") == mark else {}


def _moved(mark: str) -> dict[int, float]:
    if CUTS not in st.session_state:
        st.session_state[CUTS] = _of_link(st.query_params.get("cuts", ""), mark)
    return {int(node): float(limit) for node, limit in _limits(mark).items()}


def _of_link(text: str, mark: str) -> dict[str, Any]:
    if not text:
        return {}
    tree, _, pairs = text.partition(":")
    try:
        limits = {
            str(numerals.whole(pair.partition("=")[0])): numerals.number(pair.partition("=")[2])
            for pair in pairs.split(",")
        }
    except ValueError:
        limits = {}
    if tree != mark or not limits or not all(map(np.isfinite, limits.values())):
        sentence = f"The link moves thresholds of another tree ({text}). They were left out."
        st.warning(plain(sentence), icon=":material/link_off:")
        return {}
    return {"tree": mark, **limits}


def _mark(tree: TreeArrays) -> str:
    """Names a tree by its questions."""
    parts: Sequence[np.ndarray] = (tree.feature, np.round(tree.threshold, 6))
    return hashlib.sha256(b"".join(part.tobytes() for part in parts)).hexdigest()[:8]


def _differs(one: float, other: float) -> bool:
    return abs(one - other) > _SAME * max(1.0, abs(other))
