"""The labelled regions of a scene."""

from __future__ import annotations

from enum import IntEnum


class Part(IntEnum):
    """What a mask's integers mean. The numbers are stored in files: append, never renumber."""

    BACKGROUND = 0
    BERRY = 1
    DOME = 2
    CUP = 3
    EYE = 4
    NOSE = 5
    EAR = 6
    FUR = 7

    @property
    def label(self) -> str:
        """The part's name on screen and in files, in lower case."""
        return self.name.lower()


PARTS_OF: dict[str, tuple[Part, ...]] = {
    "muffin": (Part.BACKGROUND, Part.BERRY, Part.DOME, Part.CUP),
    "chihuahua": (Part.BACKGROUND, Part.EYE, Part.NOSE, Part.EAR, Part.FUR),
}
"""The parts that a kind can show. Berries are absent from a plain muffin, and a tight crop shows few parts."""
