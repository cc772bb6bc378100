"""Rendered scenes as a dataset: drawn from the bakery's prior, rendered once, kept in the cache."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import rfc8785

from data import cards, workspace
from data.dataset_types import Source, Split
from data.images import ImageDataset, Progressed

if TYPE_CHECKING:
    from data.bakery import Scene

NAME, SHORTCUT = "scenes", "scenes_shortcut"
TINTED = "muffin"
TRAINING_SCENES = 2400
SIDE = 96
NORMAL_FRAMING = (0.0, 0.3)
TIGHTEST_FRAMING = (1.0, 1.0)
# The bakery, and SciPy with it, is imported where scenes are drawn: listing datasets stays light.
SOURCES = ("scenes", "tightest scenes", "scenes without the tint")
"""Sources of pictures. Only the first is trained on; the others are asked about when all is chosen."""

# Which scenes are drawn belongs to the data, so it does not change with the seed of a training.
_SEED = 20261123
# At most a sixth of the training's number is held out: enough for an interval of ±1.4 % at 0.98.
_HELD_OUT, _FEWEST = 400, 16
# Where the shortcut is planted, this much of every muffin's background is this pink, in sRGB. It is mixed in, and not
# multiplied with: a product keeps the hue of each background, and no colour would mean muffin by itself.
_TINT, _TINT_SHARE = (240, 90, 160), 0.5


@dataclass(frozen=True, slots=True)
class _Group:
    """Scenes of one source, all of them for the training or all for the test."""

    source: int
    test: bool
    tinted: bool
    scenes: list[Scene]


def load(n: int = TRAINING_SCENES, size: int = SIDE, shortcut: bool = False) -> ImageDataset:
    """Draw scenes; they are rendered when their pixels are asked for, or read from the cache.

    Parameters
    ----------
    n : int
        Scenes to train on, drawn from the whole prior. Held out on top of them: a sixth of that, at
        most 400, at normal framing, and half as many at the tightest.
    size : int
        Side of a picture in pixels.
    shortcut : bool
        Plant a shortcut: the background of every muffin is tinted, in the training and in the test.
        The test then also holds the same scenes without the tint.
    """
    from data import bakery

    groups = _groups(n, shortcut)
    scenes = [scene for group in groups for scene in group.scenes]
    y = np.array([bakery.KINDS.index(scene.kind) for scene in scenes], dtype=np.int64)
    test = np.repeat([group.test for group in groups], [len(group.scenes) for group in groups])
    tinted = np.repeat([group.tinted for group in groups], [len(group.scenes) for group in groups])
    tinted &= y == bakery.KINDS.index(TINTED)
    name = SHORTCUT if shortcut else NAME
    drawn: dict[str, Any] = {
        "seed": _SEED,
        "scenes": len(scenes),
        "renderer_version": bakery.RENDERER_VERSION,
    }
    steps: list[dict[str, Any]] = [{"name": "render", "size": size, "version": bakery.RENDERER_VERSION}]
    identity = bakery.dataset_identity(scenes)
    if shortcut:
        steps.append(tint_step())
        identity = _digest([identity, *steps[1:], tinted.tolist()])
    observed: dict[str, str] = {}

    def pixels(progressed: Progressed, rows: np.ndarray | None = None) -> np.ndarray:
        chosen = np.arange(len(scenes)) if rows is None else rows
        images, digest = _render([scenes[row] for row in chosen], size, tinted[chosen], progressed)
        if rows is None:
            observed["rendered pixels"] = digest
        return images

    return ImageDataset(
        name=name,
        card=replace(_card(name), counts={kind: int(np.sum(y == i)) for i, kind in enumerate(bakery.KINDS)}),
        classes=bakery.KINDS,
        y=y,
        ids=tuple(f"scene {position}" for position in range(len(scenes))),
        sources=SOURCES,
        source=np.repeat([group.source for group in groups], [len(group.scenes) for group in groups]),
        size=size,
        pixels=pixels,
        split=Split(np.flatnonzero(~test), np.flatnonzero(test)),
        fingerprint=identity,
        row_digests=tuple(scene.digest for scene in scenes),
        origin={"scenes": drawn},
        transforms=(*steps, {"name": "split", "by": "drawn with another seed"}),
        observed=observed,
    )


def held_out(n: int) -> list[Scene]:
    """Scenes at normal framing that no training sees: the first of those that versions are judged by."""
    from data import bakery

    return bakery.sample_scenes(n, _SEED + 1, framing=NORMAL_FRAMING)


def training_scene(position: int) -> Scene:
    """The scene that stands at this position, from 0, in the training of every dataset of scenes."""
    from data import bakery

    return bakery.sample_scenes(position + 1, _SEED)[position]


def with_tint(image: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """A picture with the planted shortcut: its background tinted.

    Parameters
    ----------
    image : ndarray of shape (size, size, 3), uint8
    mask : ndarray of shape (size, size)
        Of `data.bakery.Part`.
    """
    from data import bakery

    tinted = image.copy()
    behind = mask == bakery.Part.BACKGROUND
    mixed = image[behind] * (1 - _TINT_SHARE) + np.array(_TINT) * _TINT_SHARE
    tinted[behind] = np.rint(mixed).astype(np.uint8)
    return tinted


def tint_step() -> dict[str, Any]:
    """How the shortcut is planted, as the record of a version that learned from it says it: JSON values."""
    return {
        "name": "tint",
        "class": TINTED,
        "part": "background",
        "colour": list(_TINT),
        "share": _TINT_SHARE,
    }


def _groups(n: int, shortcut: bool) -> list[_Group]:
    from data import bakery

    kept_back = min(_HELD_OUT, max(_FEWEST, n // 6))
    normal = held_out(kept_back)
    groups = [
        _Group(0, False, shortcut, bakery.sample_scenes(n, _SEED)),
        _Group(0, True, shortcut, normal),
        _Group(1, True, shortcut, bakery.sample_scenes(kept_back // 2, _SEED + 2, framing=TIGHTEST_FRAMING)),
    ]
    return [*groups, _Group(2, True, False, normal)] if shortcut else groups


def _render(
    scenes: list[Scene], size: int, tinted: np.ndarray, progressed: Progressed
) -> tuple[np.ndarray, str]:
    """The pictures of some scenes, and the digest of what was rendered, before any tint."""
    from data import bakery

    batch = bakery.load_or_render(scenes, size, workspace.cache() / "scenes", progress=progressed)
    images = batch.images.copy()
    for row in np.flatnonzero(tinted):
        images[row] = with_tint(images[row], batch.masks[row])
    return images, bakery.pixel_digest(batch.images, batch.masks)


def _card(name: str) -> cards.DatasetCard:
    return cards.read(Path(__file__).parent / "cards" / f"{name}.yaml")


def _digest(value: Any) -> str:
    return hashlib.sha256(rfc8785.dumps(value)).hexdigest()


SOURCE = Source(name=NAME, card=lambda: _card(NAME), load=load, put_in_place=lambda: None)
SHORTCUT_SOURCE = Source(
    name=SHORTCUT, card=lambda: _card(SHORTCUT), load=lambda: load(shortcut=True), put_in_place=lambda: None
)
