"""Examples of what a version learned from, and how usual a picture is among them, measured, stored and read."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from scipy.spatial.distance import cdist

from data import bakery, photo_folders, scenes
from data.failures import UserMistake
from data.images import as_input, scaled
from explain.neighbours.example_pictures import picture_of
from explain.neighbours.examples import Examples, examples
from explain.neighbours.features import penultimate
from explain.neighbours.learned import Learned, learned_from
from explain.neighbours.neighbours import nearest
from explain.typicality import feature_typicality as typicality
from governance.record import Record
from models import muffin_cnn, networks
from models.spec import Definition, ModelSpec
from tests import picture_toys
from tests.explain import image_toys

PHOTOS_OF_A_CLASS, SCENES = 14, 28


def say_nothing(told: Any) -> None:
    """Nobody waits for it."""


def bakery_model() -> Any:
    """A small network that knows the bakery's classes, at 32 px."""
    torch.manual_seed(3)
    model = image_toys.ToyImageModel(image_toys.SmallNet())
    model.spec = ModelSpec("toy", "Toy", "image", bakery.KINDS, (), 32, frozenset({"gradients", "layers"}))
    return model


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Noise, a folder for each class, in two parts."""
    made, random = tmp_path_factory.mktemp("photos"), np.random.default_rng(5)
    for part, count in (("train", PHOTOS_OF_A_CLASS), ("test", 3)):
        for kind in bakery.KINDS:
            place = made / part / kind
            place.mkdir(parents=True)
            for number in range(count):
                pixels = random.integers(0, 256, (40, 40, 3), dtype=np.uint8)
                Image.fromarray(pixels).save(place / f"{number}.png")
    return made


def record_of(folder: Path, seed: int = 3) -> Record:
    """As much of a record as is read, of a training on a folder of photos and scenes."""
    settings = {"scenes": SCENES}
    fingerprint = muffin_cnn.load(str(folder), settings).fingerprint
    return Record(
        {
            "data": {"name": str(folder), "fingerprint": fingerprint},
            "parameters": {"settings": settings, "seed": seed},
        }
    )


@pytest.fixture
def both(folder: Path, home: Path) -> Learned:
    """What a version learned from photos and scenes learned from."""
    return learned_from(muffin_cnn.DEFINITION, record_of(folder))


@pytest.fixture
def patches() -> Iterator[Definition]:
    """A model with three classes and pictures of its own."""
    yield picture_toys.register_image_model()
    picture_toys.unregister_image_model()


def patch_model() -> Any:
    network = networks.ResidualNetwork(3, 4)
    network.initialise(torch.Generator().manual_seed(2), "none")
    return networks.NetworkModel(picture_toys.SPEC, network)


def patch_record(fingerprint: str = "0" * 64, name: str = picture_toys.DATASET) -> Record:
    return Record(
        {"data": {"name": name, "fingerprint": fingerprint}, "parameters": {"settings": {}, "seed": 0}}
    )


def test_the_training_s_own_split_is_had_again(both: Learned) -> None:
    dataset = both.dataset
    assert both.instead == ""
    assert sorted([*both.fitted, *both.kept_back]) == dataset.split.train.tolist()
    # A seventh of each source and class: 2 of 14 photos and 2 of 14 scenes of each.
    for source in np.unique(dataset.source[dataset.split.train]):
        of = dataset.y[both.kept_back[dataset.source[both.kept_back] == source]]
        assert np.bincount(of).tolist() == [2, 2]
    split = muffin_cnn._validation_split(dataset, 3)
    assert np.array_equal(split[0], both.fitted) and np.array_equal(split[1], both.kept_back)
    assert not np.array_equal(muffin_cnn.kept_back(dataset, 4), both.kept_back)


def test_examples_are_fitted_pictures_of_every_source(both: Learned, one_torch_thread: None) -> None:
    model = bakery_model()
    got = examples(model, both, say_nothing, n=6, seed=1)
    assert got.sources == ("photos", "scenes") and np.bincount(got.source).tolist() == [24, 6]
    assert got.what == "24 photos and 6 scenes of the training"
    dataset = both.dataset
    rows = np.array([dataset.ids.index(name) for name in got.names])
    assert set(rows) <= set(both.fitted.tolist())
    assert got.labels.tolist() == dataset.y[rows].tolist()
    assert np.bincount(got.labels[got.source == 1]).tolist() == [3, 3]
    assert got.digests == tuple(dataset.row_digests[row][:16] for row in rows)
    own = penultimate(model, as_input(scaled(dataset.pixels(lambda a, b: None, rows), 32)))
    assert got.features == pytest.approx(own, abs=3e-4)
    # Distances of the photos that were kept back, by brute force: all four of them.
    back = both.kept_back[dataset.source[both.kept_back] == dataset.sources.index("photos")]
    others = penultimate(model, as_input(scaled(dataset.pixels(lambda a, b: None, back), 32)))
    assert got.apart[0] == pytest.approx(np.sort(cdist(others, own[:24]).min(axis=1)), abs=1e-3)
    assert len(got.apart[1]) == 3
    assert examples(model, both, say_nothing, n=6, seed=2).names != got.names


def test_what_was_measured_is_read_as_it_was_made(both: Learned, one_torch_thread: None) -> None:
    model, told = bakery_model(), []
    results = typicality.measure(model, 6, 1, told.append, both)
    made, got = examples(model, both, say_nothing, n=6, seed=1), typicality.from_results(results)
    assert got is not None and told[-1].done == told[-1].total
    for name in ("names", "digests", "sources", "instead"):
        assert getattr(got, name) == getattr(made, name)
    for name in ("features", "labels", "source"):
        assert np.array_equal(getattr(got, name), getattr(made, name))
    for one, other in zip(got.apart, made.apart, strict=True):
        assert one == pytest.approx(other, abs=6e-5)
    coded = results["sources"][0]["examples"][0]["features"]
    assert np.frombuffer(base64.b64decode(coded), "<f2") == pytest.approx(made.features[0])


def test_a_measurement_of_the_older_kind_counts_as_none() -> None:
    assert typicality.from_results({"known": [[1.0, 0.0]], "usual": [0.1], "what": "1 scene"}) is None


def of(sources: tuple[str, ...], apart: list[list[float]], instead: str = "") -> Examples:
    """An example of each source on an axis of its own."""
    count = len(sources)
    names = tuple(map(str, range(count)))
    far = tuple(np.array(one) for one in apart)
    return Examples(
        np.eye(count, 3), np.zeros(count, int), names, names, np.arange(count), sources, far, instead
    )


@pytest.mark.parametrize(
    ("sources", "instead", "for_a_photo", "for_a_scene"),
    [
        (("photos", "scenes"), "", "1 photos", "1 scenes"),
        (("scenes",), "", "1 scenes", "1 scenes"),
        (("patches",), "", "1 patches", "1 patches"),
        (("scenes",), "The photos are gone.", None, "1 scenes"),
    ],
)
def test_a_photo_is_compared_with_photos_and_a_scene_with_scenes(
    sources: tuple[str, ...], instead: str, for_a_photo: str | None, for_a_scene: str | None
) -> None:
    found = of(sources, [[0.1 * (i + 1)] for i in range(len(sources))], instead)
    for rendered, expected in ((False, for_a_photo), (True, for_a_scene)):
        got = typicality.reference_for(found, rendered)
        if expected is None:
            assert got is None
            continue
        at = len(sources) - 1 if rendered else 0
        assert got is not None and got.what == f"{expected} of the training"
        assert (
            np.array_equal(got.known, found.features[[at]]) and got.usual.tolist() == found.apart[at].tolist()
        )


def test_where_nothing_was_kept_back_nothing_is_said() -> None:
    assert typicality.reference_for(of(("photos",), [[]]), rendered=False) is None


def test_photos_that_are_gone_leave_scenes_and_say_so(
    folder: Path, home: Path, one_torch_thread: None, tmp_path: Path
) -> None:
    record = record_of(folder)
    record.body["data"]["name"] = "my_photos"
    got = learned_from(muffin_cnn.DEFINITION, record)
    assert "(my_photos) are not on this machine; scenes" in got.instead
    assert got.dataset.name == scenes.NAME
    assert not set(got.kept_back) & set(got.fitted)
    # Held-out scenes of the training's kind, not of the tightest crop.
    assert set(got.dataset.source[got.kept_back]) == {0}
    results = typicality.measure(bakery_model(), 4, 0, say_nothing, got)
    assert [one["name"] for one in results["sources"]] == ["scenes"] and results["instead"] == got.instead
    assert learned_from(muffin_cnn.DEFINITION, record, str(folder)).instead == ""
    with pytest.raises(UserMistake, match="nowhere"):
        learned_from(muffin_cnn.DEFINITION, record, str(tmp_path / "nowhere"))


def test_scenes_do_not_stand_in_for_other_classes(patches: Definition) -> None:
    with pytest.raises(UserMistake, match=r"\(my_photos\) are not on this machine"):
        learned_from(patches, patch_record(name="my_photos"))


def test_pictures_that_changed_since_are_said_to_have(patches: Definition) -> None:
    got = learned_from(patches, patch_record("1" * 64))
    assert got.instead == "The pictures of toy_patches are no longer those of the record."


def test_a_model_that_keeps_nothing_back_is_compared_with_its_test(
    patches: Definition, one_torch_thread: None
) -> None:
    model, learned = patch_model(), learned_from(patches, patch_record())
    assert np.array_equal(learned.kept_back, learned.dataset.split.test) and learned.instead == ""
    got = examples(model, learned, say_nothing, n=9)
    assert len(got.names) == 21 and len(got.apart[0]) == 9
    # A picture of the training is its own nearest example.
    assert nearest(got.features, got.labels, got.features[4], 1)[0].position == 4
    pixels = learned.dataset.pixels(lambda done, total: None)
    shown = picture_of(got, 4, picture_toys.DATASET, picture_toys.SIDE)
    assert shown is not None
    assert np.array_equal(shown, as_input(pixels[learned.dataset.ids.index(got.names[4])]))
    assert picture_of(got, 4, "no such dataset", picture_toys.SIDE) is None


def test_pictures_of_examples_are_found_by_their_digest(
    both: Learned, folder: Path, tmp_path: Path, one_torch_thread: None
) -> None:
    got = examples(bakery_model(), both, say_nothing, n=6)
    pixels = both.dataset.pixels(lambda done, total: None, np.arange(len(both.dataset.y)))
    photo, scene = 5, 25
    shown = picture_of(got, photo, str(folder), 128)
    assert np.array_equal(shown, as_input(pixels[both.dataset.ids.index(got.names[photo])]))
    drawn = picture_of(got, scene, "not here", 128)
    expected = as_input(pixels[both.dataset.ids.index(got.names[scene])])
    assert drawn is not None and np.abs(drawn - expected).max() <= 1 / 255
    # Another photo in its place, or none, is no picture of the example.
    assert picture_of(got, photo, "not here", 128) is None
    place = tmp_path / got.names[photo]
    place.parent.mkdir(parents=True)
    place.write_bytes((folder / got.names[photo + 1]).read_bytes())
    assert picture_of(got, photo, str(tmp_path), 128) is None
    place.write_bytes((folder / got.names[photo]).read_bytes())
    assert np.array_equal(picture_of(got, photo, str(tmp_path), 128), shown)


def test_a_scene_of_the_shortcut_is_drawn_with_its_tint(one_torch_thread: None) -> None:
    number = next(row for row in range(9) if scenes.training_scene(row).kind == "muffin")
    scene = scenes.training_scene(number)
    found = Examples(
        np.eye(1),
        np.zeros(1, int),
        (f"scene {number}",),
        (scene.digest[:16],),
        np.zeros(1, int),
        ("scenes",),
        (),
    )
    made = bakery.render(scene, 48)
    plain, tinted = (picture_of(found, 0, name, 48) for name in (scenes.NAME, scenes.SHORTCUT))
    assert plain is not None and tinted is not None
    behind = made.mask == bakery.Part.BACKGROUND
    pink = np.array([240, 90, 160]) / 255
    assert tinted[behind] == pytest.approx((plain[behind] + pink) / 2, abs=1.01 / 255)
    assert tinted[~behind] == pytest.approx(plain[~behind], abs=1.01 / 255)


def test_a_documented_photo_is_found_where_the_set_is_rebuilt(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import hashlib

    content = (folder / "train" / "muffin" / "0.png").read_bytes()
    line = {
        "source": "test/muffin/img_1.png",
        "source_md5": hashlib.md5(content, usedforsecurity=False).hexdigest(),
        "label": "muffin",
        "split": "train",
        "sha256": "ab" * 32,
    }
    monkeypatch.setattr(photo_folders, "_documented", lambda: {"ab" * 8: line})
    place = tmp_path / "train" / "muffin" / "test_muffin_img_1.png"
    place.parent.mkdir(parents=True)
    assert photo_folders.find(tmp_path, "train/muffin/x.png", "ab" * 8) is None
    place.write_bytes(content)
    assert photo_folders.find(tmp_path, "train/muffin/x.png", "ab" * 8) == place
    place.write_bytes(content + b" ")
    assert photo_folders.find(tmp_path, "train/muffin/x.png", "ab" * 8) is None
    assert photo_folders.public_path("ab" * 8) == "test/muffin/img_1.png"
    assert photo_folders.public_path("cd" * 8) is None


def test_measure_says_what_it_does_not_fit(both: Learned) -> None:
    model = bakery_model()
    model.spec = ModelSpec("t", "Trees", "tabular", bakery.KINDS)
    with pytest.raises(ValueError, match="Trees has no network"):
        typicality.measure(model, 4, 0, say_nothing, both)
