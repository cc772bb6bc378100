"""The scenes that have a name mean the same for ever: links and commands hold it."""

from __future__ import annotations

from data import bakery
from data.bakery import named_scenes


def test_each_kind_has_four_with_the_traits_that_tell_them_apart() -> None:
    named = named_scenes()
    assert list(named) == [f"{kind}-{number}" for kind in ("muffin", "chihuahua") for number in (1, 2, 3, 4)]
    assert all(name.startswith(scene.kind) for name, scene in named.items())
    assert len({scene.digest for scene in named.values()}) == 8
    assert [named[f"muffin-{i}"].trait("flavour") for i in (1, 2, 3, 4)] == [
        "blueberry",
        "chocolate_chip",
        "blueberry",
        "plain",
    ]
    assert [named[f"chihuahua-{i}"].trait("coat") for i in (1, 2, 3, 4)] == [
        "solid",
        "blaze",
        "black_and_tan",
        "sable",
    ]


def test_they_are_drawn_scenes_on_the_sliders_steps_without_blur() -> None:
    drawn = {scene.seed: scene for scene in bakery.sample_scenes(60, 41, framing=(0.0, 0.1))}
    for scene in named_scenes().values():
        origin = drawn[scene.seed]
        assert (origin.kind, origin.traits) == (scene.kind, scene.traits)
        for feature in bakery.CONCEPTS[scene.kind]:
            expected = 0.0 if feature.name == "blur" else feature.snap(origin.value(feature.name))
            assert scene.value(feature.name) == expected
