"""One part of a scene taken away or painted over, and all else as it is: what the part does can be measured.

Two ways, each of which touches as little as it can:

- **taken away**: the part is not drawn, and what lies behind it shows. Eyes and nose leave fur, berries
  leave the same dough without their juice, ears and cup leave the backdrop. Shape, grain, camera and light
  come from streams of their own, so they stay; the ground keeps the object's shadow.
- **painted grey**: what cannot be taken away keeps its form, its relief and its light and loses colours and
  markings: the dome as if moulded in grey clay, the fur without its coat, the backdrop as in a studio.

Neither leaves everything outside the part's mask alone, and neither should: berries stain the dough around
them, an ear shades the head, and the lens blurs every edge.
"""

from __future__ import annotations

from dataclasses import dataclass

from data.bakery.parts import Part
from data.bakery.render import Rendering, render
from data.bakery.scene import Scene


@dataclass(frozen=True, slots=True)
class Intervention:
    """One change of one part.

    Attributes
    ----------
    name : str
        The part or parts, as in a sentence: ``berries``.
    title : str
        What is done, as on a chart: ``Berries taken away``.
    parts : tuple of Part
        Whose pixels it changes.
    how : str
        What is done and what shows instead, in one sentence.
    painted : bool
        Whether the parts are painted grey; otherwise they are taken away.
    """

    name: str
    title: str
    parts: tuple[Part, ...]
    how: str
    painted: bool = False

    def render(self, scene: Scene, size: int = 96) -> Rendering:
        """The scene with this change.

        Raises
        ------
        ValueError
            For a scene whose kind has no such part, and a size that cannot be rendered.
        """
        if self.painted:
            return render(scene, size, painted=self.parts)
        return render(scene, size, without=self.parts)


_BACKGROUND = Intervention(
    "background",
    "Background painted grey",
    (Part.BACKGROUND,),
    "Wall and ground become one plain grey; the object's shadow stays.",
    painted=True,
)

INTERVENTIONS: dict[str, tuple[Intervention, ...]] = {
    "muffin": (
        Intervention(
            "berries",
            "Berries taken away",
            (Part.BERRY,),
            "No berry is drawn, and no juice: the same dough shows, with the same crust.",
        ),
        Intervention(
            "dome",
            "Dome painted grey",
            (Part.DOME,),
            "The dome keeps its form, cracks and light and loses the colours of the crust; berries stay.",
            painted=True,
        ),
        Intervention(
            "cup",
            "Cup taken away",
            (Part.CUP,),
            "The cup is not drawn: the dome's lower edge and the background show.",
        ),
        _BACKGROUND,
    ),
    "chihuahua": (
        Intervention(
            "eyes", "Eyes taken away", (Part.EYE,), "No eye is drawn: the fur of the sockets shows."
        ),
        Intervention("nose", "Nose taken away", (Part.NOSE,), "No nose is drawn: the muzzle's fur shows."),
        Intervention(
            "ears", "Ears taken away", (Part.EAR,), "No ear is drawn: the head and the background show."
        ),
        Intervention(
            "fur",
            "Fur painted grey",
            (Part.FUR,),
            "Head and body keep their form, hair and light and lose coat, markings and mouth; ears stay.",
            painted=True,
        ),
        _BACKGROUND,
    ),
}
"""The interventions of each kind: one for every part that it can show."""
