"""The colours that charts are drawn in. A page picks the palette of the look that it shows.

Orange and blue mean evidence for and against, everywhere in Crumbtrail, so classes start with the
theme's other colours. They stay apart for colour-blind eyes as far as colours can; charts give every
class a name or a shape as well.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Palette:
    """Colours as ``#RRGGBB``.

    Attributes
    ----------
    text, muted : str
        For what is read first, and for what is read second. Both are legible on `background`.
    grid : str
        Lines that guide the eye.
    background : str
        What the chart stands on; charts themselves are transparent.
    surface : str
        A raised or shaded area.
    accent : str
        What belongs to the person: the present value.
    positive, negative : str
        Evidence for and against.
    classes : tuple of str
        One a class; used again from the start where there are more classes.
    """

    text: str
    muted: str
    grid: str
    background: str
    surface: str
    accent: str
    positive: str
    negative: str
    classes: tuple[str, ...]

    def of_class(self, index: int) -> str:
        """Colour of a class by its position."""
        return self.classes[index % len(self.classes)]


LIGHT = Palette(
    text="#2B2420",
    muted="#6E6157",
    grid="#E4D8C6",
    background="#FCF8F2",
    surface="#F4ECDF",
    accent="#3F51A3",
    positive="#C4620F",
    negative="#3F51A3",
    classes=("#2E8B7A", "#7A5195", "#8A6D3B", "#5B85BE", "#B8486B", "#5B5B5B", "#3F51A3", "#C4620F"),
)

DARK = Palette(
    text="#F3EBE0",
    muted="#B3A698",
    grid="#3A322B",
    background="#191512",
    surface="#25201B",
    accent="#9DADF5",
    positive="#F0963C",
    negative="#8496F2",
    classes=("#5BC0AC", "#B79AD6", "#CDB07A", "#A9D1F0", "#E58AA6", "#B5B5B5", "#8496F2", "#F0963C"),
)
