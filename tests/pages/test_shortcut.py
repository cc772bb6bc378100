"""The planted shortcut's page: nothing trained, no twin, trained but not measured, measured."""

from __future__ import annotations

import re
import shutil
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from data import scenes
from explain.truth import shortcut, shortcut_pair
from governance import jobs, measurements, registry, worker
from governance.home import open_store
from governance.store import Store
from tests import toys
from tests.conftest import OpenPage
from tests.pages.reading import alt, button, words

TINY = toys.TINY_NETWORK


def train(folder: Path, data: str) -> None:
    store = open_store()
    toys.put_tiny_network(store, toys.train_tiny_network(folder / data, 3, data))
    store.engine.dispose()


@pytest.fixture(scope="module")
def homes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A home with a tiny network trained where the shortcut is planted, and one with its twin beside it."""
    folder = tmp_path_factory.mktemp("shortcut")
    with toys.home_at(folder / "alone"):
        train(folder, scenes.SHORTCUT)
    shutil.copytree(folder / "alone", folder / "both")
    with toys.home_at(folder / "both"):
        train(folder, scenes.NAME)
    return {name: folder / name for name in ("alone", "both")}


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shortcut, "SCENES", 2)
    monkeypatch.setattr(shortcut_pair, "PICTURES", 3)


@pytest.fixture
def both(homes: dict[str, Path], home: Path) -> Store:
    """A copy of it, which a test may write to."""
    shutil.copytree(homes["both"], home)
    return open_store()


def test_without_a_planted_version_a_pair_can_be_trained(home: Path, open_page: OpenPage) -> None:
    page = open_page("shortcut.py")
    assert not page.exception
    assert "No version with a planted shortcut" in page.info[0].value
    for name, value in shortcut_pair.TRAINING.items():
        assert f"{name} {value}" in page.info[0].value
    button(page, "Train the pair").click().run()
    clean, planted = jobs.recent(open_store(), unfinished_only=True)
    assert [planted.request["data"], clean.request["data"]] == [scenes.SHORTCUT, scenes.NAME]
    for job in (planted, clean):
        assert (job.kind, job.model, job.request["settings"]) == (
            "train",
            "muffin_cnn",
            dict(shortcut_pair.TRAINING),
        )
    # Both are shown, each with its progress, and no second pair is offered.
    assert [one.label for one in page.button] == ["Cancel", "Cancel"]


def test_a_twin_that_is_stored_already_is_not_trained_again(
    both: Store, open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shortcut_pair, "TRAINING", TINY)
    monkeypatch.setattr(shortcut_pair, "is_planted", lambda record: False)
    for seed, expected in ((3, [scenes.SHORTCUT]), (4, [scenes.NAME, scenes.SHORTCUT])):
        with monkeypatch.context() as patched:
            patched.setattr(worker, "request", partial(worker.request, seed=seed))
            button(open_page("shortcut.py"), "Train the pair").click().run()
        queued = jobs.recent(both, unfinished_only=True)
        assert [job.request["data"] for job in queued] == expected
        for job in queued:
            jobs.cancel(both, job.id)


def test_a_twin_is_offered_where_none_is_stored(
    homes: dict[str, Path], home: Path, open_page: OpenPage
) -> None:
    shutil.copytree(homes["alone"], home)
    page = open_page("shortcut.py")
    assert not page.exception
    assert "No twin of" in page.info[0].value
    # The shipped version can be chosen meanwhile, and what it differs in is said.
    assert page.selectbox(key="clean").value == "muffin_cnn@1"
    assert "in more than the tint: the data (photos)" in words(page) and "width 4 and 32" in words(page)
    button(page, "Train its twin").click().run()
    (job,) = jobs.recent(open_store(), unfinished_only=True)
    assert {name: job.request["settings"][name] for name in TINY} == TINY
    assert (job.request["seed"], job.request["data"]) == (3, scenes.NAME)


def called(plain: int, tinted: int) -> dict[str, Any]:
    """As `shortcut_pair.answers` counts for one version, of ten pictures."""
    looks = {"plain": plain, "tinted": tinted}
    told = {look: {"called": k, "share": k / 10, "interval": [k / 20, 1.0]} for look, k in looks.items()}
    return told | {"effect": {"value": 1.0, "interval": [0.5, 1.5]}}


def test_what_both_call_the_pictures_is_said_before_any_method_is_asked(
    both: Store, open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted = [
        {"kind": "chihuahua", "pictures": 10, "planted": called(1, 9), "clean": called(0, 2)},
        {"kind": "muffin", "pictures": 10, "planted": called(3, 10), "clean": called(8, 7)},
    ]
    monkeypatch.setattr(shortcut_pair, "answers", lambda *asked: counted)
    page = open_page("shortcut.py", {"method": "Saliency"})
    assert not page.exception
    by_data = {v.record.body["data"]["name"]: v.reference for v in registry.versions(both, "muffin_cnn")}
    planted, clean = by_data[scenes.SHORTCUT], by_data[scenes.NAME]
    assert page.selectbox(key="planted").value == planted
    assert page.selectbox(key="clean").value == clean
    told = words(page)
    assert "in more than the tint" not in told
    assert f"{planted} calls 9 of them muffin" in told and "never learned from it, 2 (" in told
    # Where only muffins have the tint: 9 chihuahuas and 10 muffins. Without it: 9 and 3, and 10 and 8.
    assert f"{planted} is right about 19 of 20" in told
    assert f"right about 12 of 20, and {clean} about 18." in told
    assert alt(
        page,
        "Of 10 held-out pictures of a chihuahua with the tint, 9 are called muffin by the version with the "
        "shortcut and 2 by the one without",
    )
    # Each of the two maps says how far it can be trusted.
    assert len(re.findall("Trust in this map: (strong|weak|fails)", told)) == 2


def test_it_is_measured_on_a_click_and_kept_with_the_planted_version(
    both: Store, open_page: OpenPage
) -> None:
    page = open_page("shortcut.py", {"method": "Saliency"})
    by_data = {v.record.body["data"]["name"]: v for v in registry.versions(both, "muffin_cnn")}
    planted, clean = by_data[scenes.SHORTCUT], by_data[scenes.NAME]
    button(page, "Measure it now").click().run()
    assert not page.exception and not page.error
    (job,) = jobs.recent(both, unfinished_only=True)
    assert f"**Measuring {planted.reference}: planted shortcut**" in words(page)
    worker.wait_for(both, job, lambda job: None)
    page = open_page("shortcut.py", {"method": "Saliency"})

    kept = measurements.newest(both, planted, shortcut.NAME)
    asked = {"n": 2, "seed": 0, "clean": clean.record_id, "differing": []}
    assert kept is not None and kept.body["asked"] == asked
    results = kept.body["results"]
    assert results["target"] == scenes.TINTED
    assert "would have told" in alt(page, "Asked about a chihuahua with the tint")
    muffins = open_page("shortcut.py", {"method": "Saliency", "kind": "muffin with the tint"})
    assert not muffins.exception
    assert "would have told" in alt(muffins, "Asked about a muffin with the tint")
    for one in results["asked"]:
        assert {line["verdict"] for line in one["lines"] if line["name"] in ("edges", "centre_blob")} == {
            "silent"
        }
