"""Many scenes: what is written is what was said, once, and never half."""

import json

import numpy as np
import pytest
import rfc8785
from PIL import Image

from data.bakery import (
    RENDERER_VERSION,
    Scene,
    bake,
    batch,
    dataset_identity,
    load_or_render,
    pixel_digest,
    render,
    sample_scenes,
    to_bytes,
)


def test_identity_follows_scenes_order_and_renderer_but_no_pixels(monkeypatch):
    scenes = sample_scenes(4, 1)
    identity = dataset_identity(scenes)
    assert dataset_identity([Scene.from_json(scene.to_json()) for scene in scenes]) == identity
    assert dataset_identity(scenes[::-1]) != identity
    assert dataset_identity([*scenes[:3], scenes[3].replace(light=0.0)]) != identity
    monkeypatch.setattr(batch, "RENDERER_VERSION", RENDERER_VERSION + "x")
    assert dataset_identity(scenes) != identity


def test_bake_writes_pictures_masks_and_scenes(tmp_path):
    steps = []
    baked = bake(5, 3, tmp_path / "deep" / "set", size=32, progress=lambda *step: steps.append(step))
    assert steps == [(k, 5) for k in range(1, 6)]
    manifest = (baked.out / "scenes.json").read_bytes()
    document = json.loads(manifest)
    assert rfc8785.dumps(document) == manifest
    scenes = [Scene.from_json(scene) for scene in document["scenes"]]
    assert scenes == sample_scenes(5, 3)
    assert document["identity"] == baked.identity == dataset_identity(scenes)
    for i, scene in enumerate(scenes):
        expected = render(scene, 32)
        image = np.asarray(Image.open(baked.out / "images" / scene.kind / f"{i:05d}.png"))
        mask = np.asarray(Image.open(baked.out / "masks" / scene.kind / f"{i:05d}.png"))
        assert np.array_equal(image, to_bytes(expected.image))
        assert np.array_equal(mask, expected.mask)
    files = [path for path in baked.out.rglob("*") if path.is_file()]
    assert len(files) == 11
    assert [path.name for path in baked.out.parent.iterdir()] == ["set"]


def test_a_second_bake_renders_nothing_and_touches_nothing(tmp_path):
    first = bake(4, 3, tmp_path / "set", size=32)
    times = {path: path.stat().st_mtime_ns for path in first.out.rglob("*")}
    again = bake(4, 3, tmp_path / "set", size=32)
    assert (first.rendered, again.rendered) == (4, 0)
    assert (again.identity, again.pixels) == (first.identity, first.pixels)
    assert {path: path.stat().st_mtime_ns for path in first.out.rglob("*")} == times


def test_an_interrupted_bake_is_invisible_and_taken_up_again(tmp_path):
    def stop(done, total):
        if done == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        bake(6, 3, tmp_path / "set", size=32, progress=stop)
    assert not (tmp_path / "set").exists()
    resumed = bake(6, 3, tmp_path / "set", size=32)
    whole = bake(6, 3, tmp_path / "other", size=32)
    assert (resumed.rendered, whole.rendered) == (3, 6)
    assert resumed.pixels == whole.pixels
    assert sorted(path.name for path in tmp_path.iterdir()) == ["other", "set"]


@pytest.mark.parametrize("other", [{"n": 5}, {"seed": 4}, {"size": 48}])
def test_a_folder_with_something_else_is_left_alone(tmp_path, other):
    settings = {"n": 2, "seed": 3, "size": 32}
    bake(out=tmp_path / "set", **settings)
    with pytest.raises(FileExistsError, match="holds other scenes"):
        bake(out=tmp_path / "set", **{**settings, **other})
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("dear")
    with pytest.raises(FileExistsError, match="is not a bake"):
        bake(out=tmp_path / "mine", **settings)
    assert (tmp_path / "mine" / "letter.txt").read_text() == "dear"


def test_an_empty_folder_is_taken_and_a_link_to_one_too(tmp_path):
    (tmp_path / "empty").mkdir()
    (tmp_path / "far").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "far")
    for name in ("empty", "link"):
        assert bake(2, 0, tmp_path / name).rendered == 2
        assert bake(2, 0, tmp_path / name).rendered == 0
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "far" / "scenes.json").is_file()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["empty", "far", "link"]


def test_a_bake_that_fails_leaves_the_empty_folder_empty(tmp_path):
    (tmp_path / "empty").mkdir()
    # A folder lies where the list of scenes is to be written.
    identity = dataset_identity(sample_scenes(2, 0))
    (tmp_path / f".empty.{identity[:12]}-96.part" / "scenes.json" / "in the way").mkdir(parents=True)
    with pytest.raises(OSError, match=r"scenes\.json"):
        bake(2, 0, tmp_path / "empty")
    assert list((tmp_path / "empty").iterdir()) == []


def test_several_processes_bake_the_same_pixels(tmp_path):
    alone = bake(20, 5, tmp_path / "alone", size=16, workers=1)
    many = bake(20, 5, tmp_path / "many", size=16, workers=2)
    assert alone.pixels == many.pixels


def test_nothing_to_bake_is_an_empty_set(tmp_path):
    assert bake(0, 1, tmp_path / "none").n == 0
    assert json.loads((tmp_path / "none" / "scenes.json").read_bytes())["scenes"] == []


@pytest.mark.parametrize("bad", [{"n": -1}, {"size": 8}, {"workers": 0}])
def test_bake_refuses_what_it_cannot_do_and_leaves_no_folder(tmp_path, bad):
    with pytest.raises(ValueError, match=f"{next(iter(bad))} is"):
        bake(**{"n": 2, "seed": 1, "out": tmp_path / "set", "size": 32, **bad})
    assert not (tmp_path / "set").exists()


def test_arrays_come_from_the_cache_the_second_time(tmp_path, monkeypatch):
    scenes = sample_scenes(4, 2)
    first = load_or_render(scenes, 32, tmp_path)
    assert not first.from_cache and first.images.dtype == first.masks.dtype == np.uint8
    assert np.array_equal(first.images[2], to_bytes(render(scenes[2], 32).image))
    monkeypatch.setattr(batch, "render", None)  # a second rendering would fail
    again = load_or_render(scenes, 32, tmp_path)
    assert again.from_cache and again.identity == first.identity
    assert pixel_digest(again.images, again.masks) == pixel_digest(first.images, first.masks)


def test_size_and_scenes_have_cache_files_of_their_own(tmp_path):
    scenes = sample_scenes(2, 2)
    assert load_or_render(scenes, 32, tmp_path).images.shape == (2, 32, 32, 3)
    assert load_or_render(scenes, 48, tmp_path).images.shape == (2, 48, 48, 3)
    assert not load_or_render(scenes[:1], 32, tmp_path).from_cache
    assert len(list(tmp_path.iterdir())) == 3


@pytest.mark.parametrize(
    "damage", [lambda whole: whole[: len(whole) // 2], lambda whole: b"", lambda whole: b"noise"]
)
def test_a_damaged_cache_is_rendered_anew(tmp_path, damage):
    scenes = sample_scenes(2, 2)
    first = load_or_render(scenes, 32, tmp_path)
    (path,) = tmp_path.iterdir()
    path.write_bytes(damage(path.read_bytes()))
    again = load_or_render(scenes, 32, tmp_path)
    assert not again.from_cache and np.array_equal(again.images, first.images)
    assert load_or_render(scenes, 32, tmp_path).from_cache


def test_a_flipped_byte_in_the_cache_is_not_believed(tmp_path):
    scenes = sample_scenes(2, 2)
    first = load_or_render(scenes, 32, tmp_path)
    (path,) = tmp_path.iterdir()
    whole = bytearray(path.read_bytes())
    whole[1500] ^= 0xFF
    path.write_bytes(bytes(whole))
    assert np.array_equal(load_or_render(scenes, 32, tmp_path).images, first.images)


def test_an_interrupted_rendering_leaves_no_cache_file(tmp_path):
    def stop(done, total):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        load_or_render(sample_scenes(3, 2), 32, tmp_path, progress=stop)
    assert list(tmp_path.iterdir()) == []


def test_a_cache_file_of_other_scenes_is_not_believed(tmp_path):
    mine, other = sample_scenes(2, 2), sample_scenes(2, 3)
    load_or_render(mine, 32, tmp_path)
    (path,) = tmp_path.iterdir()
    expected = load_or_render(other, 32, tmp_path / "other")
    next((tmp_path / "other").iterdir()).replace(path)
    again = load_or_render(mine, 32, tmp_path)
    assert not again.from_cache and not np.array_equal(again.images, expected.images)


def test_a_write_that_fails_leaves_what_was_there(tmp_path):
    path = tmp_path / "file"
    path.write_text("whole")

    def fail(part):
        part.write_text("ha")
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        batch.write_whole(path, fail)
    assert path.read_text() == "whole"
    assert [entry.name for entry in tmp_path.iterdir()] == ["file"]


def test_bytes_are_the_nearest_of_256_levels():
    levels = np.arange(256)
    for off in (-0.4, 0.0, 0.4):
        assert np.array_equal(to_bytes((levels + off) / 255), levels)
    assert np.array_equal(to_bytes(np.array([-0.5, 1.5])), [0, 255])
