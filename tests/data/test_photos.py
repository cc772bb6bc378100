"""Photos: read safely, put upright, cut square; a folder as a dataset that says what it left out."""

from __future__ import annotations

import csv
import io
import shutil
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from data import datasets, photo_folders, photos
from data.images import ImageDataset
from data.photo_folders import FolderError
from data.photos import PhotoError
from models import training

RED, GREEN, BLUE, WHITE, YELLOW = (220, 30, 30), (30, 160, 30), (30, 30, 220), (255, 255, 255), (220, 220, 30)
# What a camera stores for an upright picture, for each value of the EXIF tag Orientation.
STORED = {
    1: lambda up: up,
    2: lambda up: up[:, ::-1],
    3: lambda up: up[::-1, ::-1],
    4: lambda up: up[::-1],
    5: lambda up: up.transpose(1, 0, 2),
    6: lambda up: np.rot90(up, 1),
    7: lambda up: up[::-1, ::-1].transpose(1, 0, 2),
    8: lambda up: np.rot90(up, -1),
}


def encoded(image: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def say_nothing(done: int, in_all: int) -> None:
    """Progress that nobody wants to see."""


def quadrants(side: int = 80) -> np.ndarray:
    half = side // 2
    picture = np.empty((side, side, 3), np.uint8)
    picture[:half, :half], picture[:half, half:] = RED, GREEN
    picture[half:, :half], picture[half:, half:] = BLUE, YELLOW
    return picture


def plain(colour: tuple[int, int, int], width: int = 40, height: int = 40, seed: int = 0) -> Image.Image:
    """A picture of one colour with a grain of its own, so that no two have the same bytes."""
    grain = np.random.default_rng(seed).integers(-8, 9, (height, width, 1))
    return Image.fromarray(np.clip(np.array(colour) + grain, 0, 255).astype(np.uint8))


def make_folder(root: Path, n: int = 6, parts: tuple[str, ...] = ("train", "test")) -> Path:
    for p, part in enumerate(parts or ("",)):
        for c, (label, colour) in enumerate((("dog", RED), ("cake", BLUE))):
            place = root / part / label
            place.mkdir(parents=True)
            for i in range(n):
                plain(colour, seed=1000 * p + 100 * c + i).save(place / f"{i}.png")
    return root


@pytest.mark.parametrize("orientation", STORED)
def test_a_photo_is_put_upright_whichever_way_the_camera_was_held(orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    stored = Image.fromarray(np.ascontiguousarray(STORED[orientation](quadrants())))
    found = photos.read_photo(encoded(stored, "JPEG", quality=95, exif=exif), "held.jpg", 40)
    for (row, column), colour in {(8, 8): RED, (8, 32): GREEN, (32, 8): BLUE, (32, 32): YELLOW}.items():
        np.testing.assert_allclose(found[row, column], colour, atol=12)


@pytest.mark.parametrize("upright", [False, True])
def test_the_square_in_the_middle_is_kept(upright: bool) -> None:
    bands = np.empty((40, 120, 3), np.uint8)
    bands[:, :40], bands[:, 40:80], bands[:, 80:] = RED, GREEN, BLUE
    picture = Image.fromarray(bands.transpose(1, 0, 2).copy() if upright else bands)
    found = photos.read_photo(encoded(picture), "wide.png", 40)
    assert found.shape == (40, 40, 3) and found.dtype == np.uint8
    np.testing.assert_array_equal(found, np.broadcast_to(GREEN, (40, 40, 3)))


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        (Image.new("L", (32, 32), 77), (77, 77, 77)),
        (Image.new("1", (32, 32), 1), WHITE),
        (Image.new("RGBA", (32, 32), (10, 20, 30, 0)), WHITE),
        (Image.new("LA", (32, 32), (9, 255)), (9, 9, 9)),
        (Image.new("RGB", (32, 32), BLUE).convert("P"), BLUE),
        (Image.fromarray(np.full((32, 32), 0x8080, np.uint16)), (128, 128, 128)),
    ],
    ids=["grey", "black and white", "transparent", "grey with alpha", "palette", "sixteen bits"],
)
def test_every_kind_of_picture_becomes_rgb_on_white(image: Image.Image, expected: tuple[int, ...]) -> None:
    np.testing.assert_allclose(photos.read_photo(encoded(image), "a.png", 32)[16, 16], expected, atol=30)


def test_a_small_copy_is_near_the_mean_of_what_it_shrinks() -> None:
    fine = np.zeros((256, 256, 3), np.uint8)
    fine[::2] = 255
    found = photos.read_photo(encoded(Image.fromarray(fine)), "stripes.png", 32)
    assert np.abs(found.astype(int) - 127).max() < 10


def _animation() -> bytes:
    frames = [Image.new("RGB", (32, 32), colour) for colour in (RED, BLUE)]
    return encoded(frames[0], "WEBP", save_all=True, append_images=frames[1:])


HOSTILE = {
    "notes.jpg": (b"not a picture at all", "not a JPEG, PNG or WebP picture"),
    "empty.png": (b"", "not a JPEG, PNG or WebP picture"),
    "old.gif": (encoded(Image.new("P", (32, 32)), "GIF"), "not a JPEG, PNG or WebP picture"),
    "half.jpg": (encoded(plain(RED, 200, 200), "JPEG")[:900], "broken"),
    "moving.webp": (_animation(), "animated"),
    "bomb.png": (encoded(Image.new("1", (9000, 9000))), "too large: 9000 × 9000"),
    "speck.png": (encoded(Image.new("RGB", (4, 200))), "too small: 4 × 200"),
    "really.jpg": (encoded(plain(RED)), "mislabelled: named as JPEG, it holds a PNG"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_no_photo_is_refused_by_name_in_one_sentence(name: str, tmp_path: Path) -> None:
    content, why = HOSTILE[name]
    with pytest.raises(PhotoError) as refused:
        photos.read_photo(content, name)
    assert str(refused.value).startswith(name) and why in str(refused.value)
    assert "\n" not in str(refused.value) and refused.value.exit_code == 2
    (tmp_path / name).write_bytes(content)
    with pytest.raises(PhotoError, match=f"^{name}"):
        photos.read_photo(tmp_path / name)


def test_a_larger_bomb_is_refused_before_it_is_decoded() -> None:
    # Only the header of a picture of 65,500 by 65,500 pixels; decoding it would take 13 GB.
    content = bytearray(encoded(Image.new("RGB", (32, 32))))
    content[16:24] = (65500).to_bytes(4, "big") * 2
    content[29:33] = zlib.crc32(bytes(content[12:29])).to_bytes(4, "big")
    with pytest.raises(PhotoError, match=r"^bomb\.png is too large"):
        photos.read_photo(bytes(content), "bomb.png")


def test_a_missing_file_is_said_to_be_missing(tmp_path: Path) -> None:
    with pytest.raises(PhotoError, match=r"^gone\.jpg cannot be read"):
        photos.read_photo(tmp_path / "gone.jpg")


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


def test_a_large_jpeg_is_read_as_finely_as_it_is_asked_for() -> None:
    """Squares of 12 pixels at an eighth of the size: decoded below what is needed they would run together."""
    squares = np.kron(np.random.default_rng(0).integers(0, 2, (160, 160)), np.full((12, 12), 255))
    large = Image.fromarray(squares.astype(np.uint8)).convert("RGB")
    read = photos.read_photo(encoded(large, "JPEG", quality=95), "squares.jpg", 240)
    expected = np.asarray(large.resize((240, 240), Image.Resampling.BICUBIC))
    assert np.abs(read.astype(int) - expected).mean() < 5
