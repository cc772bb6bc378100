"""What a scene costs: our rendering beside a blur of the same picture, and in parallel beside one after another."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np

from benchmarks.measure import Row, compare

_SCENES, _SIZE = 48, 96


def rendering() -> Row:
    """Scenes of 96 px one after another; the peer is a Gaussian blur of as many pictures of four times the pixels.

    Scenes are drawn with twice the width and made smaller, so the peer touches as many pixels once.
    The figure to look at is the time divided by the number of scenes.
    """
    from scipy.ndimage import gaussian_filter

    from data import bakery

    scenes = bakery.sample_scenes(_SCENES, 1)
    noise = np.random.default_rng(0).random((2 * _SIZE, 2 * _SIZE, 3))
    return compare(
        f"rendering {_SCENES} scenes of {_SIZE} px",
        lambda: [bakery.render(scene, _SIZE) for scene in scenes],
        "a Gaussian blur of as many pictures",
        lambda: [gaussian_filter(noise, (2, 2, 0)) for _ in scenes],
        rounds=3,
    )


def rendering_in_parallel() -> Row:
    """A set of scenes by all cores, processes started anew, against one after another in this process."""
    from data import bakery

    scenes = bakery.sample_scenes(8 * _SCENES, 2)

    def together() -> None:
        with tempfile.TemporaryDirectory() as folder:
            bakery.load_or_render(scenes, _SIZE, Path(folder))

    return compare(
        f"rendering {len(scenes)} scenes, all cores",
        together,
        "one after another",
        lambda: [bakery.render(scene, _SIZE) for scene in scenes],
        rounds=3,
    )
