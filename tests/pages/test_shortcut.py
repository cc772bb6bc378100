"""The planted shortcut's page: nothing trained, trained but not measured, measured."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from data import scenes
from explain.truth import shortcut
from governance import jobs, measurements, registry, sessions, worker
from governance.store import Store, open_store
from tests import toys
from tests.conftest import OpenPage
from tests.pages.reading import alt, button, words

TINY: dict[str, Any] = {"epochs": 1, "width": 4, "scenes": 16, "augment": "none"}


@pytest.fixture(scope="module")
def both_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with two tiny networks, one of them trained where the shortcut is planted."""
    path = tmp_path_factory.mktemp("shortcut") / "home"
    with toys.home_at(path):
        store = open_store()
        for data in (None, scenes.SHORTCUT):
            job, _ = jobs.submit(
                store, "train", "muffin_cnn", worker.request(TINY, data=data), sessions.start(store, "test")
            )
            worker.wait_for(store, job, lambda job: None)
        store.engine.dispose()
    return path


@pytest.fixture
def both(both_home: Path, home: Path) -> Store:
    """A copy of it, which a test may write to."""
    shutil.copytree(both_home, home)
    return open_store()


def test_without_a_planted_version_one_can_be_trained(home: Path, open_page: OpenPage) -> None:
    page = open_page("shortcut.py")
    assert not page.exception
    assert "No version with a planted shortcut" in page.info[0].value
    button(page, "Train a version with the shortcut").click().run()
    (job,) = jobs.recent(open_store(), unfinished_only=True)
    assert (job.kind, job.model, job.request["data"]) == ("train", "muffin_cnn", scenes.SHORTCUT)


def test_it_is_measured_on_a_click_and_kept_with_the_planted_version(
    both: Store, open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shortcut, "SCENES", 2)
    page = open_page("shortcut.py", {"method": "Saliency"})
    assert not page.exception
    by_data = {v.record["data"]["name"]: v for v in registry.versions(both, "muffin_cnn")}
    planted, clean = by_data[scenes.SHORTCUT], by_data[scenes.NAME]
    assert page.selectbox(key="planted").value == planted.reference
    assert page.selectbox(key="clean").value == clean.reference
    button(page, "Measure now").click().run()
    assert not page.exception and not page.error

    kept = measurements.newest(both, planted, "shortcut")
    assert kept is not None and kept.body["asked"] == {"n": 2, "seed": 0, "clean": clean.record_id}
    results = kept.body["results"]
    tell = [line["title"] for line in results["lines"] if line["verdict"] == "tells"]
    assert alt(page, tell[0] if tell else "No method would have told")
    assert "What is true" in words(page)
    assert {line["verdict"] for line in results["lines"] if line["name"] in ("edges", "centre_blob")} == {
        "silent"
    }
    assert results["target"] == shortcut.TINTED
