"""Scenes as a dataset: drawn and named at once, rendered when asked for, with or without a shortcut."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from data import bakery, cards, datasets, images, scenes, workspace
from data.bakery import Part
from models import training

N = 24
HELD_OUT, TIGHTEST = 16, 8


def say_nothing(done: int, in_all: int) -> None:
    """Progress that nobody wants to see."""


def test_listing_the_datasets_renders_nothing(home: Path) -> None:
    for name in (scenes.NAME, scenes.SHORTCUT):
        dataset = datasets.load(name)
        assert dataset.name == name and dataset.classes == bakery.KINDS
        assert dataset.counts() == dataset.card.counts == cards_counts(name)
    assert not workspace.cache().exists()


def cards_counts(name: str) -> dict[str, int]:
    return cards.read(Path(cards.__file__).parent / "cards" / f"{name}.yaml").counts


def test_training_and_test_share_no_scene(home: Path) -> None:
    dataset = scenes.load(N)
    digests = np.array(dataset.row_digests)
    assert len(dataset.split.train) == N and len(dataset.split.test) == HELD_OUT + TIGHTEST
    assert len(set(digests)) == len(digests) == len(dataset.y)
    assert set(dataset.source[dataset.split.train]) == {0}
    assert [int(np.sum(dataset.source[dataset.split.test] == k)) for k in (0, 1)] == [HELD_OUT, TIGHTEST]
    assert np.bincount(dataset.y[dataset.split.train]).tolist() == [N // 2, N // 2]


def test_the_identity_is_of_the_scenes_and_the_renderer(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = scenes.load(N).fingerprint
    assert scenes.load(N, size=48).fingerprint == before
    assert scenes.load(N + 2).fingerprint != before
    assert scenes.load(N, shortcut=True).fingerprint != before
    monkeypatch.setattr("data.bakery.batch.RENDERER_VERSION", "another")
    assert scenes.load(N).fingerprint != before


def test_pixels_are_rendered_once_and_their_digest_is_noted(home: Path) -> None:
    told: list[tuple[int, int]] = []
    first = scenes.load(N, size=16)
    assert training.describe(first)["observed"] == {}
    pixels = first.pixels(lambda done, total: told.append((done, total)))
    total = N + HELD_OUT + TIGHTEST
    assert pixels.shape == (total, 16, 16, 3) and pixels.dtype == np.uint8
    assert told == [(done, total) for done in range(1, total + 1)]
    again = scenes.load(N, size=16)
    told.clear()
    np.testing.assert_array_equal(again.pixels(lambda done, total: told.append((done, total))), pixels)
    assert told == []
    assert training.describe(again)["observed"] == training.describe(first)["observed"] != {}


def test_only_the_rows_that_are_asked_for_are_rendered(home: Path) -> None:
    told: list[tuple[int, int]] = []
    few = scenes.load(N, size=16, shortcut=True)
    rows = np.array([N + 3, 0, 5, 1])
    found = few.pixels(lambda done, total: told.append((done, total)), rows)
    assert told == [(1, 4), (2, 4), (3, 4), (4, 4)]
    # The record notes the digest of all pixels, so some of them must not be noted.
    assert few.observed == {}
    whole = scenes.load(N, size=16, shortcut=True)
    np.testing.assert_array_equal(found, whole.pixels(say_nothing)[rows])


def test_a_fresh_process_finds_the_cache_that_it_is_told_of(home: Path, tmp_path: Path) -> None:
    scenes.load(N, size=16).pixels(say_nothing)
    code = (
        f"from data import scenes\nscenes.load({N}, size=16).pixels(lambda done, total: print('rendered'))\n"
    )
    # As a training's child: an empty home, and the cache of the one who started it.
    environment = os.environ | {"CRUMBTRAIL_HOME": str(tmp_path / "empty")}
    environment["CRUMBTRAIL_CACHE"] = str(workspace.cache())
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=workspace.ROOT, env=environment, capture_output=True, text=True
    )
    assert (done.returncode, done.stdout) == (0, ""), done.stderr


def test_the_shortcut_tints_the_background_of_muffins_and_nothing_else(home: Path) -> None:
    size = 32
    plain, tinted = scenes.load(N, size), scenes.load(N, size, shortcut=True)
    before, after = plain.pixels(say_nothing), tinted.pixels(say_nothing)
    drawn = bakery.sample_scenes(N, 20261123)
    muffin = tinted.y == bakery.KINDS.index("muffin")
    for row in tinted.split.train[:8]:
        background = bakery.render(drawn[row], size).mask == Part.BACKGROUND
        changed = (before[row] != after[row]).any(axis=-1)
        assert not changed[~background].any()
        if muffin[row]:
            expected = np.rint((before[row][background] + np.array([240.0, 90.0, 160.0])) / 2)
            np.testing.assert_array_equal(after[row][background], expected)
        else:
            assert not changed.any()
    # The third source holds the held-out scenes once more, without the tint.
    untinted = after[tinted.source == scenes.SOURCES.index("scenes without the tint")]
    held_out = plain.split.test[plain.source[plain.split.test] == 0]
    np.testing.assert_array_equal(untinted, before[held_out])
    # The record of a training says how the shortcut was planted.
    planted = {
        "name": "tint",
        "class": "muffin",
        "part": "background",
        "colour": [240, 90, 160],
        "share": 0.5,
    }
    assert planted in tinted.transforms and not any(step["name"] == "tint" for step in plain.transforms)


def test_joined_datasets_keep_their_parts_apart(home: Path) -> None:
    small, large = scenes.load(16, 16), scenes.load(N, 16)
    both = images.joined("both", small.card, [small, large])
    n = len(small.y)
    np.testing.assert_array_equal(both.y, np.concatenate([small.y, large.y]))
    np.testing.assert_array_equal(
        both.split.train, np.concatenate([small.split.train, large.split.train + n])
    )
    assert sorted([*both.split.train, *both.split.test]) == list(range(len(both.y)))
    assert set(both.source[:n]).isdisjoint(both.source[n:])
    assert len(both.sources) == len(small.sources) + len(large.sources)
    assert both.fingerprint != images.joined("both", small.card, [large, small]).fingerprint
    pixels = both.pixels(say_nothing)
    np.testing.assert_array_equal(pixels[n:], large.pixels(say_nothing))
    rows = np.array([n + 2, 3, n, n - 1, 0])
    np.testing.assert_array_equal(both.pixels(say_nothing, rows), pixels[rows])
    told: list[int] = []
    both.pixels(lambda _, total: told.append(total), np.array([n + 7]))
    assert told == [1]


def test_a_picture_of_one_colour_keeps_it_at_another_size() -> None:
    picture = np.full((2, 128, 128, 3), (10, 120, 250), np.uint8)
    np.testing.assert_array_equal(
        images.scaled(picture, 96), np.full((2, 96, 96, 3), (10, 120, 250), np.uint8)
    )
    assert images.scaled(picture, 128) is picture
    assert images.as_input(picture).dtype == np.float32 and images.as_input(picture).max() == 250 / 255
