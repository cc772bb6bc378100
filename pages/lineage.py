"""Lineage: from an answer back to the data, step by step."""

from __future__ import annotations

import streamlit as st

from governance import lineage, registry
from pages import _workspace
from pages._kit import chart, fail_clearly, header, palette
from pages._lineage_chart import lineage_chart


def main() -> None:
    header("Where does this answer come from?", "Every step from the data to the answer, each with what was recorded of it.")
    store = _workspace.store()
    with fail_clearly():
        v = registry.resolve(store, "iris_tree@1")
        g = lineage.of(store, v)
        e = chart(lineage_chart(g, "version", palette()), alt="x", key="g", on_select="rerun", selection_mode="picked")
        st.write(e)

main()
