"""A folder of photos as a dataset: by content, and with a sentence for whatever is left out."""

from __future__ import annotations

import csv
import os
import shutil
from pathlib import Path

import numpy as np
import pytest

from data import datasets, photo_folders, photos
from data.images import ImageDataset
from data.photo_folders import FolderError
from models import training
from tests.data.made_photos import (
    GREEN,
    HOSTILE,
    RED,
    make_folder,
    plain,
    say_nothing,
)


@pytest.mark.parametrize("parts", [("train", "test"), ()])
def test_a_folder_is_a_dataset(tmp_path: Path, parts: tuple[str, ...]) -> None:
    folder = make_folder(tmp_path / "pets", 5, parts)
    (folder / "README.md").write_text("a note beside the classes")
    dataset = datasets.load(str(folder))
    assert isinstance(dataset, ImageDataset)
    n = 10 * max(len(parts), 1)
    assert dataset.name == "pets" and dataset.classes == ("cake", "dog")
    assert dataset.counts() == {"cake": n // 2, "dog": n // 2}
    assert sorted([*dataset.split.train, *dataset.split.test]) == list(range(n))
    assert dataset.origin["photos"]["left_out"] == {}
    pixels = dataset.pixels(say_nothing)
    assert pixels.shape == (n, photos.SIDE, photos.SIDE, 3)
    np.testing.assert_array_equal(dataset.pixels(say_nothing, np.array([3, 0])), pixels[[3, 0]])
    red = pixels[..., 0].mean((1, 2)) > pixels[..., 2].mean((1, 2))
    np.testing.assert_array_equal(red, dataset.y == 1)
    if parts:
        assert {name.split("/")[0] for name in np.array(dataset.ids)[dataset.split.test]} == {"test"}
    assert dataset.card.licence_certainty == "unverified"


def test_what_cannot_be_used_is_left_out_by_name(tmp_path: Path) -> None:
    folder = make_folder(tmp_path / "pets")
    for name, (content, _) in HOSTILE.items():
        (folder / "train" / "dog" / name).write_bytes(content)
    shutil.copy(folder / "test" / "dog" / "0.png", folder / "train" / "dog" / "again.png")
    shutil.copy(folder / "train" / "cake" / "1.png", folder / "train" / "dog" / "cake.png")
    dataset = photo_folders.load(folder)
    left_out = dataset.origin["photos"]["left_out"]
    for name, (_, why) in HOSTILE.items():
        assert why in left_out[f"train/dog/{name}"]
    assert "the same file as test/dog/0.png" in left_out["train/dog/again.png"]
    assert "lies in cake and dog" in left_out["train/dog/cake.png"]
    assert "lies in cake and dog" in left_out["train/cake/1.png"]
    assert set(left_out).isdisjoint(dataset.ids)
    assert dataset.counts() == {"cake": 11, "dog": 12}


def test_the_fingerprint_is_of_content_and_split_and_not_of_names(tmp_path: Path) -> None:
    folder = make_folder(tmp_path / "pets")
    before = photo_folders.load(folder)
    (folder / "train" / "dog" / "0.png").rename(folder / "train" / "dog" / "zebra.png")
    renamed = photo_folders.load(folder)
    assert renamed.fingerprint == before.fingerprint and renamed.row_digests == before.row_digests
    np.testing.assert_array_equal(renamed.pixels(say_nothing), before.pixels(say_nothing))
    (folder / "train" / "dog" / "zebra.png").rename(folder / "test" / "dog" / "zebra.png")
    assert photo_folders.load(folder).fingerprint != before.fingerprint
    plain(GREEN).save(folder / "test" / "dog" / "zebra.png")
    assert photo_folders.load(folder).fingerprint != before.fingerprint


def test_a_record_names_a_folder_and_not_its_place(tmp_path: Path) -> None:
    described = training.describe(photo_folders.load(make_folder(tmp_path / "pets")))
    assert described["name"] == "pets"
    assert str(tmp_path) not in str(described)


@pytest.mark.parametrize("classes", [(), ("dog",)])
def test_a_folder_without_two_classes_is_refused(tmp_path: Path, classes: tuple[str, ...]) -> None:
    for label in classes:
        (tmp_path / label).mkdir()
        for i in range(3):
            plain(RED, seed=i).save(tmp_path / label / f"{i}.png")
    with pytest.raises(FolderError, match="two classes or more"):
        photo_folders.load(tmp_path)
    with pytest.raises(FolderError, match="There is no folder"):
        photo_folders.load(tmp_path / "gone")


def test_the_documented_card_is_used_for_the_documented_photos_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = make_folder(tmp_path / "pets")
    digests = frozenset(photo_folders.load(folder).row_digests)
    monkeypatch.setattr(photo_folders, "_known_digests", lambda: digests)
    assert photo_folders.load(folder).card.name == "photos"
    plain(GREEN, seed=9).save(folder / "train" / "dog" / "new.png")
    assert photo_folders.load(folder).card.name == "pets"


def test_the_manifest_names_every_documented_photo_once() -> None:
    with photo_folders.MANIFEST.open(encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file))
    counts = {(line["split"], line["label"]): 0 for line in lines}
    for line in lines:
        counts[line["split"], line["label"]] += 1
        assert len(line["source_md5"]) == 32 and len(line["sha256"]) == 64
        assert not Path(line["source"]).is_absolute()
    assert counts == {
        ("train", "chihuahua"): 470,
        ("train", "muffin"): 470,
        ("test", "chihuahua"): 100,
        ("test", "muffin"): 100,
    }
    for column in ("source", "source_md5", "sha256"):
        assert len({line[column] for line in lines}) == len(lines)


def test_what_lies_beside_the_parts_or_the_classes_is_named(tmp_path: Path) -> None:
    folder = make_folder(tmp_path / "pets")
    make_folder(folder / "val", 2, parts=("",))
    shutil.copy(next((folder / "train").rglob("*.*")), folder / "train" / "astray.png")
    (folder / "LICENCE.txt").write_text("a note is no photo")
    (folder / "train" / "cat").mkdir(exist_ok=True)
    next(path for path in (folder / "train").iterdir() if path.is_dir()).joinpath("gone.png").symlink_to(
        "/nowhere/x.png"
    )
    left_out = photo_folders.load(folder).origin["photos"]["left_out"]
    assert len([name for name in left_out if name.startswith("val/")]) == 4
    assert all(
        "neither in train/ nor in test/" in left_out[name] for name in left_out if name.startswith("val/")
    )
    assert "lies in no class's folder" in left_out["train/astray.png"]
    assert any(name.endswith("gone.png") and "cannot be read" in why for name, why in left_out.items())
    assert not any("LICENCE" in name for name in left_out)


def test_linked_folders_are_read_and_a_ring_of_links_ends(tmp_path: Path) -> None:
    store = make_folder(tmp_path / "store", parts=("",))
    linked = tmp_path / "linked"
    linked.mkdir()
    for one in store.iterdir():
        (linked / one.name).symlink_to(one)
    assert photo_folders.load(linked).fingerprint == photo_folders.load(store).fingerprint
    (linked / "ring").symlink_to(linked)
    # Two that lead into each other, too: followed by name, they would never end.
    for one, other in (("a", "b"), ("b", "a")):
        (tmp_path / one).mkdir()
        (tmp_path / one / "on").symlink_to(tmp_path / other)
    assert photo_folders.files(tmp_path / "a") == []
    assert photo_folders.load(linked).fingerprint == photo_folders.load(store).fingerprint


@pytest.mark.parametrize("part", ["train", "test"])
def test_a_part_that_lacks_a_class_is_refused(tmp_path: Path, part: str) -> None:
    folder = make_folder(tmp_path / "pets")
    gone = sorted(path for path in (folder / part).iterdir())[0]
    shutil.rmtree(gone)
    with pytest.raises(FolderError, match=rf"pets/{part} holds no photo of {gone.name} that can be used"):
        photo_folders.load(folder)


def test_one_folder_too_deep_is_said(tmp_path: Path) -> None:
    make_folder(tmp_path / "wrapped" / "dataset")
    with pytest.raises(FolderError, match=r"Give .*wrapped/dataset\."):
        photo_folders.load(tmp_path / "wrapped")


def test_a_name_that_is_not_utf8_is_left_out_by_an_escaped_name(tmp_path: Path) -> None:
    folder = make_folder(tmp_path / "pets", parts=("",))
    one = sorted(folder.rglob("*.*"))[0]
    one.rename(os.fsdecode(os.fsencode(one.parent) + b"/caf\xe9.png"))
    left_out = photo_folders.load(folder).origin["photos"]["left_out"]
    assert left_out == {
        rf"{one.parent.name}/caf\xe9.png": rf"{one.parent.name}/caf\xe9.png has a name that is not UTF-8; rename it."
    }


@pytest.mark.parametrize("parts", [(), ("train", "test")])
def test_one_class_in_two_unicode_spellings_is_refused(tmp_path: Path, parts: tuple[str, ...]) -> None:
    folder = make_folder(tmp_path / "mine", parts=parts)
    for part in parts or ("",):
        (folder / part / "dog").rename(folder / part / "caf\u00e9")
        (folder / part / "cake").rename(folder / part / "cafe\u0301")
    with pytest.raises(FolderError) as caught:
        photo_folders.load(folder)
    assert "in folders of two Unicode spellings" in str(caught.value)
    assert r"'caf\xe9'" in str(caught.value) and r"'cafe\u0301'" in str(caught.value)
