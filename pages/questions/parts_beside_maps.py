"""Every method's map beside what the parts really do: chart, verdict and table."""

from __future__ import annotations

import numpy as np
import streamlit as st

from ask.image_answer import picture_digest
from draw.charts import part_effects_chart
from explain import methods
from explain.attributions.image_method import ImageMethod
from explain.numbers import signed
from explain.targets import ClassTarget
from explain.truth.part_agreement import PartAgreement, caution, compare
from explain.truth.part_effects import PartEffects
from pages.common.page import chart, link, note, palette
from pages.pictures.maps import background
from pages.pictures.shown import Shown

MOST_KEPT = 64
_SIGNS = {
    "agrees": ":green[:material/check_circle:]",
    "mixed": ":gray[:material/contrast:]",
    "contradicted": ":red[:material/cancel:]",
    "cannot be judged": ":gray[:material/help:]",
}


def draw(shown: Shown, parts: PartEffects, target: str) -> None:
    """Lay every map beside the effects: the chosen one first, then the others as they come."""
    verdict, drawn = st.container(), st.empty()
    attribution = shown.explanation.attribution
    chosen = methods.image_method(attribution.method)
    maps = {chosen.title: compare(parts, attribution.values, chosen.signed, target)}
    with verdict:
        st.markdown(f"{_SIGNS[maps[chosen.title].verdict]} **{chosen.title}.** {maps[chosen.title].sentence}")
    _chart(drawn, parts, maps, chosen.title, target)
    for fit in methods.for_spec(shown.spec):
        if fit.reason is None and fit.method.name != chosen.name:
            method = methods.image_method(fit.method.name)
            values = _values(shown, method)
            maps[method.title] = compare(parts, values, method.signed, target)
    _chart(drawn, parts, maps, chosen.title, target)
    note(
        f"Bar: the part's share of all effects, orange where it speaks for {target}, blue where against · large "
        f"diamond: its share of {chosen.title}'s weight · dots: the other methods. A map without signs says only "
        "how much, so its mark stands on the bar's side."
    )
    _table(maps, parts)
    note(caution(len(parts.effects)))
    link("methods_against_truth.py", "Over many scenes: methods, measured", icon=":material/balance:")


def _values(shown: Shown, method: ImageMethod) -> np.ndarray:
    """The map of a method for the picture and the target that are shown."""
    target = ClassTarget(shown.explanation.attribution.target.index)
    key = ("map", shown.version.weights_digest, picture_digest(shown.asked.now), target, method.name)
    known = kept()
    if key not in known:
        more = {"background": background(shown.spec.name)} if method.needs_background else {}
        passes = method.passes(shown.spec, more)
        with st.spinner(f"{method.title}: {passes.forward:,} forward passes …", show_time=True):
            known[key] = method.attribute(shown.model, shown.asked.now, target, **more).values
    return known[key]


def _chart(
    where: st.delta_generator.DeltaGenerator,
    parts: PartEffects,
    maps: dict[str, PartAgreement],
    chosen: str,
    target: str,
) -> None:
    spec = part_effects_chart(parts, maps, chosen, target, palette())
    with where:
        chart(spec, spec["description"])


def _table(maps: dict[str, PartAgreement], parts: PartEffects) -> None:
    """Every method by its rank correlation, the best first."""
    best = sorted(maps.items(), key=lambda one: -2.0 if one[1].correlation is None else -one[1].correlation)
    st.dataframe(
        {
            "Method": [title for title, _ in best],
            "Rank correlation": [
                "none" if a.correlation is None else signed(a.correlation, 2) for _, a in best
            ],
            "Strongest part": [
                parts.names[int(np.argmax(a.weights))] if a.weights.any() else "none" for _, a in best
            ],
            "What the changes say": [a.verdict for _, a in best],
        },
        hide_index=True,
        width="stretch",
    )


def kept() -> dict:
    """What was computed in this visit, by what decides it; the oldest goes first."""
    found = st.session_state.setdefault("_parts", {})
    while len(found) >= MOST_KEPT:
        found.pop(next(iter(found)))
    return found
