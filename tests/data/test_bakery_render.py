"""The renderer: same scene, same pixels; one concept, one change; masks that tell the truth."""

import hashlib
import math
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from scipy.ndimage import binary_dilation

from data.bakery import (
    CONCEPTS,
    KINDS,
    PARTS_OF,
    TRAITS,
    Part,
    Scene,
    chihuahua,
    muffin,
    render,
    sample_scenes,
)
from data.bakery.berries import places
from data.bakery.pose import Head
from data.bakery.shape import shape_of
from tests.data.test_bakery_scene import scenes

ROOT = Path(__file__).parents[2]
SEEDS = (1, 2, 3)


def moved(a, b):
    """The pixels (h, w) that differ between two renderings by more than a thousandth."""
    return (np.abs(a.image - b.image) > 1e-3).any(axis=2)


def around(region, pixels=1):
    """A region with a border, because a pixel on an outline mixes both sides."""
    return binary_dilation(region, np.ones((3, 3)), iterations=pixels)


def covers(rendering, *parts):
    return np.isin(rendering.mask, [int(part) for part in parts])


@pytest.mark.parametrize("size", [96, 160])
@pytest.mark.parametrize("kind", KINDS)
def test_picture_and_mask_have_the_stated_shape_type_and_range(kind, size):
    made = render(Scene.of(kind, 5), size)
    assert made.image.shape == (size, size, 3) and made.image.dtype == np.float32
    assert made.mask.shape == (size, size) and made.mask.dtype == np.uint8
    assert made.image.min() >= 0 and made.image.max() <= 1
    assert made.image.std() > 0.05


@settings(max_examples=40, deadline=None)
@given(scenes())
def test_any_valid_scene_renders_to_finite_colours_and_known_parts(scene):
    made = render(scene, 32)
    assert np.isfinite(made.image).all()
    assert made.image.min() >= 0 and made.image.max() <= 1
    assert set(np.unique(made.mask)) <= {int(part) for part in PARTS_OF[scene.kind]}


def test_a_fresh_process_renders_the_same_pixels():
    code = (
        "import hashlib; from data.bakery import render, sample_scenes\n"
        "digest = hashlib.sha256()\n"
        "for scene in sample_scenes(6, 12):\n"
        "    made = render(scene); digest.update(made.image.tobytes() + made.mask.tobytes())\n"
        "print(digest.hexdigest())"
    )
    environment = {**os.environ, "PYTHONHASHSEED": "77", "OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}
    theirs = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    ours = hashlib.sha256()
    for scene in sample_scenes(6, 12):
        made = render(scene)
        ours.update(made.image.tobytes() + made.mask.tobytes())
    assert theirs.stdout.strip() == ours.hexdigest()


def test_what_was_rendered_before_does_not_matter():
    first = render(Scene.of("muffin", 9)).image
    render(Scene.of("chihuahua", 8))
    render(Scene.of("muffin", 9, berry_spacing=1.0))
    assert np.array_equal(render(Scene.of("muffin", 9)).image, first)


def test_a_larger_picture_shows_the_same_scene():
    for scene in sample_scenes(6, 3):
        small, large = render(scene, 48), render(scene, 192)
        shrunk = large.image.reshape(48, 4, 48, 4, 3).mean((1, 3))
        assert np.abs(shrunk - small.image).mean() < 0.03
        centres = large.mask[2::4, 2::4]
        assert (centres == small.mask).mean() > 0.9


@pytest.mark.parametrize("kind", KINDS)
def test_every_part_is_there_at_normal_framing(kind):
    for scene in sample_scenes(24, 6, framing=(0.0, 0.1)):
        if scene.kind != kind or (kind == "muffin" and scene.trait("flavour") == "plain"):
            continue
        found = set(np.unique(render(scene).mask))
        assert found == {int(part) for part in PARTS_OF[kind]}, scene


def test_a_plain_muffin_has_no_berries():
    assert not covers(render(Scene.of("muffin", 4, flavour="plain")), Part.BERRY).any()


@pytest.mark.parametrize(("kind", "name"), [(kind, f.name) for kind in KINDS for f in CONCEPTS[kind]])
def test_every_concept_changes_the_picture(kind, name):
    feature = next(f for f in CONCEPTS[kind] if f.name == name)
    for seed in SEEDS:
        low, high = (render(Scene.of(kind, seed, **{name: v})) for v in (feature.low, feature.high))
        if name.endswith("hue") or name == "background":
            high = render(Scene.of(kind, seed, **{name: 180.0}))  # 0 and 360 degrees are one hue
        assert moved(low, high).sum() > 20


@pytest.mark.parametrize(("kind", "name"), [(kind, name) for kind in KINDS for name in TRAITS[kind]])
def test_every_option_of_a_trait_is_a_picture_of_its_own(kind, name):
    pictures = [render(Scene.of(kind, 2, **{name: option})).image.tobytes() for option in TRAITS[kind][name]]
    assert len(set(pictures)) == len(pictures)


@pytest.mark.parametrize("seed", SEEDS)
def test_denser_berries_leave_dome_cup_and_background_alone(seed):
    sparse, dense = (render(Scene.of("muffin", seed, berry_spacing=v)) for v in (3.2, 1.3))
    top = covers(sparse, Part.BERRY, Part.DOME)
    assert np.array_equal(top, covers(dense, Part.BERRY, Part.DOME))
    assert np.array_equal(covers(sparse, Part.CUP), covers(dense, Part.CUP))
    assert not (moved(sparse, dense) & ~around(top, 2)).any()
    assert covers(dense, Part.BERRY).sum() > 2 * covers(sparse, Part.BERRY).sum()


@pytest.mark.parametrize("seed", SEEDS)
def test_the_berries_that_were_there_stay_when_more_come(seed):
    before = covers(render(Scene.of("muffin", seed, berry_spacing=3.5)), Part.BERRY)
    for spacing in (2.5, 1.8, 1.2):
        after = covers(render(Scene.of("muffin", seed, berry_spacing=spacing)), Part.BERRY)
        assert (before & ~after).sum() == 0
        before = after


def test_places_are_a_prefix_of_one_sequence_and_as_many_as_the_spacing_says():
    dome, _ = shape_of(7)
    sparse, dense, closest = places(dome, 2.6, 7), places(dome, 1.3, 7), places(dome, 1.0, 7)
    assert np.array_equal(closest[: len(dense)], dense) and np.array_equal(dense[: len(sparse)], sparse)
    assert len(dense) == pytest.approx(4 * len(sparse), abs=3)  # half the spacing, four times the berries
    assert np.linalg.norm(dense, axis=1) == pytest.approx(np.ones(len(dense)))


def test_a_larger_berry_covers_the_smaller_one_at_the_same_place():
    small, large = (covers(render(Scene.of("muffin", 3, berry_size=v)), Part.BERRY) for v in (0.7, 1.3))
    assert large.sum() > 1.5 * small.sum()
    assert (small & ~large).mean() < 0.002


@pytest.mark.parametrize(
    ("kind", "name", "values", "parts"),
    [
        ("muffin", "bake", (8, 40), (Part.DOME,)),
        ("muffin", "cup_hue", (0, 180), (Part.CUP,)),
        ("muffin", "background", (0, 180), (Part.BACKGROUND,)),
        ("chihuahua", "background", (0, 180), (Part.BACKGROUND,)),
        ("chihuahua", "fur_tone", (0.1, 0.9), (Part.FUR, Part.EAR)),
    ],
)
def test_a_colour_changes_no_shape_and_no_other_part(kind, name, values, parts):
    for seed in SEEDS:
        a, b = (render(Scene.of(kind, seed, **{name: v})) for v in values)
        assert np.array_equal(a.mask, b.mask)
        assert not (moved(a, b) & ~around(covers(a, *parts), 2)).any()


def test_the_light_changes_no_shape():
    for kind in KINDS:
        a, b = (render(Scene.of(kind, 3, light=v)) for v in (-70, 70))
        assert np.array_equal(a.mask, b.mask)


def test_light_from_the_left_lights_the_left():
    for kind in KINDS:
        left, right = (render(Scene.of(kind, 3, light=v)) for v in (-80, 80))
        seen = left.mask != Part.BACKGROUND
        columns = np.broadcast_to(np.arange(96), seen.shape)
        west = seen & (columns < np.median(columns[seen]))
        gain = (left.image - right.image).mean(2)
        assert gain[west].mean() > 0.03
        assert gain[seen & ~west].mean() < -0.03


@pytest.mark.parametrize("seed", SEEDS)
def test_ear_size_moves_ears_and_what_they_hide(seed):
    small, large = (render(Scene.of("chihuahua", seed, ear_size=v)) for v in (0.7, 1.2))
    ears = covers(small, Part.EAR) | covers(large, Part.EAR)
    assert not ((small.mask != large.mask) & ~around(ears)).any()
    assert covers(large, Part.EAR).sum() > 1.5 * covers(small, Part.EAR).sum()
    for part in (Part.EYE, Part.NOSE):
        assert np.array_equal(covers(small, part), covers(large, part))
    far = ~around(ears, 5)  # nearer, an ear shades the fur
    assert not (moved(small, large) & far).any()


@pytest.mark.parametrize("seed", [13, 35])  # the nose, the far cheek: where a large eye would reach
def test_the_largest_eyes_stay_on_the_face_and_off_the_nose(seed):
    small, large = (render(Scene.of("chihuahua", seed, eye_size=v), 192) for v in (0.6, 1.5))
    assert not (covers(small, Part.NOSE) & ~covers(large, Part.NOSE)).any()
    face = (Part.FUR, Part.EYE, Part.NOSE)
    assert np.array_equal(covers(small, *face), covers(large, *face))


@pytest.mark.parametrize("seed", SEEDS)
def test_eye_size_moves_eyes_and_their_rims_only(seed):
    small, large = (render(Scene.of("chihuahua", seed, eye_size=v)) for v in (0.8, 1.4))
    eyes = covers(small, Part.EYE) | covers(large, Part.EYE)
    assert not ((small.mask != large.mask) & ~around(eyes)).any()
    assert covers(large, Part.EYE).sum() > 1.8 * covers(small, Part.EYE).sum()
    assert not (moved(small, large) & ~around(eyes, 7)).any()  # the socket's shade grows with the eye


def test_head_tilt_turns_the_eyes_and_leaves_the_body():
    def slope(made):
        rows, columns = np.nonzero(covers(made, Part.EYE))
        left = columns < columns.mean()
        return np.degrees(
            np.arctan2(rows[~left].mean() - rows[left].mean(), columns[~left].mean() - columns[left].mean())
        )

    made = {tilt: render(Scene.of("chihuahua", 3, head_tilt=tilt), 192) for tilt in (-20, 0, 20)}
    for tilt in (-20, 20):
        assert slope(made[tilt]) - slope(made[0]) == pytest.approx(tilt, abs=4)
    foot = slice(170, 192)
    assert np.abs(made[-20].image[foot] - made[20].image[foot]).mean() < 0.02


def test_a_longer_muzzle_shows_more_of_it_and_leaves_eyes_and_ears():
    for seed in SEEDS:
        short, long = (render(Scene.of("chihuahua", seed, muzzle=v)) for v in (0.7, 1.4))
        for part in (Part.EYE, Part.EAR):
            assert (covers(short, part) != covers(long, part)).mean() < 0.003


@pytest.mark.parametrize(("kind", "room"), [("chihuahua", chihuahua), ("muffin", muffin)])
def test_framing_is_a_crop_of_the_same_scene(kind, room):
    scene = Scene.of(kind, 5)
    whole, near = room.cameras(scene)
    window = whole.towards(near, 0.5)
    across = (window.samples(96)[0] - whole.x + whole.half) / (2 * whole.half)
    down = (whole.y + whole.half - window.samples(96)[1]) / (2 * whole.half)
    assert min(across[0], down[0]) > 0 and max(across[-1], down[-1]) < 1
    columns, rows = (across * 384).astype(int), (down * 384).astype(int)
    large, close = render(scene, 384), render(scene.replace(framing=0.5), 96)
    assert (large.mask[rows][:, columns] == close.mask).mean() > 0.97
    assert np.abs(large.image[rows][:, columns] - close.image).mean() < 0.03


def test_tightest_framing_shows_three_dark_spots_and_neither_cup_nor_ear():
    for scene in sample_scenes(16, 8, framing=(1.0, 1.0)):
        mask = render(scene).mask
        spots = np.isin(mask, [Part.BERRY, Part.EYE, Part.NOSE])
        if scene.kind == "chihuahua" or scene.trait("flavour") != "plain":
            assert 0.02 < spots.mean() < 0.6
        assert np.isin(mask, [Part.CUP, Part.EAR]).mean() < 0.12


def test_blur_softens_and_keeps_the_mean_light_and_the_mask():
    sharp, soft = (render(Scene.of("muffin", 6, blur=v)) for v in (0.0, 3.0))
    assert np.array_equal(sharp.mask, soft.mask)
    assert np.abs(np.diff(soft.image, axis=1)).mean() < 0.6 * np.abs(np.diff(sharp.image, axis=1)).mean()
    assert soft.image.mean() == pytest.approx(sharp.image.mean(), abs=0.02)


def test_bake_goes_from_pale_to_dark():
    light = [render(Scene.of("muffin", 6, bake=v)) for v in (5, 15, 25, 35, 45)]
    means = [made.image[covers(made, Part.DOME)].mean() for made in light]
    assert means == sorted(means, reverse=True)
    assert means[0] > 2 * means[-1]


@pytest.mark.parametrize("size", [15, 1025, 96.0, True])
def test_a_size_that_cannot_be_rendered_is_refused(size):
    with pytest.raises(ValueError, match=r"size is .* integer from 16 to 1024 pixels"):
        render(Scene.of("muffin"), size)


@pytest.mark.parametrize("degrees", [-20.0, 0.0, 15.0])
def test_directions_turn_with_the_head(degrees):
    """A direction of the head's frame is where the head's places move along it; lengths and depth stay."""
    head = Head((0.1, -0.2), math.radians(degrees))
    origin = np.array(head.world(0.0, 0.0))
    for x, y, z in ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.6, 0.0, 0.8), (-0.36, 0.48, 0.8)):
        turned = head.to_world(np.array([x, y, z], np.float32))
        assert turned[:2] == pytest.approx(np.array(head.world(x, y)) - origin, abs=1e-6)
        assert turned[2] == pytest.approx(z)
