"""Photos: read safely, put upright, cut square; a folder as a dataset that says what it left out."""

from __future__ import annotations

import csv
import io
import os
import shutil
import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageCms

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


def _profile(primaries: list[tuple[float, float, float]], gamma: float) -> bytes:
    """A colour profile (ICC 2.1) of three primaries, XYZ at D50, and a power law, written from its definition."""

    def fixed(*values: float) -> bytes:
        return b"".join(struct.pack(">i", round(value * 65536)) for value in values)

    curve = b"curv" + bytes(4) + struct.pack(">IH", 1, round(gamma * 256)) + bytes(2)
    xyz = [b"XYZ " + bytes(4) + fixed(*one) for one in ((0.9642, 1, 0.8249), *primaries)]
    said = b"desc" + bytes(4) + struct.pack(">I", 5) + b"test\0" + bytes(81)
    tags = [
        *zip((b"wtpt", b"rXYZ", b"gXYZ", b"bXYZ"), xyz, strict=True),
        *((name, curve) for name in (b"rTRC", b"gTRC", b"bTRC")),
        (b"desc", said + bytes(-len(said) % 4)),
        (b"cprt", b"text" + bytes(4) + b"CC0\0"),
    ]
    at, table, body = 132 + 12 * len(tags), struct.pack(">I", len(tags)), b""
    for name, content in tags:
        table += name + struct.pack(">II", at + len(body), len(content))
        body += content
    head = struct.pack(">I", at + len(body)) + bytes(4) + struct.pack(">I", 0x02100000) + b"mntrRGB XYZ "
    head += struct.pack(">6H", 2026, 1, 1, 0, 0, 0) + b"acsp" + bytes(28) + fixed(0.9642, 1, 0.8249)
    return head.ljust(128, b"\0") + table + body


ADOBE_RGB = [(0.6097, 0.3111, 0.0195), (0.2053, 0.6257, 0.0609), (0.1492, 0.0632, 0.7446)]
SRGB = [(0.4360, 0.2225, 0.0139), (0.3851, 0.7169, 0.0971), (0.1431, 0.0606, 0.7141)]


@pytest.mark.parametrize(
    ("primaries", "gamma", "stored"),
    [
        (SRGB, 1.0, (55, 55, 55)),
        (ADOBE_RGB, 2.19921875, (178, 119, 53)),
        (ADOBE_RGB, 2.19921875, (60, 200, 60)),
    ],
)
def test_a_colour_profile_is_turned_into_srgb(
    primaries: list[tuple[float, float, float]], gamma: float, stored: tuple[int, int, int]
) -> None:
    """Expected from the definitions: the profile's power law and primaries, then sRGB's (IEC 61966-2-1)."""
    light = (np.array(stored) / 255) ** gamma @ (np.linalg.inv(np.array(SRGB).T) @ np.array(primaries).T).T
    light = light.clip(0, 1)
    expected = 255 * np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
    image = Image.new("RGB", (40, 40), stored)
    profile = _profile(primaries, gamma)
    for made, kind in ((image, "PNG"), (image.convert("RGBA"), "PNG"), (image, "WEBP")):
        content = encoded(made, kind, icc_profile=profile, **({"lossless": True} if kind == "WEBP" else {}))
        assert photos.read_photo(content, f"x.{kind.lower()}")[64, 64] == pytest.approx(expected, abs=1)


def test_a_profile_of_srgb_changes_no_pixel_and_a_broken_one_is_refused() -> None:
    noise = Image.fromarray(np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8))
    own = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    same = photos.read_photo(encoded(noise, icc_profile=own), "x.png")
    np.testing.assert_array_equal(same, photos.read_photo(encoded(noise), "x.png"))
    with pytest.raises(
        PhotoError, match=r"^x\.png has a colour profile that cannot be used.*Save it as sRGB"
    ):
        photos.read_photo(encoded(noise, icc_profile=b"no profile at all"), "x.png")


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
