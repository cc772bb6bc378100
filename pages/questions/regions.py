"""Cover regions of any picture with a click, and see the answer change."""

from __future__ import annotations

import numpy as np
import streamlit as st

from ask.image_answer import picture_digest
from draw.charts.regions import CHOSEN, REGION, regions_chart
from explain.attributions.superpixels import superpixels
from explain.concepts.regions import FILLS, REGIONS, RegionEffects, covered, finding, region_effects
from explain.numbers import percent, plural, points
from explain.pictures import BASELINES
from pages.common.page import cannot_show, note, palette, subtitle
from pages.pictures.shown import Shown

_COVERED, _OF, _CLICKS = "covered", "_covered_of", "_region_clicks"


def draw(shown: Shown) -> None:
    """Draw the section for what the page shows."""
    subtitle("Which regions the answer hangs on")
    picture, target = shown.asked.now, shown.explanation.attribution.target.index
    labels = superpixels(picture, REGIONS)
    hidden = _hidden(picture, int(labels.max()) + 1)
    left, right = st.columns([1, 1.4], gap="medium")
    with right:
        fill = st.segmented_control(
            "Covered by",
            list(FILLS),
            default=FILLS[0],
            key="fill",
            bind="query-params",
            required=True,
            format_func={"mean": "its mean colour", "blurred": "a blur"}.__getitem__,
            help="  \n".join(f"{name}: {BASELINES[name]}" for name in FILLS),
        )
        found = region_effects(shown.model, picture, labels, target, fill)
        changed = covered(picture, labels, hidden, fill)
        _answer(shown, found, changed, hidden)
        _choose(len(found.weight))
    with left:
        drawn = regions_chart(shown.spec, found, changed, hidden, palette())
        st.vega_lite_chart(
            {name: value for name, value in drawn.items() if name != "description"},
            theme=None,
            width="content",
            alt=drawn["description"],
            # A new key for every click: the same region can be clicked again.
            key=f"_regions_{st.session_state.get(_CLICKS, 0)}",
            on_select=toggled,
        )
    name = shown.spec.classes[target]
    note(
        f"Click on regions to cover them, and again to uncover. Orange: the region speaks for {name}, because "
        f"covering it alone takes from it; blue: against it. {finding(shown.spec, found)} "
        f"{len(found.weight) + 1} passes."
    )
    cannot_show(
        "A picture with a hole is one that the model never saw, and some of an effect is the hole's own: compare "
        "both fillings. Regions follow edges and not meanings, and what two of them show twice looks unimportant "
        "in each alone."
    )


def _hidden(picture: np.ndarray, count: int) -> set[int]:
    """Regions that are covered, from 0; another picture has other regions, so nothing of it is."""
    digest = picture_digest(picture)
    if st.session_state.get(_OF, digest) != digest:
        st.session_state[_COVERED] = []
    st.session_state[_OF] = digest
    chosen = [number for number in st.session_state.get(_COVERED, []) if number in range(1, count + 1)]
    return {number - 1 for number in chosen}


def _answer(shown: Shown, found: RegionEffects, changed: np.ndarray, hidden: set[int]) -> None:
    now = shown.model.predict_proba(changed[None])[0]
    top = int(np.argmax(now))
    change = float(now[top] - found.before[top])
    st.metric(
        f"With {plural(len(hidden), 'region')} covered: {shown.spec.classes[top]}",
        percent(now[top]),
        delta=None if not hidden or abs(change) < 0.0005 else points(change),
        delta_arrow="up" if change > 0 else "down",
        delta_color="off",
    )
    before = int(np.argmax(found.before))
    if top != before:
        st.markdown(f":material/swap_horiz: With nothing covered it says **{shown.spec.classes[before]}**.")


def _choose(count: int) -> None:
    """The same by the keyboard; and where the URL keeps it."""
    st.multiselect(
        "Covered regions",
        list(range(1, count + 1)),
        key=_COVERED,
        bind="query-params",
        placeholder="Click on the picture, or choose numbers",
    )
    st.button("Uncover all", on_click=_uncover, disabled=not st.session_state.get(_COVERED))


def toggled() -> None:
    """Cover or uncover what was clicked; for the chart's callback."""
    clicks = st.session_state.get(_CLICKS, 0)
    chosen = st.session_state[f"_regions_{clicks}"]["selection"][CHOSEN]
    if chosen:
        numbers = {int(one[REGION]) for one in chosen}
        st.session_state[_COVERED] = sorted(set(st.session_state.get(_COVERED, [])) ^ numbers)
        st.session_state[_CLICKS] = clicks + 1


def _uncover() -> None:
    st.session_state[_COVERED] = []
