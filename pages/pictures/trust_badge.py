"""Under every map: how far it can be trusted, and the numbers behind that."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from ask.picture_answer import PictureAnswer
from explain.numbers import percent, signed
from explain.trust.report import TrustReport
from explain.trust.trust_verdict import MASS, POINTING, RANDOMISATION, RANK, REMOVAL, STABILITY
from models.spec import Progress, Report
from pages.common.page import note

TITLE = "Trust in this map"
# The look that shows the checks in full.
LOOK = "trust"
_LOOKS: dict[str, tuple[str, Any]] = {
    "strong": (":material/verified:", "green"),
    "weak": (":material/contrast:", "orange"),
    "fails": (":material/dangerous:", "red"),
}
_FAR = " That is said of the map, not of the answer."
_ROWS = {
    RANDOMISATION: "Changes with the weights (0 to 1)",
    REMOVAL: "Carries the answer: insertion less deletion over random order, in log-odds",
    STABILITY: "Moves under noise (share of its size)",
    MASS: "Weight on the object, over the blob's",
    RANK: "Strongest pixels on the object, over the blob's",
    POINTING: "Strongest pixel on the object, over the blob's",
}


@dataclass(frozen=True, slots=True)
class Place:
    """Where the badge stands under its map, the inside of the details beside it, and the sentence below it.

    `is_far` says that the picture lies far from the training, so that a good map still explains an answer that
    has little to stand on; `leads_on` that every check can be seen further down the page.
    """

    badge: DeltaGenerator
    details: DeltaGenerator
    sentence: DeltaGenerator
    is_far: bool
    leads_on: bool


def place(where: DeltaGenerator, is_far: bool = False, leads_on: bool = False) -> Place:
    """Hold the badge's place in a container with as much as will stand there, so that nothing moves then."""
    row = where.container(horizontal=True, vertical_alignment="center", gap="small")
    waiting = row.badge("Checking trust …", icon=":material/hourglass_empty:", color="gray")
    details = row.popover("Details", icon=":material/fact_check:").empty()
    details.markdown("The map is being checked on this picture.")
    sentence = where.markdown(
        ":gray[Does it hang on what the model learned, and the answer on its pixels? Being checked.]"
    )
    return Place(waiting, details, sentence, is_far, leads_on)


def show(here: Place, found: TrustReport) -> None:
    """The badge, why in plain words, and the numbers one click away."""
    badge(found, here.badge, is_far=here.is_far)
    here.sentence.markdown(found.verdict.in_short + (_FAR if here.is_far else ""))
    with here.details.container():
        st.markdown(found.verdict.sentence)
        numbers(found)
        if here.leads_on:
            st.button("Show every check, below", icon=":material/arrow_downward:", on_click=_look_closer)


def check(here: Place, asked: PictureAnswer) -> None:
    """Check the map and say how far it can be trusted; last of all, because it asks the model most often."""
    show(here, asked.trust(progress_in(here.badge)))


def progress_in(bar: DeltaGenerator) -> Report:
    """A report that tells in the place of one badge how far the checks are.

    The script stops at it when a newer input waits: nobody computes for a map that is gone.
    """

    def tell(progress: Progress) -> None:
        done = percent(progress.done / progress.total)
        # No longer than the badge will be: on a narrow column it would push its neighbour to the next line.
        bar.badge(f"Checking trust: {done}", icon=":material/hourglass_empty:", color="gray")

    return tell


def _look_closer() -> None:
    st.session_state["look"] = LOOK


def badge(found: TrustReport, where: DeltaGenerator, title: str | None = TITLE, is_far: bool = False) -> None:
    """The badge alone; grey where the picture lies far from the training, as the map is."""
    icon, color = _LOOKS[found.verdict.badge]
    label = f"{title}: {found.verdict.badge}" if title else found.verdict.badge
    where.badge(label, icon=icon, color="gray" if is_far else color)


def numbers(found: TrustReport) -> None:
    """Every score beside what the placebos reach."""
    on = found.limits.measured_on
    limit = "Best placebo here" if on is None else "95 % of the placebos"
    st.table([_row(found, metric, limit) for metric in _ROWS if metric in found.scores])
    if found.gap_share is not None:
        note(f"The values add up to the answer but for {percent(found.gap_share)} of what they explain.")
    compared = (
        "No limits are stored with this version, so the map is compared with the placebos on this picture alone."
        if on is None
        else f"The limits are what the placebos reach on {on.words}, which no training has seen."
    )
    note(
        f"{compared} ±: the standard error of the random orders, of which {len(found.random)} are drawn. "
        f"The checks took {found.milliseconds:.0f} ms. Where the map lies on the object is told and "
        "decides nothing: a model may rightly or wrongly look elsewhere."
    )


def _row(found: TrustReport, metric: str, limit: str) -> Mapping[str, str]:
    score, bound = found.scores[metric], found.limits.values.get(metric)
    plain = metric in (RANDOMISATION, STABILITY)
    shown = [f"{v:.2f}" if plain else signed(v, 2) for v in (score, bound) if v is not None]
    beyond = {True: "yes", False: "no", None: "–"}[found.verdict.passed.get(metric)]
    error = f" ± {found.removal_error:.2f}" if metric == REMOVAL else ""
    return {
        "Check": _ROWS[metric],
        "This map": shown[0] + error,
        limit: shown[1] if bound is not None else "–",
        "Passed": beyond,
    }
