"""What stands in a page's URL: values that name nothing are said in a sentence, where Streamlit drops them
in silence, and the lineage page has names of its own.

Streamlit also drops a link's parameter if a widget of the page that is left is bound to the same name. What
a link to the lineage page says of an answer therefore stands there as ``of.NAME``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from ask.codecs.link_codec import INPUT, RESERVED
from data import numerals
from data.features import Feature
from draw.markdown import plain
from governance import registry

LINEAGE_VERSION = "of"


def of_answer(version: str, asked: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Parameters of a link to the lineage page: of a version, or of an answer of it.

    Parameters
    ----------
    asked : mapping
        A question as `ask.codecs.link_codec.to_link` says it.
    """
    said = {f"of.{name}": value for name, value in (asked or {}).items() if name != "version"}
    return {LINEAGE_VERSION: version, **said}


def asked(query: Mapping[str, str]) -> dict[str, str]:
    """What a URL of the lineage page says of an answer, for `ask.codecs.link_codec.from_link`."""
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


def renamed(key: str, names: Mapping[str, Any]) -> None:
    """Take over a choice by a name that it had in addresses before; call it before the widget is made.

    Parameters
    ----------
    names : mapping
        From what stood in addresses to the option that it means now.
    """
    given = st.query_params.get(key)
    if given is not None and given in names and key not in st.session_state:
        st.session_state[key] = names[given]


def adopt_bare(feature: Feature) -> None:
    """Take over an input's value from an address of before inputs had a prefix; call it before the slider is made."""
    given = None if feature.name in RESERVED else st.query_params.get(feature.name)
    if given is None:
        return
    key = f"{INPUT}{feature.name}"
    if key not in st.query_params:
        if _fits(feature, given):
            st.session_state[key] = type(feature.step)(numerals.number(given))
        else:
            _say_out_of_range(feature, given)
    # Left in the address, it would come back whenever the slider is at rest.
    del st.query_params[feature.name]


def in_range(feature: Feature) -> None:
    """Say in a sentence if the URL gives a feature's slider a value that it cannot have."""
    given = st.query_params.get(f"{INPUT}{feature.name}")
    if given and not _fits(feature, given):
        _say_out_of_range(feature, given)


def _fits(feature: Feature, given: str) -> bool:
    try:
        return feature.low <= numerals.number(given) <= feature.high
    except ValueError:
        return False


def _say_out_of_range(feature: Feature, given: str) -> None:
    span = f"{feature.show(feature.low)} to {feature.show(feature.high)}"
    _say(f"The link sets {feature.label} to {given!r}, which is not a number from {span}. It was left out.")


def _say(sentence: str) -> None:
    # What a link says is text: as Markdown, it could load a picture from anywhere.
    st.warning(plain(sentence), icon=":material/link_off:")
