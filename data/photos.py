"""One photo, read safely.

A file that a visitor brings is not trusted: its size is looked at before a pixel is decoded, only
three formats are tried, and whatever Pillow says about it becomes one sentence.
"""

from __future__ import annotations

import io
import warnings
from pathlib import Path, PurePath

import numpy as np
from PIL import Image, ImageOps

from data.failures import UserMistake

SIDE = 128
"""Side of a stored photo in pixels: a third more than `muffin_cnn` takes, so that a crop stays sharp."""

SUFFIXES = {".jpg": "JPEG", ".jpeg": "JPEG", ".png": "PNG", ".webp": "WEBP"}
_SMALLEST, _MOST_PIXELS, _MOST_BYTES = 16, 50_000_000, 64_000_000


class PhotoError(UserMistake):
    """A file is not a photo that can be used; the sentence begins with its name."""


def read_photo(source: bytes | str | Path, name: str | None = None, size: int = SIDE) -> np.ndarray:
    """Read a photo: upright (EXIF orientation), RGB on white, square centre crop, scaled.

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
        sRGB.

    Raises
    ------
    PhotoError
        For a file that cannot be read, is no JPEG, PNG or WebP picture, has another format than its
        name says, is broken, animated, smaller than 16 pixels or larger than 50 million.
    """
    name = name or (PurePath(source).name if not isinstance(source, bytes) else "The picture")
    content = source if isinstance(source, bytes) else _content(Path(source), name)
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
                return _square(opened, size)
    except PhotoError:
        raise
    except Image.UnidentifiedImageError:
        raise PhotoError(f"{name} is not a JPEG, PNG or WebP picture.") from None
    except Image.DecompressionBombError:
        raise PhotoError(f"{name} is too large: at most {_MOST_PIXELS // 10**6} million pixels.") from None
    except Exception as error:
        # A damaged file makes Pillow raise almost anything (OSError, SyntaxError, struct.error, ...).
        raise PhotoError(f"{name} is broken and cannot be decoded ({error}).") from error


def _content(path: Path, name: str) -> bytes:
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise PhotoError(f"{name} is too large: more than {_MOST_BYTES / 1e6:.0f} MB.")
        return path.read_bytes()
    except OSError as error:
        raise PhotoError(f"{name} cannot be read ({error.strerror}).") from error


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


def _square(opened: Image.Image, size: int) -> np.ndarray:
    # A JPEG of many megapixels is decoded at a half, quarter or eighth, never below twice the need.
    opened.draft("RGB", (2 * size, 2 * size))
    upright = ImageOps.exif_transpose(opened)
    width, height = upright.size
    side = min(width, height)
    left, top = (width - side) // 2, (height - side) // 2
    crop = _rgb(upright.crop((left, top, left + side, top + side)))
    return np.array(crop.resize((size, size), Image.Resampling.BICUBIC))


def _rgb(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I"):
        # Sixteen bits a pixel; Pillow's own conversion would clip all but the darkest 256 levels.
        image = Image.fromarray((np.asarray(image, dtype=np.uint32) >> 8).astype(np.uint8))
    if image.has_transparency_data:
        image = image.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", image.size, "white"), image).convert("RGB")
    return image.convert("RGB")
