"""A closer look at an image what-if: all methods side by side, and whether they agree."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from ask.looks.picture import maps_of
from ask.picture_answer import PictureAnswer
from draw.charts.agreement import agreement_chart
from draw.overlay import blend, overlay
from explain import methods
from explain.numbers import percent, plural
from explain.truth.agreement import STRONGEST, Agreement, agreement, finding, unsupported
from governance import measurements
from models.spec import Progress
from pages.common import measuring, typicality_note, workspace
from pages.common.page import cannot_show, chart, note, palette, subtitle
from pages.pictures import trust_badge
from pages.pictures.maps import enlarged

# A few pixels of one map must not make every other map pale.
_STRONG = 0.995
_CARD = 156


def draw(shown: PictureAnswer) -> None:
    """Draw the section."""
    note(
        "Every method answers the same question about the same picture. Each map is divided by its own sum of "
        "sizes, and all are drawn on one scale: the same colour is the same share of the map."
    )
    found = _all(shown)
    if not found:
        st.info("No method fits this model, so there is nothing to compare.")
        return
    due = _maps(found)
    offer = _offer_checks(due)
    if len(found) < 2:
        st.info("Only one method fits this model, so there is nothing to compare.")
    else:
        _compare(shown, found)
    if offer is not None:
        _check(found, due)
        offer.empty()


def _compare(shown: PictureAnswer, answers: Mapping[str, PictureAnswer]) -> None:
    """Do the maps agree, here and over scenes?"""
    found = agreement({name: one.attribution.values for name, one in answers.items()})
    titles = {name: methods.method(name).title for name in answers}
    _warn(found, titles)
    drawn = agreement_chart(found, titles, palette())
    chart(drawn, drawn["description"], key="agreement")
    note(
        f"Above the diagonal: rank correlation. Below: how much of the strongest {percent(STRONGEST)} of the "
        f"picture two methods have in common ({percent(STRONGEST)} by chance). ✕: the two disagree."
    )
    _over_scenes(shown)
    cannot_show(
        "Agreement does not make a map right: methods that share an idea can share its error. Disagreement does "
        "not say which one is wrong; *Part effects* and *Trust checks* go further."
    )


def _all(shown: PictureAnswer) -> dict[str, PictureAnswer]:
    """The answer by every method, with a bar that says which is asked."""
    bar = st.progress(0.0, text="Asking every method …")

    def report(progress: Progress) -> None:
        bar.progress(progress.done / progress.total, text=f"{progress.step} …")

    found = maps_of(shown, report)
    bar.empty()
    return found


def _maps(answers: Mapping[str, PictureAnswer]) -> dict[str, DeltaGenerator]:
    """Draw every map; returns the places of the badges that are still due, by method."""
    due = {}
    shares = {}
    for name, one in answers.items():
        values = one.attribution.values
        total = np.abs(values).sum()
        shares[name] = values / total if total > 0 else values
    scale = float(np.quantile(np.abs(np.stack(list(shares.values()))), _STRONG)) or 1.0
    # Of a fixed width, so that a telephone shows them two in a row.
    with st.container(horizontal=True, gap="small"):
        for name, one in answers.items():
            with st.container(width=_CARD):
                title, passes = one.method.title, one.attribution.passes
                drawn = blend(one.input, overlay(shares[name], palette(), scale).rgba)
                mixed = typicality_note.faded(drawn, one.typicality)
                st.image(enlarged(mixed, 288), alt=f"Map of {title}.", width="stretch")
                st.markdown(f"**{title}**")
                badge = st.badge("not checked", icon=":material/hourglass_empty:", color="gray")
                report = one.trust_known
                if report is None:
                    due[name] = badge
                else:
                    trust_badge.badge(report, badge, title=None, is_far=one.is_far)
                note(
                    f"{passes:,} {'pass' if passes == 1 else 'passes'} · {one.attribution.milliseconds:.0f} ms"
                )
    pixels = next(iter(shares.values())).size
    note(f"Strongest colour: {scale * pixels:.1f} times a pixel's even share, or more.")
    return due


def _offer_checks(due: Mapping[str, DeltaGenerator]) -> DeltaGenerator | None:
    """Offer to check the maps that were not; returns what to take away when that is done, if it was asked for."""
    if not due:
        return None
    offer = st.empty()
    asked = offer.button(
        f"Check trust in {plural(len(due), 'more map')}",
        icon=":material/fact_check:",
        help="Each is made again a good many times, with noise and with other weights: up to a minute or so in "
        "all. The badges come one by one, and anything that you change meanwhile goes first.",
    )
    return offer if asked else None


def _check(answers: Mapping[str, PictureAnswer], due: Mapping[str, DeltaGenerator]) -> None:
    """Check the maps one by one, the cheapest first, each badge in its place as it comes."""
    cost = {name: answers[name].attribution.passes for name in due}
    for name in sorted(due, key=cost.__getitem__):
        one = answers[name]
        report = one.trust(trust_badge.progress_in(due[name]))
        trust_badge.badge(report, due[name], title=None, is_far=one.is_far)


def _warn(found: Agreement, titles: dict[str, str]) -> None:
    if found.disagreeing:
        st.warning(finding(found, titles), icon=":material/warning:")
    else:
        st.success(finding(found, titles), icon=":material/handshake:")


def _over_scenes(shown: PictureAnswer) -> None:
    """What was measured once over held-out scenes, where it was."""
    if unsupported(shown.spec) is not None:
        return
    measured = measurements.newest(workspace.store(), shown.version, "agreement")
    if measured is None:
        measuring.offer(
            shown.version,
            ["agreement"],
            "This is one picture. Whether the methods agree over many is not measured yet.",
        )
        return
    results = measured.measurement.results
    pairs = sorted(results["pairs"], key=lambda pair: pair["disagree"]["value"], reverse=True)
    titles = results["titles"]
    subtitle(f"Over {results['scenes']} held-out scenes")
    st.dataframe(
        {
            "Methods": [f"{titles[p['one']]} · {titles[p['other']]}" for p in pairs],
            "Rank correlation": [p["rank"]["value"] for p in pairs],
            f"Strongest {percent(STRONGEST)} in common": [100 * p["overlap"]["value"] for p in pairs],
            "Disagree": [100 * p["disagree"]["value"] for p in pairs],
        },
        hide_index=True,
        column_config={
            "Rank correlation": st.column_config.NumberColumn(format="%.2f"),
            f"Strongest {percent(STRONGEST)} in common": st.column_config.NumberColumn(format="%.0f %%"),
            "Disagree": st.column_config.NumberColumn(format="%.0f %% of scenes"),
        },
    )
