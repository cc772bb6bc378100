"""What the pages share: opening and closing a page, charts, links, and errors in words.

What is worth knowing of ``bind="query-params"``, which keeps a widget's value in the URL:

- The key is the name in the URL; dots are fine. A value equal to the default is left out.
- A value that does not fit (no number, outside the range, unknown option, given twice) is dropped and
  the default holds. A value between two steps of a slider is kept as it is.
- Options stand in the URL as ``format_func`` writes them: a link must name the label, not the value.
- To set a bound widget, write ``st.session_state[key]`` in a callback; ``st.query_params`` may not.
- A segmented control can be emptied by a second click unless it has ``required=True``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import streamlit as st

from data.failures import CrumbtrailError
from draw.markdown import plain
from draw.palette import DARK, LIGHT, Palette
from models.spec import ModelSpec

ASSETS = Path(__file__).parent.parent / "assets"


def palette() -> Palette:
    """Colours for charts in the look that the visitor has chosen."""
    return DARK if st.context.theme.type == "dark" else LIGHT


def follow_theme() -> None:
    """Draw the page again when the visitor switches between light and dark: charts carry their colours."""
    watch = st.components.v2.component(
        "crumbtrail_follow_theme", js=(ASSETS / "follow_theme.js").read_text("utf-8"), html="<span></span>"
    )
    watch(
        key="_theme",
        data={"drawn_for": st.context.theme.type or "light"},
        height=1,
        on_theme_change=lambda: None,
    )


def header(title: str, sentence: str) -> None:
    """Open a page: the question as its title, and one sentence that says what it answers."""
    st.title(title, anchor=False)
    note(sentence)


def subtitle(title: str) -> None:
    """A title below those that `st.header` gives to the parts of a page; a heading, so that people can jump to it."""
    st.subheader(title, anchor=False)


def note(sentence: str, more: str | None = None) -> None:
    """A sentence that is read second, and `more` about it where somebody asks for help.

    `st.caption` would fade the text colour below legible contrast.
    """
    st.markdown(f":gray[{sentence.replace('[', chr(92) + '[').replace(']', chr(92) + ']')}]", help=more)


def cannot_show(text: str) -> None:
    """Close a page with what its method cannot show."""
    with st.container(border=True):
        st.markdown("**What this cannot show.** " + text)


def chart(spec: Mapping[str, Any], alt: str, **settings: Any) -> Any:
    """Show a Vega-Lite specification that brings its own colours.

    Parameters
    ----------
    spec : mapping
        A specification with its data.
    alt : str
        What the chart shows, as a finding, for people who cannot see it.
    **settings
        For `st.vega_lite_chart`: ``key``, ``on_select``, ``height``.
    """
    # Streamlit puts `alt` in the place of a description, and writes a stack trace to the log if there is one.
    drawn = {name: value for name, value in spec.items() if name != "description"}
    return st.vega_lite_chart(drawn, theme=None, width="stretch", alt=alt, **settings)


@contextmanager
def fail_clearly() -> Iterator[None]:
    """Show an error that is meant for people as its sentence; any other goes on to the log."""
    try:
        yield
    except CrumbtrailError as error:
        # Errors repeat what a link said: as Markdown, that could load a picture from anywhere.
        st.error(plain(str(error)), icon=":material/error:")


def link(page: str, label: str, icon: str | None = None, **params: Any) -> None:
    """A link to another page, prepared by what its URL says.

    Parameters
    ----------
    page : str
        Its file, for example ``"lineage.py"``.
    **params
        Values of the page's bound widgets, by their keys; None is left out.
    """
    query = {name: str(value) for name, value in params.items() if value is not None}
    st.page_link(page, label=label, icon=icon, query_params=query, width="stretch")


def what_if_page(spec: ModelSpec) -> str:
    """The page on which a model can be asked, by its modality."""
    return {"tabular": "what_if.py", "image": "image_what_if.py"}[spec.modality]
