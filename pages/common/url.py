"""What stands in a page's URL: values that name nothing are said in a sentence, where Streamlit drops them
in silence, and the lineage page has names of its own.

`heard` wraps a page. What a page knows about its own names (`one_of`, `in_range`, `version_from_url`) it says in its
own words; of every other widget `heard` compares what the address gave with what the widget made of it. All of it
stands at the head of the page, until the visitor changes what it is about.

Streamlit also drops a link's parameter if a widget of the page that is left is bound to the same name. What
a link to the lineage page says of an answer therefore stands there as ``of.NAME``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from ask.codecs.link_codec import INPUT, RESERVED
from data import numerals
from data.features import Feature
from draw.markdown import plain
from governance import registry

LINEAGE_VERSION = "of"
_HEARD = "_heard"


@dataclass(slots=True)
class _Heard:
    """What became of a page's address in this visit.

    Attributes
    ----------
    page : str
    judged : set of str
        Names of widgets that have taken their value from the address: later, the address follows them.
    faults : dict
        From a name to what is said of it, and what stood there then.
    """

    page: str
    judged: set[str] = field(default_factory=set)
    faults: dict[str, tuple[str, Any]] = field(default_factory=dict)


@contextmanager
def heard(page: str) -> Iterator[None]:
    """Say at the head of a page what its address asked for and did not get.

    Parameters
    ----------
    page : str
        Its path; another page begins anew.
    """
    place = st.container()
    known = st.session_state.get(_HEARD)
    if known is None or known.page != page:
        known = st.session_state[_HEARD] = _Heard(page)
    given = {name: st.query_params.get_all(name) for name in st.query_params}
    earlier = set(known.faults)
    try:
        yield
    finally:
        # Also where the page asks for another run: by then Streamlit has dropped what it did not understand.
        _judge(known, given)
        for name in [n for n in earlier if known.faults[n][1] != _now(n)]:
            del known.faults[name]
        for sentence, _ in known.faults.values():
            # What a link says is text: as Markdown, it could load a picture from anywhere.
            place.warning(plain(sentence), icon=":material/link_off:")


def _judge(known: _Heard, given: Mapping[str, Sequence[str]]) -> None:
    context = get_script_run_ctx()
    assert context is not None
    state = context.session_state._state  # What a widget can be set to is told nowhere else.
    widgets = state._new_widget_state.widget_metadata
    for name, binding in state.query_params._bindings_by_param.items():
        if name in known.judged:
            continue
        known.judged.add(name)
        widget = widgets.get(binding.widget_id)
        if name not in given or name in known.faults or widget is None:
            continue
        said, now, options = given[name], _now(name), widget.formatted_options
        if len(said) > 1 and not isinstance(now, list | tuple):
            sentence = f"The link sets {name} {len(said)} times, to {_listed(said)}."
        elif not all(_taken(one, options, now) for one in said):
            has = f" It can be {_listed(options)}." if options else ""
            sentence = f"The link sets {name} to {_listed(said)}, which cannot be had here.{has}"
        else:
            continue
        shown = widget.serializer(now) if options else now
        known.faults[name] = f"{sentence} Shown instead is {shown!r}.", now
    for name, (sentence, at) in known.faults.items():
        known.faults[name] = sentence, _now(name) if at is _NEW else at


_NEW = object()


def _now(name: str) -> Any:
    return st.session_state.get(name, st.query_params.get(name))


def _listed(values: Sequence[str]) -> str:
    return ", ".join(map(repr, values))


def _taken(said: str, options: Sequence[str] | None, now: Any) -> bool:
    """Whether a widget has become what an address said."""
    if options is not None:
        return said in options
    if isinstance(now, bool):
        return said.lower() == str(now).lower()
    if isinstance(now, int | float):
        try:
            return numerals.number(said) == now
        except ValueError:
            return False
    return said == now


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
        _say(key, f"{error} Shown instead is {references[0]}.")
        return
    if found in references:
        _take(key, found)
    else:
        _say(key, f"{found} cannot be asked on this page. Shown instead is {references[0]}.")


def one_of(key: str, options: Sequence[str], what: str) -> None:
    """Say in a sentence if the URL gives a widget a value that it does not have."""
    given = st.query_params.get(key)
    if given and given not in options:
        _say(
            key,
            f"The link speaks of the {what} {given!r}, which is not here. There are: {', '.join(options)}.",
        )


def renamed(key: str, names: Mapping[str, Any]) -> None:
    """Take over a choice by a name that it had in addresses before; call it before the widget is made.

    Parameters
    ----------
    names : mapping
        From what stood in addresses to the option that it means now.
    """
    given = st.query_params.get(key)
    if given is not None and given in names and key not in st.session_state:
        _take(key, names[given])


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
    _say(
        f"{INPUT}{feature.name}",
        f"The link sets {feature.label} to {given!r}, which is not a number from {span}. It was left out.",
    )


def _take(key: str, value: Any) -> None:
    """Let a widget have what its address means in other words."""
    st.session_state[key] = value
    st.session_state[_HEARD].judged.add(key)


def _say(name: str, sentence: str) -> None:
    st.session_state[_HEARD].faults[name] = sentence, _NEW
