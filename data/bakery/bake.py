"""A folder of scenes for people and other tools: pictures, masks and parameters as files."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import rfc8785
from PIL import Image

from data.bakery.batch import Progress, dataset_identity, pixel_digest, render_all, write_whole
from data.bakery.noise import Array
from data.bakery.render import RENDERER_VERSION, check_size
from data.bakery.sample import sample_scenes
from data.bakery.scene import Scene

MANIFEST = "scenes.json"


@dataclass(frozen=True, slots=True)
class Baked:
    """A folder of rendered scenes.

    Parameters
    ----------
    out : Path
        The folder: ``images/KIND/00000.png``, ``masks/KIND/00000.png`` (labels of `Part`), ``scenes.json``.
    identity : str
        `dataset_identity` of the scenes.
    pixels : str
        `pixel_digest` of the files: an observed fact.
    n : int
        How many scenes.
    rendered : int
        How many of them this call rendered; the others were there already.
    """

    out: Path
    identity: str
    pixels: str
    n: int
    rendered: int


def bake(
    n: int,
    seed: int,
    out: str | Path,
    size: int = 96,
    workers: int | None = None,
    progress: Progress | None = None,
) -> Baked:
    """Render n sampled scenes to PNG files with their masks and parameters.

    The folder appears under its name only when it is complete; what an interrupted call left beside it is
    taken up again. A folder that holds these scenes already is returned as it is.

    Parameters
    ----------
    n, seed : int
        As for `sample_scenes`.
    out : str or Path
        The folder to make, or an empty one. Its parent is made too.
    size : int
        Side of the pictures in pixels.
    workers : int, optional
        Processes; by default one a core, and none for few scenes. The pixels do not depend on it.
    progress : callable, optional
        Called with (scenes done, scenes in all) after each.

    Raises
    ------
    ValueError
        For an n, a seed, a size or a number of workers out of range.
    FileExistsError
        When `out` exists and holds something else.
    """
    check_size(size)
    scenes, out = sample_scenes(n, seed), Path(out)
    identity = dataset_identity(scenes)
    if _holds_something(out):
        return _already(out, identity, size)
    # Where a link leads to: nothing can be renamed over the link itself.
    place = out.resolve()
    part = place.parent / f".{place.name}.{identity[:12]}-{size}.part"
    try:
        rendered = _fill(part, scenes, size, workers, progress)
        pixels = _digest_files(part, scenes, size)
        facts = {
            "identity": identity,
            "n": n,
            "observed": {"pixels_sha256": pixels},
            "seed": seed,
            "size": size,
        }
        _write_manifest(part, scenes, facts)
        if place.is_dir():
            place.rmdir()  # some systems rename over nothing, and not over an empty folder
        part.rename(place)
    except OSError:
        if not _holds_something(out):
            raise
        shutil.rmtree(part, ignore_errors=True)  # another process finished the same bake first
        return _already(out, identity, size)
    return Baked(out, identity, pixels, n, rendered)


def _fill(
    part: Path, scenes: Sequence[Scene], size: int, workers: int | None, progress: Progress | None
) -> int:
    """Write the pictures that are not there yet; returns how many those were."""
    part.mkdir(parents=True, exist_ok=True)
    for kind in {scene.kind for scene in scenes}:
        for folder in ("images", "masks"):
            (part / folder / kind).mkdir(parents=True, exist_ok=True)
    missing = [(i, scene) for i, scene in enumerate(scenes) if not _file(part, "masks", scene, i).exists()]
    done = len(scenes) - len(missing)
    for i, image, mask in render_all(missing, size, workers):
        _write_png(_file(part, "images", scenes[i], i), image)
        _write_png(_file(part, "masks", scenes[i], i), mask)  # last: where it is, the pair is whole
        done += 1
        if progress:
            progress(done, len(scenes))
    return len(missing)


def _file(root: Path, folder: str, scene: Scene, i: int) -> Path:
    return root / folder / scene.kind / f"{i:05d}.png"


def _write_png(path: Path, pixels: Array) -> None:
    write_whole(path, lambda part: Image.fromarray(pixels).save(part, format="PNG", compress_level=1))


def _write_manifest(root: Path, scenes: Sequence[Scene], facts: dict[str, Any]) -> None:
    document = {
        **facts,
        "renderer_version": RENDERER_VERSION,
        "scenes": [scene.to_json() for scene in scenes],
    }
    write_whole(root / MANIFEST, lambda part: part.write_bytes(rfc8785.dumps(document)))


def _digest_files(root: Path, scenes: Sequence[Scene], size: int) -> str:
    """`pixel_digest` of what the files hold, which an interrupted call may have written in part."""
    images = np.zeros((len(scenes), size, size, 3), np.uint8)
    masks = np.zeros((len(scenes), size, size), np.uint8)
    for i, scene in enumerate(scenes):
        with (
            Image.open(_file(root, "images", scene, i)) as image,
            Image.open(_file(root, "masks", scene, i)) as mask,
        ):
            images[i], masks[i] = np.asarray(image), np.asarray(mask)
    return pixel_digest(images, masks)


def _holds_something(out: Path) -> bool:
    return out.exists() and not (out.is_dir() and next(out.iterdir(), None) is None)


def _already(out: Path, identity: str, size: int) -> Baked:
    """What the folder holds, when it is this bake; else FileExistsError."""
    try:
        held = json.loads((out / MANIFEST).read_bytes())
        n, seed, its_size, pixels = held["n"], held["seed"], held["size"], held["observed"]["pixels_sha256"]
        same = held["identity"] == identity and its_size == size
    except (OSError, ValueError, KeyError, TypeError):
        raise FileExistsError(
            f"bake: {out} exists and is not a bake; choose a folder that is empty or does not exist."
        ) from None
    if not same:
        raise FileExistsError(
            f"bake: {out} holds other scenes ({n} of seed {seed} at {its_size} px, or of another version of the "
            "renderer); choose a folder that is empty or does not exist."
        )
    return Baked(out, identity, pixels, n, 0)
