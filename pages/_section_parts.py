"""The truth bar: what each part of the scene really does to the answer, beside what the maps make of it."""

from __future__ import annotations

from functools import partial

import numpy as np
import streamlit as st

from explain import methods
from explain.attributions.image_method import ImageMethod
from explain.charts import part_effects_chart
from explain.concepts import perturbations
from explain.image_explanation import picture_digest
from explain.numbers import percent, signed
from explain.truth.part_agreement import PartAgreement, caution, compare
from explain.truth.part_effects import PartEffects, part_effects, unsupported
from pages._image_reason import background
from pages._kit import cannot_show, chart, link, note, palette
from pages._shown import Shown

MOST_KEPT, CARD = 64, 130
_SIGNS = {
    "agrees": ":green[:material/check_circle:]",
    "mixed": ":gray[:material/contrast:]",
    "contradicted": ":red[:material/cancel:]",
    "cannot be judged": ":gray[:material/help:]",
}


def draw(shown: Shown) -> None:
    """Draw the section for what the page shows."""
    st.markdown("**What each part really does**")
    if shown.asked.scene is None:
        _without_renderer()
        return
    reason = unsupported(shown.spec)
    if reason is not None:
        st.info(reason, icon=":material/hide_image:")
        return
    parts = _effects(shown)
    if not parts.interventions:
        st.info(
            "No part of this scene is large enough to be changed. Move the framing back to see more of it."
        )
        return
    target = shown.spec.classes[parts.target]
    note(
        "One part is taken away or painted grey, all else stays, the scene is rendered again and the model asked "
        f"again. What the logit of {target}, its score before it becomes a probability, loses by that is the part's "
        "effect."
    )
    _pictures(shown, parts)
    _beside_the_maps(shown, parts, target)
    cannot_show(
        "A change shows what the model does without this part, not what it thinks of it: two parts that stand in "
        "for each other can both look unimportant, effects do not add up, and a grey dome or a hovering one is "
        "a picture that the model has never seen. "
        f"Of the change, {percent(parts.outside.max())} at most lies outside the part's outline (juice, shade, "
        "blur)."
    )


def _without_renderer() -> None:
    st.info(
        "A photo cannot be rendered again without one of its parts, so what the parts really do cannot be "
        "measured. Choose **Scene** under *Ask about* to see it for a drawing, or **Cover regions** above to hide "
        "regions of this photo and see what the answer loses.",
        icon=":material/hide_image:",
    )


def _effects(shown: Shown) -> PartEffects:
    asked, target = shown.asked, shown.explanation.attribution.target
    assert asked.scene is not None
    key = ("parts", shown.version.weights_digest, asked.scene.digest, *sorted(asked.pixels.items()), target)
    kept = _kept()
    if key not in kept:
        with st.spinner("Rendering the scene without each part …", show_time=True):
            finish = partial(perturbations.apply, settings=asked.pixels)
            kept[key] = part_effects(shown.model, asked.scene, target, finish)
    return kept[key]


def _kept() -> dict:
    """What was computed in this visit, by what decides it; the oldest goes first."""
    kept = st.session_state.setdefault("_parts", {})
    while len(kept) >= MOST_KEPT:
        kept.pop(next(iter(kept)))
    return kept


def _beside_the_maps(shown: Shown, parts: PartEffects, target: str) -> None:
    """The chosen map first, then the others as they come."""
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
    target = shown.explanation.attribution.target
    key = ("map", shown.version.weights_digest, picture_digest(shown.asked.now), target, method.name)
    kept = _kept()
    if key not in kept:
        more = {"background": background(shown.spec.name)} if method.needs_background else {}
        passes = method.passes(shown.spec, more)
        with st.spinner(f"{method.title}: {passes.forward:,} forward passes …", show_time=True):
            kept[key] = method.attribute(shown.model, shown.asked.now, target, **more).values
    return kept[key]


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
            "By the changes": [a.verdict for _, a in best],
        },
        hide_index=True,
        width="stretch",
    )


def _pictures(shown: Shown, parts: PartEffects) -> None:
    """The scene as it is, then every changed one, each with what the model says of it."""
    titles = ["As it is", *(change.title for change in parts.interventions)]
    logits = [parts.output, *(parts.output - parts.effects)]
    before = int(np.argmax(parts.probabilities[0]))
    with st.container(horizontal=True, gap="small"):
        for title, picture, answer, logit in zip(
            titles, parts.pictures, parts.probabilities, logits, strict=True
        ):
            top = int(np.argmax(answer))
            said = f"{shown.spec.classes[top]}, {percent(answer[top])}"
            with st.container(width=CARD, gap="small"):
                st.image(picture, alt=f"{title}.", width="stretch")
                st.markdown(f"**{title}**  \n{said if top == before else f':red[{said}]'}")
                note(f"Logit {signed(logit, 2)}")
    with st.expander("How each part is changed", icon=":material/healing:"):
        st.markdown("\n".join(f"- **{change.title}.** {change.how}" for change in parts.interventions))
