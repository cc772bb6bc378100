"""How the outcome of making a version again is shown, the same way on every page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import streamlit as st

Colour = Literal["green", "blue", "orange", "red", "gray"]


@dataclass(frozen=True, slots=True)
class Look:
    """Colour, icon and meaning of a level; green is for what came out the same, and for nothing else."""

    colour: Colour
    icon: str
    meaning: str


LEVELS: dict[str, Look] = {
    "bit-identical": Look(
        "green",
        ":material/verified:",
        "Every number in it came out the same, to the last bit.",
    ),
    "prediction-identical": Look(
        "green",
        ":material/check_circle:",
        "Other numbers inside, but the same class for every stored probe input; by how much its probabilities "
        "differ at most is listed beside it.",
    ),
    "within tolerance": Look(
        "blue",
        ":material/rule:",
        "A few answers differ; their share and the accuracy stay inside the tolerance that the record named.",
    ),
    "different": Look(
        "red",
        ":material/difference:",
        "Another model came out, or it is judged otherwise: answers or accuracies differ by more than the tolerance.",
    ),
    "not comparable": Look(
        "orange",
        ":material/block:",
        "Nothing can be said: it was not possible to train on the recorded data with the recorded code.",
    ),
}
_UNKNOWN = Look("gray", ":material/help:", "This level is not known here.")
NEVER_VERIFIED = "not made again yet"


def look(level: str) -> Look:
    """How a level is shown."""
    return LEVELS.get(level, _UNKNOWN)


def level_badge(level: str | None) -> None:
    """A level as a badge with icon and word; None says that nobody has made the version again."""
    if level is None:
        st.badge(NEVER_VERIFIED, icon=":material/pending:", color="gray")
    else:
        st.badge(level, icon=look(level).icon, color=look(level).colour)
