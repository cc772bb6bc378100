"""How thin the answer is: the smallest change of pixels that was found to change it."""

from __future__ import annotations

import numpy as np
import streamlit as st

from ask.image_answer import picture_digest
from explain.adversarial import adversarial_example
from explain.adversarial.adversarial_example import AdversarialExample, Kind
from explain.adversarial.adversarial_words import (
    adversarial_finding,
    adversarial_size,
    magnification,
    magnified,
)
from explain.numbers import percent
from models.spec import ModelSpec
from pages.common.page import cannot_show, note, subtitle
from pages.pictures.shown import Shown

_KINDS: dict[str, Kind] = {"Any pixel": "smallest", "Soft shades only": "soft"}
_MOST_KEPT = 16


def draw(shown: Shown) -> None:
    """Draw the section for what the page shows."""
    subtitle("How thin is this answer?")
    note("The smallest change of the pixels that was found to change the answer.")
    reason = adversarial_example.unsupported(shown.spec)
    if reason is not None:
        st.info(reason, icon=":material/block:")
        return
    label = st.segmented_control(
        "What may change",
        list(_KINDS),
        default=next(iter(_KINDS)),
        key="nudge",
        bind="query-params",
        required=True,
    )
    kind = _KINDS[label]
    with st.spinner("Looking for the nearest other answer …", show_time=True):
        nudge = _found(shown, kind)
    if nudge is not None:
        _pictures(shown.spec, nudge)
    for sentence in adversarial_finding(shown.spec, nudge, kind):
        st.markdown(sentence)
    if nudge is not None:
        note(adversarial_size(nudge))
    cannot_show(
        "A nudge is made for this one picture and this one version, from its gradients; nature makes no such "
        "changes, and most other pictures near this one keep the answer. That no smaller nudge exists is not "
        "proven. What it looks like says nothing about what the model looks at."
    )


def _found(shown: Shown, kind: Kind) -> AdversarialExample | None:
    """The nudge, kept for this visit by what decides it."""
    kept = st.session_state.setdefault("_nudges", {})
    key = (shown.version.reference, shown.version.weights_digest, picture_digest(shown.asked.now), kind)
    if key not in kept:
        kept[key] = adversarial_example.adversarial_example(shown.model, shown.asked.now, kind)
        while len(kept) > _MOST_KEPT:
            kept.pop(next(iter(kept)))
    return kept[key]


def _pictures(spec: ModelSpec, nudge: AdversarialExample) -> None:
    start, change, end = st.columns(3, gap="medium")
    with start:
        _answer("Now", spec, nudge.before)
        st.image(_enlarged(nudge.picture), alt="The picture as it is now.", width="stretch")
    with change:
        factor = magnification(nudge)
        st.metric(
            "The change", f"{nudge.largest:.1f} levels", help="The largest of any pixel, of 255 levels."
        )
        words = f"The change, {factor:,} times enlarged; grey is none."
        st.image(_enlarged(magnified(nudge)), alt=words, width="stretch")
        note(words)
    with end:
        _answer("Nudged", spec, nudge.after)
        st.image(_enlarged(nudge.nudged), alt="The picture with the change.", width="stretch")


def _answer(label: str, spec: ModelSpec, probabilities: np.ndarray) -> None:
    top = int(np.argmax(probabilities))
    st.metric(f"{label}: {spec.classes[top]}", percent(probabilities[top]))


def _enlarged(picture: np.ndarray) -> np.ndarray:
    """Every pixel a square, as the model has it."""
    times = max(1, 384 // picture.shape[0])
    return picture.repeat(times, axis=0).repeat(times, axis=1)
