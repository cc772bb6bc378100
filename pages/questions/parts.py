"""The truth bar: what each part of the scene really does to the answer, beside what the maps make of it."""

from __future__ import annotations

from functools import partial

import numpy as np
import streamlit as st

from explain.concepts import perturbations
from explain.numbers import percent, signed
from explain.truth.part_effects import PartEffects, part_effects, unsupported
from pages.common.page import cannot_show, note, subtitle
from pages.pictures.shown import Shown
from pages.questions import parts_beside_maps

CARD = 130


def draw(shown: Shown) -> None:
    """Draw the section for what the page shows."""
    subtitle("What each part really does")
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
    parts_beside_maps.draw(shown, parts, target)
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
    asked, target = shown.asked, shown.explanation.attribution.target.index
    assert asked.scene is not None
    key = ("parts", shown.version.weights_digest, asked.scene.digest, *sorted(asked.pixels.items()), target)
    known = parts_beside_maps.kept()
    if key not in known:
        with st.spinner("Rendering the scene without each part …", show_time=True):
            finish = partial(perturbations.apply, settings=asked.pixels)
            known[key] = part_effects(shown.model, asked.scene, target, finish)
    return known[key]


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
