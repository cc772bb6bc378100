"""Every method's map beside what the parts really do: chart, verdict and table."""

from __future__ import annotations

import numpy as np
import streamlit as st

from ask.looks.picture import maps_of
from ask.picture_answer import PictureAnswer
from draw.charts import part_effects_chart
from explain.numbers import signed
from explain.truth.part_agreement import PartAgreement, caution, compare
from explain.truth.part_effects import PartEffects
from pages.common.page import chart, link, note, palette

_SIGNS = {
    "agrees": ":green[:material/check_circle:]",
    "mixed": ":gray[:material/contrast:]",
    "contradicted": ":red[:material/cancel:]",
    "cannot be judged": ":gray[:material/help:]",
}


def draw(shown: PictureAnswer, parts: PartEffects, target: str) -> None:
    """Lay every map beside the effects: the chosen one first, then the others as they come."""
    verdict, drawn = st.container(), st.empty()
    chosen = shown.method.title
    maps = {chosen: compare(parts, shown.attribution.values, shown.method.signed, target)}
    with verdict:
        st.markdown(f"{_SIGNS[maps[chosen].verdict]} **{chosen}.** {maps[chosen].sentence}")
    _chart(drawn, parts, maps, chosen, target)
    with st.spinner("Asking every other method …", show_time=True):
        others = maps_of(shown, lambda progress: None)
    for one in others.values():
        maps[one.method.title] = compare(parts, one.attribution.values, one.method.signed, target)
    _chart(drawn, parts, maps, chosen, target)
    note(
        f"Bar: the part's share of all effects, orange where it speaks for {target}, blue where against · large "
        f"diamond: its share of {chosen}'s weight · dots: the other methods. A map without signs says only "
        "how much, so its mark stands on the bar's side."
    )
    _table(maps, parts)
    note(caution(len(parts.effects)))
    link("methods_against_truth.py", "Over many scenes: methods, measured", icon=":material/balance:")


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
