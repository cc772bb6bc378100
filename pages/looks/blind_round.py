"""Which one is real? A map among four placebos on another picture, without names; the score of the visit."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st

from ask.asking import instead
from ask.picture_answer import PictureAnswer
from ask.question import PictureInput
from draw.overlay import blend, overlay
from explain.levels import offers
from explain.trust import placebos
from explain.trust.checks.randomisation import untrained
from explain.trust.placebos import Placebo
from pages.common.page import note, palette, subtitle

REAL, CARD = "real", 132
_LETTERS = "ABCDE"


def draw(shown: PictureAnswer) -> None:
    """Offer a round, and show it once it is begun."""
    subtitle("Which one is real?")
    state = st.session_state.setdefault("_blind", {"round": 0, "right": 0, "answered": 0, "choice": None})
    if state["round"] == 0:
        note("Maps of a picture that you have not seen here: one is the model's, the others are placebos.")
        st.button("Begin a blind round", icon=":material/visibility_off:", on_click=_next, key="_blind_begin")
        return
    pictures = shown.evidence.background(shown.compared_with)
    picture = pictures[(state["round"] - 1) % len(pictures)]
    order, maps, target = _round(shown, picture, state["round"])
    note(
        f"One map is {shown.method.title} for {target} by {shown.version.reference}; the others know nothing of what "
        "it learned. All show sizes of values alone, each scaled to its strongest pixel."
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


def _round(shown: PictureAnswer, picture: np.ndarray, number: int) -> tuple[np.ndarray, list[Placebo], str]:
    """The order in which maps are shown, the maps, and the class; made once for a round of this visit."""
    asked = instead(shown, input=PictureInput(picture), target=None)
    assert isinstance(asked, PictureAnswer)
    title = asked.method.title
    with st.spinner("Making the maps …"):
        maps = [
            Placebo(REAL, f"{title}: the real one", "", asked.attribution.values),
            *placebos.without_model(picture, number),
        ]
        if offers(asked.spec, "gradients"):
            random = asked.kept("blind round", (asked.method.name, number), lambda: _untaught(asked, number))
            maps.append(placebos.random_weights(title, random))
    order = np.random.default_rng(number).permutation(len(maps))
    return order, maps, asked.spec.classes[asked.target]


def _untaught(asked: PictureAnswer, number: int) -> np.ndarray:
    """The same method's map by the network with drawn weights."""
    settings: dict[str, Any] = {}
    if asked.method.needs_background:
        settings["background"] = asked.evidence.background(asked.compared_with)
    model = untrained(asked.model, number)
    return asked.method.attribute(model, asked.input, asked.explained, **settings).values


def _next() -> None:
    state = st.session_state["_blind"]
    state["round"], state["choice"] = state["round"] + 1, None


def _choose(letter: str, right: bool) -> None:
    state = st.session_state["_blind"]
    state["choice"] = letter
    state["answered"] += 1
    state["right"] += int(right)
