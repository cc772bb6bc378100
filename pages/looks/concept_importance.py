"""Which concepts matter overall: what was measured once about the version, and how to measure it."""

from __future__ import annotations

from typing import Any

import streamlit as st

from ask.picture_answer import PictureAnswer
from draw.charts.concept_importance import concept_importance_chart
from explain.concepts.concept_importance import NAME, unsupported
from explain.numbers import plural
from governance import measurements
from pages.common import measuring, workspace
from pages.common.page import chart, note, palette


def draw(shown: PictureAnswer) -> None:
    """Show the measurement for the kind of scene that is shown; where there is none, offer to make it."""
    reason = unsupported(shown.spec)
    if reason is not None:
        st.info(reason)
        return
    store = workspace.store()
    found = measurements.newest(store, shown.version, NAME)
    if found is None:
        measuring.offer(
            shown.version,
            [NAME],
            f"Which concepts matter overall was not measured for {shown.version.reference} yet.",
        )
        return
    assert shown.scene is not None
    kind, results = shown.scene.kind, found.measurement.results
    concepts: list[dict[str, Any]] = results["kinds"][kind]["concepts"]
    drawn = concept_importance_chart(concepts, kind, palette())
    st.markdown(drawn["description"])
    chart(drawn, drawn["description"], key="concept_importance")
    note(
        f"Over scenes ({kind}) drawn from the whole prior: the share of the variance of the logit that hangs on "
        "each concept. Dark: alone; light: with all that it does together with others; the line is its 95 % "
        f"interval, over the drawn pictures. Sobol' indices from {plural(results['renders'], 'picture')}; record "
        f"{found.id[:12]}. What has no slider is one of 64 scenes, which the intervals do not vary."
    )
