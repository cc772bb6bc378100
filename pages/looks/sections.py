"""Closer looks at an image what-if: one at a time, so that only what is asked for is computed."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from pages.common.page import note
from pages.looks import (
    adversarial,
    concepts,
    examples,
    methods,
    parts,
    regions,
    temperature,
    training,
    trust,
)
from pages.pictures.shown import Shown

SECTIONS: dict[str, Callable[[Shown], None]] = {
    "Can I trust this map?": trust.draw,
    "What the parts really do": parts.draw,
    "All methods": methods.draw,
    "Concepts": concepts.draw,
    "Nearest examples": examples.draw,
    "Cover regions": regions.draw,
    "How sure is it?": temperature.draw,
    "How it learned this": training.draw,
    "How thin is the answer?": adversarial.draw,
}


def draw(shown: Shown) -> None:
    """Draw the choice, and the section that was chosen; none at first."""
    st.header("Look closer", anchor=False)
    note("Choose a question about this answer. It opens below, and is computed only then.")
    chosen = st.pills(
        "Look closer", list(SECTIONS), key="look", bind="query-params", label_visibility="collapsed"
    )
    if chosen is not None:
        with st.container(border=True):
            SECTIONS[chosen](shown)
