"""How it works: a guide to every algorithm, method and check, each with a figure to try."""

from __future__ import annotations

import streamlit as st

from data.guides import KINDS, Guide
from explain import guides
from pages.common import url
from pages.common.page import fail_clearly, header
from pages.learn import guide_view

GROUPS = {
    "algorithm": "How a model decides",
    "method": "Why this answer",
    "check": "Can the map be trusted",
    "overview": "The model as a whole",
}


def main() -> None:
    """Draw the page."""
    header(
        "How it works",
        "What each algorithm, method and check does, where it fits and where it does not, with a figure to try.",
    )
    with fail_clearly():
        known = guides.all_guides()
        names = [guide.name for guide in known]
        url.one_of("guide", names, "guide")
        chosen = st.query_params.get("guide", names[0])
        shown = guides.guide(chosen if chosen in names else names[0])
        # Narrow beside the text; on a telephone the names stand in rows above it.
        choice, text = st.columns([1, 3.4], gap="large")
        with choice:
            _choose(known, shown)
        with text, st.container(width=guide_view.MEASURE):
            guide_view.draw(shown)


def _choose(known: tuple[Guide, ...], shown: Guide) -> None:
    for kind in KINDS:
        st.markdown(f"**{GROUPS[kind]}**")
        with st.container(horizontal=True, gap="xsmall"):
            for guide in known:
                if guide.kind == kind:
                    st.button(
                        guide.title,
                        key=f"_guide_{guide.name}",
                        type="primary" if guide is shown else "secondary",
                        on_click=_open,
                        args=(guide.name,),
                    )


def _open(name: str) -> None:
    st.query_params["guide"] = name


main()
