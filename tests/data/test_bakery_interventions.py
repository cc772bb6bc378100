"""One part taken away or painted grey: that part changes, and all else stays."""

import dataclasses

import numpy as np
import pytest
from scipy.ndimage import binary_dilation

from data.bakery import INTERVENTIONS, KINDS, PARTS_OF, Part, Scene, render, sample_scenes
from data.bakery.palette import linear
from data.bakery.render import REMOVABLE

EACH = [pytest.param(kind, one, id=f"{kind}-{one.name}") for kind in KINDS for one in INTERVENTIONS[kind]]


def scenes_of(kind):
    """Four scenes of a kind that show every part, over all light, blur and backdrops of the prior."""
    drawn = sample_scenes(40, 11, framing=(0.0, 0.2))
    fitting = (s for s in drawn if s.kind == kind and (kind == "chihuahua" or s.trait("flavour") != "plain"))
    return [scene for scene, _ in zip(fitting, range(4), strict=False)]


def covers(rendering, parts):
    return np.isin(rendering.mask, [int(part) for part in parts])


def change(before, after):
    return np.abs(after.image.astype(float) - before.image).sum(axis=2)


def around(region, pixels):
    return binary_dilation(region, np.ones((3, 3)), iterations=pixels)


def test_every_part_of_a_kind_has_exactly_one_intervention():
    for kind in KINDS:
        touched = [part for one in INTERVENTIONS[kind] for part in one.parts]
        assert sorted(touched) == sorted(PARTS_OF[kind])
        names = [one.name for one in INTERVENTIONS[kind]]
        assert len(set(names)) == len(names)


def test_nothing_left_out_and_nothing_painted_is_the_scene_itself():
    for scene in [*sample_scenes(6, 21), Scene.of("muffin", 3, flavour="plain", blur=2.0)]:
        usual, spelt_out = render(scene), render(scene, without=(), painted=())
        assert usual.image.tobytes() == spelt_out.image.tobytes()
        assert usual.mask.tobytes() == spelt_out.mask.tobytes()


# How much of the change may lie outside the part, a border of 3 pixels added: blur and an ear's shade reach
# a little further, and the juice of berries stains the dough by up to one and a half of their radius more.
FURTHER = {"berries": 0.03}


@pytest.mark.parametrize(("kind", "one"), EACH)
def test_only_the_part_changes_but_for_a_small_halo(kind, one):
    for scene in scenes_of(kind):
        before, after = render(scene), one.render(scene)
        mask, moved = covers(before, one.parts), change(before, after)
        assert moved[mask].mean() > 0.05
        assert moved[~around(mask, 3)].sum() <= FURTHER.get(one.name, 0.002) * moved.sum()
        assert moved[~around(mask, 14)].max(initial=0) < 1e-3


@pytest.mark.parametrize(("kind", "one"), EACH)
def test_other_parts_keep_their_places(kind, one):
    for scene in scenes_of(kind):
        before, after = render(scene), one.render(scene)
        if one.painted:
            assert np.array_equal(before.mask, after.mask)
        else:
            assert not covers(after, one.parts).any()
            other = ~around(covers(before, one.parts), 1)  # on an outline, four samples vote anew
            assert np.array_equal(before.mask[other], after.mask[other])


@pytest.mark.parametrize(
    ("kind", "name", "shows"),
    [
        ("muffin", "berries", {Part.DOME}),
        ("muffin", "cup", {Part.DOME, Part.BERRY, Part.BACKGROUND}),
        ("chihuahua", "eyes", {Part.FUR}),
        ("chihuahua", "nose", {Part.FUR}),
        ("chihuahua", "ears", {Part.FUR, Part.BACKGROUND}),
    ],
)
def test_behind_a_part_is_what_the_description_says(kind, name, shows):
    (one,) = (one for one in INTERVENTIONS[kind] if one.name == name)
    for scene in scenes_of(kind):
        mask = covers(render(scene), one.parts)
        assert set(one.render(scene).mask[mask].tolist()) <= shows


def test_without_berries_the_muffin_is_a_plain_one():
    for scene in scenes_of("muffin"):
        if scene.trait("flavour") == "chocolate":
            continue  # its dough is another one
        bare = INTERVENTIONS["muffin"][0].render(scene)
        assert np.array_equal(bare.image, render(scene.replace(flavour="plain")).image)


@pytest.mark.parametrize(("kind", "one"), [p for p in EACH if p.values[1].painted])
def test_a_painted_part_has_no_colour_of_its_own(kind, one, monkeypatch):
    """Under white light what is painted is neutral, and an unpainted part is not."""
    white = np.ones(3, np.float32)
    true = render.__globals__["light_of"]
    plain = lambda angle, seed: dataclasses.replace(true(angle, seed), key=0.8 * white, sky=0.3 * white)  # noqa: E731
    monkeypatch.setitem(render.__globals__, "light_of", plain)
    for scene in scenes_of(kind):
        scene = scene.replace(blur=0.0, framing=0.0)
        before, after = render(scene), one.render(scene)
        inner = ~around(~covers(before, one.parts), 2)
        assert np.ptp(after.image[inner], axis=1).max() < 2e-3
    assert np.ptp(before.image[inner], axis=1).max() > 0.02


def test_a_painted_body_keeps_its_relief():
    for kind, name in (("muffin", "dome"), ("chihuahua", "fur")):
        (one,) = (one for one in INTERVENTIONS[kind] if one.name == name)
        for scene in scenes_of(kind):
            after = one.render(scene)
            assert after.image[covers(after, one.parts)].std() > 0.03


def test_the_object_still_throws_its_shadow_on_a_grey_backdrop():
    (one,) = (one for one in INTERVENTIONS["muffin"] if one.name == "background")
    after = one.render(Scene.of("muffin", 5, light=-60.0))
    behind = after.image[covers(after, one.parts)].mean(axis=1)
    assert behind.min() < 0.8 * behind.max()
    assert behind.max() < np.sqrt(linear((0.5, 0.5, 0.5))[0] * 1.5)


def test_a_part_out_of_sight_leaves_no_trace_when_it_is_left_out():
    """Neither the camera nor what is drawn at random knows of a change."""
    close = Scene.of("chihuahua", 4, framing=1.0)
    assert not covers(render(close), [Part.EAR]).any()
    assert np.array_equal(render(close).image, render(close, without=[Part.EAR]).image)


def test_parts_that_cannot_be_left_out_are_refused():
    with pytest.raises(ValueError, match="a muffin has no part ear"):
        render(Scene.of("muffin"), without=[Part.EAR])
    with pytest.raises(ValueError, match="a chihuahua has no part cup"):
        render(Scene.of("chihuahua"), painted=[Part.CUP])
    for kind in KINDS:
        for part in set(PARTS_OF[kind]) - REMOVABLE:
            with pytest.raises(
                ValueError, match=f"{part.label} cannot be left out; berry, cup, ear, eye, nose can"
            ):
                render(Scene.of(kind), without=[part])
