"""Closer looks at an image what-if: one at a time, so that only what is asked for is computed."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from pages import (
    _section_concepts,
    _section_examples,
    _section_methods,
    _section_nudge,
    _section_parts,
    _section_regions,
    _section_temperature,
    _section_training,
    _section_trust,
)
from pages._kit import note
from pages._shown import Shown

SECTIONS: dict[str, Callable[[Shown], None]] = {
    "Can I trust this map?": _section_trust.draw,
    "What the parts really do": _section_parts.draw,
    "All methods": _section_methods.draw,
    "Concepts": _section_concepts.draw,
    "Nearest examples": _section_examples.draw,
    "Cover regions": _section_regions.draw,
    "How sure is it?": _section_temperature.draw,
    "How it learned this": _section_training.draw,
    "How thin is the answer?": _section_nudge.draw,
}


def draw(shown: Shown) -> None:
    """Draw the choice, and the section that was chosen; none at first."""
    st.subheader("Look closer", anchor=False)
    note("Choose a question about this answer. It opens below, and is computed only then.")
    chosen = st.pills(
        "Look closer", list(SECTIONS), key="look", bind="query-params", label_visibility="collapsed"
    )
    if chosen is not None:
        with st.container(border=True):
            SECTIONS[chosen](shown)
