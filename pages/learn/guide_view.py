"""One guide on the page: figure first, then the text, and what to read and try next."""

from __future__ import annotations

import streamlit as st

from data.guides import Guide, Reference
from draw.markdown import plain
from pages.common.page import cannot_show, fail_clearly, link
from pages.learn.figures import FIGURES

# Pixels: about 75 letters a line.
MEASURE = 720
PAGES = {"what-if": "what_if.py", "image-what-if": "image_what_if.py"}


def draw(guide: Guide) -> None:
    """Draw a guide."""
    st.header(guide.title, anchor=False)
    st.markdown(guide.summary)
    with st.container(border=True), fail_clearly():
        FIGURES[guide.figure]()
    link(PAGES[guide.example.page], "Try it in the what-if", ":material/tune:", **guide.example.params)
    st.markdown(guide.parts["In plain words"])
    _fits(guide)
    for part in ("Assumptions", "Where it fails", "For practitioners"):
        st.markdown(f"### {part}\n\n{guide.parts[part]}")
    st.markdown("### References\n\n" + "\n".join(f"- {_cited(one)}" for one in guide.references))
    cannot_show(guide.cannot_show)


def _fits(guide: Guide) -> None:
    columns = st.columns(2, gap="medium")
    texts = (
        (":material/check_circle: Where it fits", guide.fits),
        (":material/do_not_disturb_on: Where it does not", guide.does_not_fit),
    )
    for column, (title, sentences) in zip(columns, texts, strict=True):
        with column:
            st.markdown(f"### {title}\n\n" + "\n".join(f"- {one}" for one in sentences))


def _cited(one: Reference) -> str:
    known = f", {plain(one.identifier)}" if one.identifier else ""
    return f"{plain(one.authors)}: *{plain(one.title)}*. {plain(one.venue)}, {one.year}{known}"
