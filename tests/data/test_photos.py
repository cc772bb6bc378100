"""Photos: read safely, put upright, cut square, in sRGB."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms

from data import photos
from data.photos import PhotoError
from tests.data.made_photos import (
    BLUE,
    GREEN,
    HOSTILE,
    RED,
    WHITE,
    YELLOW,
    encoded,
)

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


def quadrants(side: int = 80) -> np.ndarray:
    half = side // 2
    picture = np.empty((side, side, 3), np.uint8)
    picture[:half, :half], picture[:half, half:] = RED, GREEN
    picture[half:, :half], picture[half:, half:] = BLUE, YELLOW
    return picture


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
