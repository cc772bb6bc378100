"""Values in a page's URL that name nothing: said in a sentence, where Streamlit drops them in silence."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from governance import registry


def version_from_url(references: Sequence[str]) -> None:
    """Let ``?version=`` name a version in any way that the command line knows, an alias for instance.

    Call it before the widget with the key ``version`` is made; says in a sentence what names nothing.
    """
    given = st.query_params.get("version")
    if not given or given in references:
        return
    from pages import _workspace

    try:
        st.session_state["version"] = registry.resolve(_workspace.store(), given).reference
    except registry.UnknownVersion as error:
        st.warning(f"{error} What is shown instead is the first one.", icon=":material/link_off:")


def one_of(key: str, options: Sequence[str], what: str) -> None:
    """Say in a sentence if the URL gives a widget a value that it does not have."""
    given = st.query_params.get(key)
    if given and given not in options:
        st.warning(
            f"The link speaks of the {what} {given!r}, which is not here. There are: {', '.join(options)}.",
            icon=":material/link_off:",
        )
