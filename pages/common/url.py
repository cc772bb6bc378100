"""What stands in a page's URL: values that name nothing are said in a sentence, where Streamlit drops them
in silence, and the lineage page has names of its own.

Streamlit also drops a link's parameter if a widget of the page that is left is bound to the same name. What
a link to the lineage page says of an answer therefore stands there as ``of.NAME``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from data.features import Feature
from draw.markdown import plain
from governance import registry

LINEAGE_VERSION = "of"


def of_answer(version: str, asked: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Parameters of a link to the lineage page: of a version, or of an answer of it.

    Parameters
    ----------
    asked : mapping
        ``explain`` (a method), ``target`` (a class) and the input, by the names that the what-if has for it.
    """
    return {LINEAGE_VERSION: version, **{f"of.{name}": value for name, value in (asked or {}).items()}}


def asked(query: Mapping[str, str]) -> dict[str, str]:
    """What a URL of the lineage page says of an answer, by the names that the what-if has for it."""
    return {name.removeprefix("of."): value for name, value in query.items() if name.startswith("of.")}


def version_from_url(references: Sequence[str], key: str = "version") -> None:
    """Let a parameter name a version in any way that the command line knows, an alias for instance.

    Call it before the widget with this key is made; says in a sentence what names nothing.
    """
    given = st.query_params.get(key)
    if not given or given in references:
        return
    from pages.common import workspace

    try:
        found = registry.resolve(workspace.store(), given).reference
    except registry.UnknownVersion as error:
        _say(f"{error} Shown instead is {references[0]}.")
        return
    if found in references:
        st.session_state[key] = found
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
