"""Photos that tests make: plain ones with a grain, folders of them, and files that are none."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

RED, GREEN, BLUE, WHITE, YELLOW = (220, 30, 30), (30, 160, 30), (30, 30, 220), (255, 255, 255), (220, 220, 30)


def encoded(image: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def say_nothing(done: int, in_all: int) -> None:
    """Progress that nobody wants to see."""


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
