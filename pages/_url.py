"""Values in a page's URL that name nothing: said in a sentence, where Streamlit drops them in silence."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from data.features import Feature
from governance import registry
from pages._facts import plain


def version_from_url(references: Sequence[str]) -> None:
    """Let ``?version=`` name a version in any way that the command line knows, an alias for instance.

    Call it before the widget with the key ``version`` is made; says in a sentence what names nothing.
    """
    given = st.query_params.get("version")
    if not given or given in references:
        return
    from pages import _workspace

    try:
        found = registry.resolve(_workspace.store(), given).reference
    except registry.UnknownVersion as error:
        _say(f"{error} Shown instead is {references[0]}.")
        return
    if found in references:
        st.session_state["version"] = found
    else:
        _say(f"{found} cannot be asked on this page. Shown instead is {references[0]}.")


def one_of(key: str, options: Sequence[str], what: str) -> None:
    """Say in a sentence if the URL gives a widget a value that it does not have."""
    given = st.query_params.get(key)
    if given and given not in options:
        _say(f"The link speaks of the {what} {given!r}, which is not here. There are: {', '.join(options)}.")


def in_range(feature: Feature) -> None:
    """Say in a sentence if the URL gives a feature's slider a value that it cannot have."""
    given = st.query_params.get(feature.name)
    if not given:
        return
    try:
        fits = feature.low <= float(given) <= feature.high
    except ValueError:
        fits = False
    if not fits:
        span = f"{feature.show(feature.low)} to {feature.show(feature.high)}"
        _say(
            f"The link sets {feature.label} to {given!r}, which is not a number from {span}. It was left out."
        )


def _say(sentence: str) -> None:
    # What a link says is text: as Markdown, it could load a picture from anywhere.
    st.warning(plain(sentence), icon=":material/link_off:")
