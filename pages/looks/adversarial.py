"""How thin the answer is: the smallest change of pixels that was found to change it."""

from __future__ import annotations

import numpy as np
import streamlit as st

from ask.looks.picture import adversarial_of
from ask.picture_answer import PictureAnswer
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
from pages.common.page import cannot_show, note
from pages.pictures.maps import enlarged

_KINDS: dict[str, Kind] = {"Any pixel": "smallest", "Soft shades only": "soft"}


def draw(shown: PictureAnswer) -> None:
    """Draw the section for what the page shows."""
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
        found = adversarial_of(shown, kind)
    if found is not None:
        _pictures(shown.spec, found)
    for sentence in adversarial_finding(shown.spec, found, kind):
        st.markdown(sentence)
    if found is not None:
        note(adversarial_size(found))
    cannot_show(
        "An adversarial example is made for this one picture and this one version, from its gradients; nature makes "
        "no such changes, and most other pictures near this one keep the answer. That no smaller change exists is not "
        "proven. What it looks like says nothing about what the model looks at."
    )


def _pictures(spec: ModelSpec, found: AdversarialExample) -> None:
    start, change, end = st.columns(3, gap="medium")
    with start:
        _answer("Now", spec, found.before)
        st.image(enlarged(found.picture), alt="The picture as it is now.", width="stretch")
    with change:
        factor = magnification(found)
        st.metric(
            "The change", f"{found.largest:.1f} levels", help="The largest of any pixel, of 255 levels."
        )
        words = f"The change, {factor:,} times enlarged; grey is none."
        st.image(enlarged(magnified(found)), alt=words, width="stretch")
        note(words)
    with end:
        _answer("Changed", spec, found.after)
        st.image(enlarged(found.changed), alt="The picture with the change.", width="stretch")


def _answer(label: str, spec: ModelSpec, probabilities: np.ndarray) -> None:
    top = int(np.argmax(probabilities))
    st.metric(f"{label}: {spec.classes[top]}", percent(probabilities[top]))
