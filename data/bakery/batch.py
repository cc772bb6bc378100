"""Many scenes as arrays: rendered in parallel, once, and kept."""

from __future__ import annotations

import hashlib
import multiprocessing
import os
import secrets
import zipfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import rfc8785

from data.bakery.noise import Array
from data.bakery.render import RENDERER_VERSION, check_size, render
from data.bakery.scene import Scene

Progress = Callable[[int, int], None]

_CHUNK = 16  # scenes a task: long enough to hide the hand-over, short enough to show progress
_SERIAL = 256  # up to this many scenes, starting processes takes as long as they save (equal at about 200, on 2 cores)


@dataclass(frozen=True, slots=True)
class Batch:
    """Rendered scenes.

    Parameters
    ----------
    images : ndarray of shape (n, size, size, 3)
        sRGB, uint8.
    masks : ndarray of shape (n, size, size)
        Labels of `Part`, uint8.
    identity : str
        `dataset_identity` of the scenes.
    from_cache : bool
        Whether nothing had to be rendered.
    """

    images: Array
    masks: Array
    identity: str
    from_cache: bool


def dataset_identity(scenes: Sequence[Scene]) -> str:
    """SHA-256 of the canonical JSON of the scenes, in order, and the renderer's version. No size, no pixels."""
    document: dict[str, Any] = {
        "renderer_version": RENDERER_VERSION,
        "scenes": [scene.to_json() for scene in scenes],
    }
    return hashlib.sha256(rfc8785.dumps(document)).hexdigest()


def pixel_digest(images: Array, masks: Array) -> str:
    """SHA-256 of uint8 images and masks, with their shapes: observed, and different on another CPU perhaps."""
    digest = hashlib.sha256()
    for array in (images, masks):
        digest.update(repr(array.shape).encode())
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()


def to_bytes(image: Array) -> Array:
    """An image in 0 to 1 as uint8, rounded to the nearest."""
    return (np.clip(image, 0, 1) * 255 + 0.5).astype(np.uint8)


def load_or_render(
    scenes: Sequence[Scene],
    size: int,
    cache_dir: str | Path,
    workers: int | None = None,
    progress: Progress | None = None,
) -> Batch:
    """Scenes as uint8 arrays, from the cache where these scenes were rendered before.

    The cache file is named by identity and size, and replaced as a whole; a damaged one is rendered anew.

    Parameters
    ----------
    scenes : sequence of Scene
    size : int
        Side of the pictures in pixels.
    cache_dir : str or Path
        Made where it is missing.
    workers : int, optional
        Processes; by default one a core, and none for few scenes. The pixels do not depend on it.
    progress : callable, optional
        Called with (scenes done, scenes in all) after each.

    Raises
    ------
    ValueError
        For a size or a number of workers out of range.
    """
    check_size(size)
    identity = dataset_identity(scenes)
    path = Path(cache_dir) / f"scenes-{identity[:24]}-{size}.npz"
    cached = _read(path, identity, len(scenes), size)
    if cached is not None:
        return cached
    images = np.zeros((len(scenes), size, size, 3), np.uint8)
    masks = np.zeros((len(scenes), size, size), np.uint8)
    for done, (i, image, mask) in enumerate(render_all(list(enumerate(scenes)), size, workers), start=1):
        images[i], masks[i] = image, mask
        if progress:
            progress(done, len(scenes))
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, lambda part: _save(part, images, masks, identity))
    return Batch(images, masks, identity, from_cache=False)


def _save(path: Path, images: Array, masks: Array, identity: str) -> None:
    with path.open("wb") as file:
        np.savez(file, images=images, masks=masks, identity=np.array(identity))


def _read(path: Path, identity: str, n: int, size: int) -> Batch | None:
    try:
        with np.load(path, allow_pickle=False) as stored:
            images, masks, whose = stored["images"], stored["masks"], str(stored["identity"])
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return None
    if whose != identity or images.shape != (n, size, size, 3) or masks.shape != (n, size, size):
        return None
    return Batch(images, masks, identity, from_cache=True)


def write_whole(path: Path, write: Callable[[Path], Any]) -> None:
    """Have `write` fill a file beside `path`, and move it there, so that nobody sees half of it."""
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        write(part)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def render_all(
    numbered: Sequence[tuple[int, Scene]], size: int, workers: int | None
) -> Iterator[tuple[int, Array, Array]]:
    """Number, uint8 image and mask of each scene, in order; in several processes where there are many.

    Raises ValueError for a number of workers below 1.
    """
    if workers is not None and (isinstance(workers, bool) or not isinstance(workers, int) or workers < 1):
        raise ValueError(f"bake: workers is {workers!r}, it must be an integer of 1 or more.")
    tasks = [(numbered[k : k + _CHUNK], size) for k in range(0, len(numbered), _CHUNK)]
    count = min(workers or (os.cpu_count() or 1), len(tasks))
    if count <= 1 or (workers is None and len(numbered) <= _SERIAL):
        for task in tasks:
            yield from _render_chunk(task)
        return
    # Spawned, not forked: the caller may be a server full of threads.
    with ProcessPoolExecutor(count, mp_context=multiprocessing.get_context("spawn")) as pool:
        for chunk in pool.map(_render_chunk, tasks):
            yield from chunk


def _render_chunk(task: tuple[Sequence[tuple[int, Scene]], int]) -> list[tuple[int, Array, Array]]:
    numbered, size = task
    made = [(i, render(scene, size)) for i, scene in numbered]
    return [(i, to_bytes(rendering.image), rendering.mask) for i, rendering in made]
