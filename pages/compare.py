"""Compare: two answers side by side, of two versions, two models or two inputs."""

from __future__ import annotations

import streamlit as st

from governance import registry
from pages.common import pin, url, workspace
from pages.common.page import cannot_show, fail_clearly, header, link
from pages.comparing import differences, sides
from pages.comparing.sides import Side
from pages.pictures.trust_badge import Place


def main() -> None:
    """Draw the page."""
    header(
        "Comparison of two answers",
        "What makes the difference? "
        "Two answers side by side: the same question to two versions or models, or two questions to one.",
    )
    query = st.query_params.to_dict()
    given = {which: pin.side(query, which) for which in pin.SIDES}
    if not all(given.values()):
        st.info(
            "Nothing to compare yet. On a what-if page choose *Pin as A*, change something or choose another "
            "version, and follow *Compare with A*.",
            icon=":material/push_pin:",
        )
        link("image_what_if.py", "Image what-if", icon=":material/image:")
        link("what_if.py", "Tabular what-if", icon=":material/tune:")
        return
    answered = []
    for column, (which, asked) in zip(st.columns(2, gap="large"), given.items(), strict=True):
        with column, st.container(border=True), fail_clearly():
            answered.append(sides.ask(which, _version(which, asked), asked))
    places = _draw(*answered) if len(answered) == len(pin.SIDES) else []
    cannot_show(
        "Two answers that differ need not differ for the reason that the two maps show: a map is one method's "
        "account of one answer. Two versions that agree here may disagree elsewhere; their records say how "
        "often they are right."
    )
    for side, place in zip(answered, places, strict=False):
        with fail_clearly():
            sides.check(side, place)


def _version(which: str, asked: dict[str, str]) -> registry.Version:
    """The version of a side; another one can be chosen, so that two are asked the same."""
    store = workspace.store()
    key = f"{which}.version"
    asked_of = registry.resolve(store, asked.get("version", ""))
    references = workspace.references(sides.modality(asked_of))
    with fail_clearly():
        url.version_from_url(references, key)
    chosen = st.selectbox(f"{which.upper()}: model or version", references, key=key, bind="query-params")
    return registry.resolve(store, chosen)


def _draw(a: Side, b: Side) -> list[Place | None]:
    """Both answers and what differs; returns where each map's badge goes."""
    scale = sides.common_scale(a, b)
    places = []
    for column, side in zip(st.columns(2, gap="large"), (a, b), strict=True):
        with column, st.container(border=True):
            places.append(sides.show(side, scale))
    with st.container(border=True):
        differences.differences(a, b)
    return places


main()
