"""Hostile pictures and folders of them: damaged, mislabelled, of rare kinds, and made to take a machine down."""

from __future__ import annotations

import os
import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from tests.data.made_photos import BLUE, GREEN, RED, encoded, plain


@dataclass(frozen=True, slots=True)
class Picture:
    """A file's name, and what makes its content."""

    file: str
    content: Callable[[], bytes]


def _kept(file: str, image: Callable[[], Image.Image], kind: str, **options: Any) -> Picture:
    return Picture(file, lambda: encoded(image(), kind, **options))


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def _png(width: int, height: int, data: bytes, *between: bytes, depth: int = 8, colour: int = 2) -> bytes:
    """A PNG file from its chunks, with sizes and content that need not fit each other."""
    head = _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0))
    body = head + b"".join(between) + _chunk(b"IDAT", data) + _chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def _zeros(size: int) -> bytes:
    packer = zlib.compressobj(9)
    piece = bytes(2**20)
    return b"".join(packer.compress(piece) for _ in range(size // 2**20)) + packer.flush()


def _photo() -> Image.Image:
    return plain(RED, 64, 48)


def _with_orientation(value: int) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = value
    return encoded(_photo(), "JPEG", exif=exif)


def _animation(kind: str) -> bytes:
    frames = [Image.new("RGB", (32, 32), colour) for colour in (RED, BLUE, GREEN)]
    return encoded(frames[0], kind, save_all=True, append_images=frames[1:])


def _flipped(kind: str, every: int) -> bytes:
    content = bytearray(encoded(_photo(), kind))
    for at in range(40, len(content), every):
        content[at] ^= 0xFF
    return bytes(content)


def _of_sixteen_bits() -> Image.Image:
    return Image.fromarray(np.arange(64 * 64, dtype=np.uint16).reshape(64, 64) * 15)


_GOOD_PNG = _zeros(2**20)
PICTURES: dict[str, Picture] = {
    "one byte": Picture("a.jpg", lambda: b"\xff"),
    "only a JPEG's mark": Picture("a.jpg", lambda: b"\xff\xd8\xff\xd9"),
    "only a PNG's mark": Picture("a.png", lambda: b"\x89PNG\r\n\x1a\n"),
    "only a WebP's mark": Picture("a.webp", lambda: b"RIFF\0\0\0\0WEBP"),
    "zeros": Picture("a.png", lambda: bytes(10_000)),
    "SVG": Picture("a.svg", lambda: b'<svg xmlns="http://www.w3.org/2000/svg"><script>1</script></svg>'),
    "SVG named PNG": Picture("a.png", lambda: b'<svg xmlns="http://www.w3.org/2000/svg"/>'),
    "HTML": Picture("a.jpg", lambda: b"<html>404</html>"),
    "PDF": Picture("a.jpg", lambda: b"%PDF-1.7\n" + bytes(100)),
    "PostScript": Picture("a.png", lambda: b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 99 99\n"),
    "HEIC": Picture("a.heic", lambda: b"\0\0\0\x18ftypheic" + bytes(100)),
    "AVIF": Picture("a.avif", lambda: b"\0\0\0\x18ftypavif" + bytes(100)),
    "TIFF": _kept("a.tif", _photo, "TIFF"),
    "BMP": _kept("a.bmp", _photo, "BMP"),
    "ICO named PNG": _kept("a.png", _photo, "ICO"),
    "PPM named JPEG": _kept("a.jpg", _photo, "PPM"),
    "WebP named PNG": _kept("a.png", _photo, "WEBP"),
    "JPEG named WebP": _kept("a.webp", _photo, "JPEG"),
    "JPEG without a suffix": _kept("photo", _photo, "JPEG"),
    "moving PNG": Picture("a.png", lambda: _animation("PNG")),
    "moving GIF named WebP": Picture("a.webp", lambda: _animation("GIF")),
    "half a PNG": Picture("a.png", lambda: encoded(_photo())[:-900]),
    "half a WebP": Picture("a.webp", lambda: encoded(_photo(), "WEBP")[:100]),
    "JPEG cut in its head": Picture("a.jpg", lambda: encoded(_photo(), "JPEG")[:150]),
    "JPEG with flipped bytes": Picture("a.jpg", lambda: _flipped("JPEG", 7)),
    "PNG with flipped bytes": Picture("a.png", lambda: _flipped("PNG", 97)),
    "WebP with flipped bytes": Picture("a.webp", lambda: _flipped("WEBP", 11)),
    "JPEG with a tail": Picture("a.jpg", lambda: encoded(_photo(), "JPEG") + bytes(100_000)),
    "CMYK": _kept("a.jpg", lambda: _photo().convert("CMYK"), "JPEG"),
    "YCbCr": _kept("a.jpg", lambda: _photo().convert("YCbCr"), "JPEG"),
    "grey of sixteen bits": _kept("a.png", _of_sixteen_bits, "PNG"),
    "black and white": _kept("a.png", lambda: _photo().convert("1"), "PNG"),
    "palette with transparency": _kept("a.png", lambda: _photo().convert("P"), "PNG", transparency=0),
    "CMYK with a broken profile": _kept(
        "a.jpg", lambda: _photo().convert("CMYK"), "JPEG", icc_profile=b"x" * 500
    ),
    "a profile of zeros": _kept("a.png", _photo, "PNG", icc_profile=bytes(128)),
    "a profile that unpacks to 64 MiB": Picture(
        "a.png", lambda: _png(32, 32, _GOOD_PNG, _chunk(b"iCCP", b"x\0\0" + _zeros(2**26)))
    ),
    "a text that unpacks to 128 MiB": Picture(
        "a.png", lambda: _png(32, 32, _GOOD_PNG, _chunk(b"zTXt", b"x\0\0" + _zeros(2**27)))
    ),
    "pixels that unpack to 256 MiB": Picture("a.png", lambda: _png(32, 32, _zeros(2**28))),
    "PNG of 2^31 pixels a side": Picture("a.png", lambda: _png(2**31 - 1, 2**31 - 1, _GOOD_PNG)),
    "PNG beyond 2^31": Picture("a.png", lambda: _png(2**32 - 1, 2**32 - 1, _GOOD_PNG)),
    "PNG of no width": Picture("a.png", lambda: _png(0, 32, _GOOD_PNG)),
    "PNG of a line": Picture("a.png", lambda: _png(40_000_000, 1, _GOOD_PNG)),
    "PNG of a depth of nobody": Picture("a.png", lambda: _png(32, 32, _GOOD_PNG, depth=7)),
    "PNG of a palette without one": Picture("a.png", lambda: _png(32, 32, _GOOD_PNG, colour=3)),
    "PNG of no pixels": Picture("a.png", lambda: _png(32, 32, b"")),
    "PNG of a chunk that never ends": Picture(
        "a.png", lambda: _png(32, 32, _GOOD_PNG)[:33] + b"\x7f\xff\xff\xffIDAT" + bytes(50)
    ),
    "a thin JPEG": _kept("a.jpg", lambda: plain(RED, 16, 20_000), "JPEG"),
    **{
        f"orientation {value!r}": Picture("a.jpg", lambda value=value: _with_orientation(value))
        for value in (0, 9, 65535)
    },
    "EXIF of random bytes": _kept("a.jpg", _photo, "JPEG", exif=b"Exif\0\0" + bytes(range(256))),
    "EXIF that points at itself": _kept(
        "a.jpg",
        _photo,
        "JPEG",
        exif=b"Exif\0\0II*\0\x08\0\0\0\x01\0i\x87\x04\0\x01\0\0\0\x08\0\0\0\x08\0\0\0",
    ),
}


def _classes(folder: Path, *labels: str) -> Path:
    """A folder of six photos for each class, under the names given."""
    root = folder / "photos"
    root.mkdir()
    for kind, label in enumerate(labels):
        (root / label).mkdir()
        for number in range(6):
            plain((RED, BLUE, GREEN)[kind % 3], seed=10 * kind + number).save(root / label / f"{number}.png")
    return root


def _nothing(folder: Path) -> str:
    return str(_classes(folder))


def _one_class(folder: Path) -> str:
    return str(_classes(folder, "cake"))


def _a_ring(folder: Path) -> str:
    root = _classes(folder, "cake", "dog")
    (root / "cake" / "ring").symlink_to(root)
    return str(root)


def _a_link_to_itself(folder: Path) -> str:
    root = _classes(folder, "cake", "dog")
    (root / "cake" / "self.png").symlink_to("self.png")
    return str(root)


def _a_pipe(folder: Path) -> str:
    root = _classes(folder, "cake", "dog")
    os.mkfifo(root / "cake" / "pipe.png")
    return str(root)


def _a_device(folder: Path) -> str:
    root = _classes(folder, "cake", "dog")
    (root / "cake" / "endless.png").symlink_to("/dev/zero")
    return str(root)


def _deep(folder: Path) -> str:
    root = _classes(folder, "cake", "dog")
    inner = root.joinpath("cake", *["d"] * 300)
    inner.mkdir(parents=True)
    plain(RED).save(inner / "a.png")
    return str(root)


def _no_utf8(folder: Path) -> str:
    root = _classes(folder, "cake", "dog", "caf\udce9")
    (root / "dog" / "\udcff.png").write_bytes(b"x")
    return str(root)


def _strange_names(folder: Path) -> str:
    return str(_classes(folder, "a\nb", "\u202egnp", "x" * 250))


def _two_spellings(folder: Path) -> str:
    return str(_classes(folder, "caf\u00e9", "cafe\u0301"))


def _a_sparse_file(folder: Path) -> str:
    root = _classes(folder, "cake", "dog")
    with (root / "cake" / "large.png").open("wb") as file:
        file.truncate(2**40)
    return str(root)


def _a_file(folder: Path) -> str:
    (folder / "photos").write_bytes(encoded(_photo()))
    return str(folder / "photos")


def _folders_named_as_photos(folder: Path) -> str:
    return str(_classes(folder, "cake.png", "dog.jpg"))


def _only_train(folder: Path) -> str:
    root = folder / "photos"
    (root / "train").mkdir(parents=True)
    _classes(root / "train", "cake", "dog")
    return str(root)


def _all_broken(folder: Path) -> str:
    root = _classes(folder, "cake", "dog")
    for path in root.glob("*/*.png"):
        path.write_bytes(path.read_bytes()[:60])
    return str(root)


FOLDERS: dict[str, Callable[[Path], str]] = {
    make.__name__.strip("_").replace("_", " "): make
    for make in (
        _nothing,
        _one_class,
        _a_ring,
        _a_link_to_itself,
        _a_pipe,
        _a_device,
        _deep,
        _no_utf8,
        _strange_names,
        _two_spellings,
        _a_sparse_file,
        _a_file,
        _folders_named_as_photos,
        _only_train,
        _all_broken,
    )
}
