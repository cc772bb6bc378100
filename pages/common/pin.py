"""Pinning an answer as A, so that the next one can be laid beside it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import streamlit as st

from ask.codecs.link_codec import to_link
from ask.question import Question, picture_digest
from pages.common.page import link, note

SIDES = ("a", "b")
MOST_PHOTOS = 8


def draw(question: Question) -> None:
    """Draw the pin, and the way to the comparison where something is pinned.

    Parameters
    ----------
    question : Question
        With its method; a photo of it is kept for this visit.
    """
    now = to_link(question, keep_photo)
    pinned: dict[str, str] | None = st.session_state.get("_pinned")
    left, right = st.columns([1, 2], vertical_alignment="center")
    left.button(
        "Pin as A",
        icon=":material/push_pin:",
        on_click=_pin,
        args=(now,),
        width="stretch",
        help="Then change something, or choose another model or version, and compare.",
    )
    with right:
        if pinned is None or pinned == now:
            note("Pinned. Now change something." if pinned else "Pin this answer to lay another beside it.")
        else:
            both = zip(SIDES, (pinned, now), strict=True)
            params = {f"{side}.{name}": value for side, one in both for name, value in one.items()}
            link("compare.py", f"Compare with A ({pinned['version']})", icon=":material/compare:", **params)


def keep_photo(picture: np.ndarray) -> str:
    """Keep a picture for this visit alone; the name by which `photo` gives it back.

    Parameters
    ----------
    picture : ndarray of shape (height, width, 3), float32 in [0, 1]
        As the model takes it, before its pixels are changed.
    """
    kept: dict[str, np.ndarray] = st.session_state.setdefault("_pinned_photos", {})
    name = picture_digest(picture)[:12]
    kept[name] = picture
    while len(kept) > MOST_PHOTOS:
        kept.pop(next(iter(kept)))
    return name


def photo(name: str) -> np.ndarray:
    """The picture that `keep_photo` kept; raises ValueError where this visit has none of that name."""
    kept: dict[str, np.ndarray] = st.session_state.get("_pinned_photos", {})
    if name not in kept:
        raise ValueError(
            "The photo stayed in the visit in which it was uploaded. Upload it again and pin it."
        )
    return kept[name]


def side(query: Mapping[str, str], which: str) -> dict[str, str]:
    """What a URL of the comparison says of one side, by the names that the what-if has for it."""
    begins = f"{which}."
    return {name.removeprefix(begins): value for name, value in query.items() if name.startswith(begins)}


def _pin(answer: dict[str, str]) -> None:
    st.session_state["_pinned"] = answer
