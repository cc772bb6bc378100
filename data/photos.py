"""One photo, read safely.

A file that a visitor brings is not trusted: its size is looked at before a pixel is decoded, only
three formats are tried, and whatever Pillow says about it becomes one sentence.
"""

from __future__ import annotations

import io
import stat
import warnings
from pathlib import Path, PurePath

import numpy as np
from PIL import Image, ImageCms, ImageOps

from data.failures import UserMistake
from data.names import repeated

SIDE = 128
"""Side of a stored photo in pixels: a third more than `muffin_cnn` takes, so that a crop stays sharp."""

SUFFIXES = {".jpg": "JPEG", ".jpeg": "JPEG", ".png": "PNG", ".webp": "WEBP"}
_SMALLEST, _MOST_PIXELS, _MOST_BYTES = 16, 50_000_000, 64_000_000


class PhotoError(UserMistake):
    """A file is not a photo that can be used; the sentence begins with its name."""


def read_photo(source: bytes | str | Path, name: str | None = None, size: int = SIDE) -> np.ndarray:
    """Read a photo: upright (EXIF orientation), its colour profile turned into sRGB, on white, cut square, scaled.

    Parameters
    ----------
    source : bytes, str or Path
        The file's content, or its path.
    name : str, optional
        How errors call it; the file's name by default, and needed for bytes.
    size : int
        Side of the result in pixels.

    Returns
    -------
    ndarray of shape (size, size, 3), uint8
        sRGB. A picture that holds no profile is taken for sRGB.

    Raises
    ------
    PhotoError
        For a file that cannot be read, is no JPEG, PNG or WebP picture, has another format than its
        name says, is broken, animated, smaller than 16 pixels or larger than 50 million, or has a colour profile
        that cannot be read or is for another kind of picture.
    """
    name = name or (PurePath(source).name if not isinstance(source, bytes) else "The picture")
    content = source if isinstance(source, bytes) else content_of(Path(source), name)
    if len(content) > _MOST_BYTES:
        raise PhotoError(
            f"{name} is too large: {len(content) / 1e6:.0f} MB, at most {_MOST_BYTES / 1e6:.0f}."
        )
    try:
        with warnings.catch_warnings():
            # Pillow only warns about a picture that is somewhat too large, and of odd metadata.
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(content), formats=("JPEG", "PNG", "WEBP")) as opened:
                _check(opened, name)
                return _square(opened, size, name)
    except PhotoError:
        raise
    except Image.UnidentifiedImageError:
        raise PhotoError(f"{name} is not a JPEG, PNG or WebP picture.") from None
    except Image.DecompressionBombError:
        raise PhotoError(f"{name} is too large: at most {_MOST_PIXELS // 10**6} million pixels.") from None
    except Exception as error:
        # A damaged file makes Pillow raise almost anything (OSError, SyntaxError, struct.error, ...).
        raise PhotoError(f"{name} is broken and cannot be decoded ({error}).") from error


def content_of(path: Path, name: str) -> bytes:
    """A picture's file as bytes, once its kind and size are known; raises `PhotoError`, which begins with ``name``."""
    try:
        found = path.stat()
        # A pipe waits for ever for whoever writes to it, and a device such as /dev/zero never ends.
        if not stat.S_ISREG(found.st_mode):
            raise PhotoError(f"{name} is no file but a folder, pipe or device. Give a picture.")
        if found.st_size > _MOST_BYTES:
            raise PhotoError(f"{name} is too large: more than {_MOST_BYTES / 1e6:.0f} MB.")
        return path.read_bytes()
    except ValueError as error:
        # The path holds NUL or half a character.
        raise PhotoError(f"{repeated(name)} is no name of a file.") from error
    except OSError as error:
        raise PhotoError(f"{repeated(name)} cannot be read ({error.strerror}).") from error


def _check(opened: Image.Image, name: str) -> None:
    # Phones store a JPEG with a second, smaller one behind it (MPO); it is one photo all the same.
    held = "JPEG" if opened.format == "MPO" else opened.format
    said = SUFFIXES.get(PurePath(name).suffix.lower())
    if said not in (None, held):
        raise PhotoError(f"{name} is mislabelled: named as {said}, it holds a {held} picture. Rename it.")
    if opened.format != "MPO" and getattr(opened, "is_animated", False):
        raise PhotoError(f"{name} is animated; give a single picture.")
    width, height = opened.size
    if width * height > _MOST_PIXELS:
        raise PhotoError(
            f"{name} is too large: {width} × {height} pixels, at most {_MOST_PIXELS // 10**6} million."
        )
    if min(width, height) < _SMALLEST:
        raise PhotoError(f"{name} is too small: {width} × {height} pixels, at least {_SMALLEST} each way.")


def _square(opened: Image.Image, size: int, name: str) -> np.ndarray:
    profile = _profile(opened, name)
    # A JPEG of many megapixels is decoded at a half, quarter or eighth, never below twice the need.
    opened.draft("RGB", (2 * size, 2 * size))
    upright = ImageOps.exif_transpose(opened)
    width, height = upright.size
    side = min(width, height)
    left, top = (width - side) // 2, (height - side) // 2
    crop = _rgb(upright.crop((left, top, left + side, top + side)), profile, name)
    return np.array(crop.resize((size, size), Image.Resampling.BICUBIC))


def _profile(opened: Image.Image, name: str) -> ImageCms.ImageCmsProfile | None:
    """The colour profile by which the pixels must be read; None for sRGB."""
    content = opened.info.get("icc_profile")
    if not content:
        return None
    try:
        found = ImageCms.ImageCmsProfile(io.BytesIO(content))
        # By far the most profiles are sRGB's own, whose pixels must stay as they are, to the last bit.
        return None if ImageCms.getProfileDescription(found).startswith("sRGB") else found
    except (OSError, ImageCms.PyCMSError) as error:
        raise _bad_profile(name) from error


def _bad_profile(name: str) -> PhotoError:
    return PhotoError(
        f"{name} has a colour profile that cannot be used, so its colours are not known. Save it as sRGB."
    )


def _in_srgb(image: Image.Image, profile: ImageCms.ImageCmsProfile, name: str) -> Image.Image:
    """Pixels read by their profile, as sRGB; what is transparent stays so."""
    # littleCMS knows grey, RGB and CMYK; a palette and a transparency stand for RGB.
    plain = (
        image if image.mode in ("L", "RGB", "CMYK") else image.convert("L" if image.mode == "LA" else "RGB")
    )
    try:
        turned = ImageCms.profileToProfile(plain, profile, ImageCms.createProfile("sRGB"), outputMode="RGB")
    except ImageCms.PyCMSError as error:
        raise _bad_profile(name) from error
    assert turned is not None  # only a change in place gives nothing back
    if image.has_transparency_data:
        turned.putalpha(image.convert("RGBA").getchannel("A"))
    return turned


def _rgb(image: Image.Image, profile: ImageCms.ImageCmsProfile | None, name: str) -> Image.Image:
    if image.mode.startswith("I"):
        # Sixteen bits a pixel; Pillow's own conversion would clip all but the darkest 256 levels.
        image = Image.fromarray((np.asarray(image, dtype=np.uint32) >> 8).astype(np.uint8))
    if profile is not None:
        image = _in_srgb(image, profile, name)
    if image.has_transparency_data:
        image = image.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", image.size, "white"), image).convert("RGB")
    return image.convert("RGB")
