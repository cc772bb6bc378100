"""A closer look at an image what-if: all methods side by side, and whether they agree."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from ask.image_answer import ImageExplanation
from draw.charts.agreement import agreement_chart
from draw.overlay import blend, overlay
from explain import methods
from explain.numbers import percent, plural
from explain.truth.agreement import STRONGEST, Agreement, agreement, finding
from explain.typicality.typicality import Typicality
from governance import measurements
from models import scene_inputs
from pages.common import measuring, typicality_note, workspace
from pages.common.page import cannot_show, chart, note, palette, subtitle
from pages.pictures import distance, maps, trust_badge, trust_report
from pages.pictures.shown import Shown

# A few pixels of one map must not make every other map pale.
_STRONG = 0.995
_CARD = 156


def draw(shown: Shown) -> None:
    """Draw the section."""
    subtitle("Do the methods agree?")
    note(
        "Every method answers the same question about the same picture. Each map is divided by its own sum of "
        "sizes, and all are drawn on one scale: the same colour is the same share of the map."
    )
    explanations = _all(shown)
    typical = distance.of_picture(shown.version, shown.model, shown.asked)
    due = _maps(shown, explanations, typical)
    offer = _offer_checks(due)
    if len(explanations) < 2:
        st.info("Only one method fits this model, so there is nothing to compare.")
    else:
        _compare(shown, explanations)
    if offer is not None:
        _check(shown, explanations, due, typical)
        offer.empty()


def _compare(shown: Shown, explanations: dict[str, ImageExplanation]) -> None:
    """Do the maps agree, here and over scenes?"""
    found = agreement({name: one.attribution.values for name, one in explanations.items()})
    titles = {name: methods.method(name).title for name in explanations}
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
        "not say which one is wrong; *What the parts really do* and *Can I trust this map?* go further."
    )


def _all(shown: Shown) -> dict[str, ImageExplanation]:
    """Every method's answer, with a bar that says which is asked."""
    target = shown.explanation.attribution.target.name(shown.spec)
    found = {}
    progress = st.progress(0.0, text="Asking every method …")
    fits = [fit.method for fit in methods.for_spec(shown.spec) if fit.reason is None]
    for number, method in enumerate(fits):
        progress.progress(number / len(fits), text=f"{method.title} …")
        found[method.name] = maps.explained(shown.model, shown.version, shown.asked, method.name, target)
    progress.empty()
    return found


def _maps(
    shown: Shown, explanations: dict[str, ImageExplanation], typical: Typicality | None
) -> dict[str, DeltaGenerator]:
    """Draw every map; returns the places of the badges that are still due, by method."""
    due = {}
    shares = {}
    for name, one in explanations.items():
        total = np.abs(one.attribution.values).sum()
        shares[name] = one.attribution.values / total if total > 0 else one.attribution.values
    scale = float(np.quantile(np.abs(np.stack(list(shares.values()))), _STRONG)) or 1.0
    # Of a fixed width, so that a telephone shows them two in a row.
    with st.container(horizontal=True, gap="small"):
        for name, one in explanations.items():
            with st.container(width=_CARD):
                title, passes = methods.method(name).title, one.attribution.passes
                drawn = blend(one.picture, overlay(shares[name], palette(), scale).rgba)
                mixed = typicality_note.faded(drawn, typical)
                times = max(1, 288 // mixed.shape[0])
                st.image(
                    mixed.repeat(times, axis=0).repeat(times, axis=1), alt=f"Map of {title}.", width="stretch"
                )
                st.markdown(f"**{title}**")
                badge = st.badge("not checked", icon=":material/hourglass_empty:", color="gray")
                report = trust_report.kept(shown.version, shown.model, shown.asked.scene, one)
                if report is None:
                    due[name] = badge
                else:
                    trust_badge.badge(report, badge, title=None, is_far=_is_far(typical))
                note(
                    f"{passes:,} {'pass' if passes == 1 else 'passes'} · {one.attribution.milliseconds:.0f} ms"
                )
    pixels = next(iter(shares.values())).size
    note(f"Strongest colour: {scale * pixels:.1f} times a pixel's even share, or more.")
    return due


def _is_far(typical: Typicality | None) -> bool:
    return typical is not None and typical.level == "far"


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


def _check(
    shown: Shown,
    explanations: Mapping[str, ImageExplanation],
    due: Mapping[str, DeltaGenerator],
    typical: Typicality | None,
) -> None:
    """Check the maps one by one, the cheapest first, each badge in its place as it comes."""
    cost = {name: explanations[name].attribution.passes for name in due}
    for name in sorted(due, key=cost.__getitem__):
        told = explanations[name]
        report = trust_report.report(shown.version, shown.model, shown.asked.scene, told, due[name])
        trust_badge.badge(report, due[name], title=None, is_far=_is_far(typical))


def _warn(found: Agreement, titles: dict[str, str]) -> None:
    if found.disagreeing:
        st.warning(finding(found, titles), icon=":material/warning:")
    else:
        st.success(finding(found, titles), icon=":material/handshake:")


def _over_scenes(shown: Shown) -> None:
    """What was measured once over held-out scenes, where it was."""
    if not scene_inputs.fits(shown.spec):
        return
    measured = measurements.newest(workspace.store(), shown.version, "agreement")
    if measured is None:
        measuring.offer(
            shown.version,
            ["agreement"],
            "This is one picture. Whether the methods agree over many is not measured yet.",
        )
        return
    results = measured.body["results"]
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
