"""Scenes that have a name, ``muffin-1`` and so on: where a what-if starts, on a page and on the command line."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from types import MappingProxyType

from data.bakery.sample import sample_scenes
from data.bakery.scene import CONCEPTS, Scene

# For each kind the first scenes of the prior with these first traits. Whoever names one means the same scene
# for ever, so neither the seed nor the order may change.
_SEED, _POOL = 41, 60
_FIRST_TRAITS = {
    "muffin": ("blueberry", "chocolate_chip", "blueberry", "plain"),
    "chihuahua": ("solid", "blaze", "black_and_tan", "sable"),
}


@functools.cache
def named_scenes() -> Mapping[str, Scene]:
    """The scenes by their names: each kind's, numbered from 1. They show the whole object, without blur."""
    drawn = sample_scenes(_POOL, _SEED, framing=(0.0, 0.1))
    found: dict[str, Scene] = {}
    for kind, traits in _FIRST_TRAITS.items():
        for number, trait in enumerate(traits, start=1):
            scene = next(s for s in drawn if s.kind == kind and s.traits[0][1] == trait)
            drawn.remove(scene)
            # A slider holds multiples of its step; so does the scene that it starts from.
            steps = {f.name: f.snap(dict(scene.concepts)[f.name]) for f in CONCEPTS[kind]}
            found[f"{kind}-{number}"] = scene.replace(**{**steps, "blur": 0.0})
    return MappingProxyType(found)
