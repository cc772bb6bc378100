"""Which one is real? A map among four placebos on another picture, without names; the score of the visit."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st

from draw.overlay import blend, overlay
from explain.attributions.image_method import ImageMethod
from explain.levels import offers
from explain.targets import ClassTarget
from explain.trust import placebos
from explain.trust.checks.randomisation import untrained
from explain.trust.placebos import Placebo
from governance.registry import Version
from models.spec import Model, ModelSpec
from pages.common.page import note, palette, subtitle
from pages.pictures.maps import background

REAL, CARD = "real", 132
_LETTERS = "ABCDE"


def draw(spec: ModelSpec, version: Version, model: Model, method: ImageMethod) -> None:
    """Offer a round, and show it once it is begun."""
    subtitle("Which one is real?")
    state = st.session_state.setdefault("_blind", {"round": 0, "right": 0, "answered": 0, "choice": None})
    if state["round"] == 0:
        note("Maps of a picture that you have not seen here: one is the model's, the others are placebos.")
        st.button("Begin a blind round", icon=":material/visibility_off:", on_click=_next, key="_blind_begin")
        return
    pictures = background(spec.name)
    picture = pictures[(state["round"] - 1) % len(pictures)]
    order, maps, target = _round(spec, version, model, method, picture, state["round"])
    note(
        f"One map is {method.title} for {target} by {version.reference}; the others know nothing of what it learned. "
        "All show sizes of values alone, each scaled to its strongest pixel."
    )
    with st.container(horizontal=True, gap="medium"):
        for letter, one in zip(_LETTERS, (maps[index] for index in order), strict=False):
            with st.container(width=CARD):
                mixed = blend(picture, overlay(np.abs(one.values), palette()).rgba)
                st.image(mixed, alt=f"Map {letter}.", width="stretch")
                if state["choice"] is None:
                    arguments = (letter, one.name == REAL)
                    st.button(
                        letter, on_click=_choose, args=arguments, key=f"_blind_{letter}", width="stretch"
                    )
                else:
                    chosen = " · your choice" if state["choice"] == letter else ""
                    name = f":green[**{one.title}**]" if one.name == REAL else one.title
                    st.markdown(f"{letter}: {name}{chosen}")
    _score(state, _LETTERS[[maps[index].name for index in order].index(REAL)], len(maps))


def _score(state: dict[str, Any], real: str, maps: int) -> None:
    if state["choice"] is not None:
        said = "Right" if state["choice"] == real else "Wrong"
        st.markdown(f"{said}: {real} is the real one.")
        st.button("Next round", icon=":material/arrow_forward:", on_click=_next, key="_blind_next")
    if state["answered"]:
        by_luck = state["answered"] / maps
        note(
            f"In this visit: {state['right']} of {state['answered']} right. Guessing gives {by_luck:.1f} on average."
        )


def _round(
    spec: ModelSpec, version: Version, model: Model, method: ImageMethod, picture: np.ndarray, number: int
) -> tuple[np.ndarray, list[Placebo], str]:
    """The order in which maps are shown, the maps, and the class; kept until another round is asked for."""
    key = (version.reference, version.weights_digest, method.name, number)
    kept = st.session_state.get("_blind_maps")
    if kept is None or kept[0] != key:
        settings: dict[str, Any] = {"background": background(spec.name)} if method.needs_background else {}
        target = int(np.argmax(model.predict_proba(picture[None])[0]))
        with st.spinner("Making the maps …"):
            real = method.attribute(model, picture, ClassTarget(target), **settings).values
            maps = [
                Placebo(REAL, f"{method.title}: the real one", "", real),
                *placebos.without_model(picture, number),
            ]
            if offers(spec, "gradients"):
                random = method.attribute(
                    untrained(model, number), picture, ClassTarget(target), **settings
                ).values
                maps.append(placebos.random_weights(method.title, random))
        order = np.random.default_rng(number).permutation(len(maps))
        kept = st.session_state["_blind_maps"] = (key, (order, maps, spec.classes[target]))
    return kept[1]


def _next() -> None:
    state = st.session_state["_blind"]
    state["round"], state["choice"] = state["round"] + 1, None


def _choose(letter: str, right: bool) -> None:
    state = st.session_state["_blind"]
    state["choice"] = letter
    state["answered"] += 1
    state["right"] += int(right)
