"""Versions of the network by real trainings in child processes: photos, scenes, making them again."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from data.failures import UserMistake
from governance import audit, jobs, registry, reproduce, sessions, shipped, stored_records, worker
from governance.home import open_store
from governance.registry import Version
from governance.store import Store
from governance.stored_records import StoredRecord
from models import (
    loading,
    muffin_cnn,
    networks,
    training,
)
from models.augmentation import PHOTO_CUT, SCENE_CUT

TINY = {"scenes": 32, "epochs": 1, "width": 4, "batch_size": 16}


def quick_job(store: Store, kind: str, request: dict[str, Any]) -> dict[str, Any]:
    job, _ = jobs.submit(store, kind, "muffin_cnn", request, sessions.start(store, "cli"))
    return worker.wait_for(store, job, lambda job: None).result or {}


def train(store: Store, **request: Any) -> Version:
    return registry.resolve(store, quick_job(store, "train", worker.request(**request))["version"])


def make_again(store: Store, version: Version, **overrides: str) -> StoredRecord:
    result = quick_job(store, "reproduce", reproduce.job_request(version, overrides))
    return stored_records.get_record(store, result["record"])


def make_photos(folder: Path, labels: tuple[str, ...] = muffin_cnn.SPEC.classes, n: int = 24) -> Path:
    for part in ("train", "test"):
        for c, label in enumerate(labels):
            (folder / part / label).mkdir(parents=True)
            for i in range(n):
                noise = np.random.default_rng([part == "test", c, i]).integers(0, 200, (40, 50, 3))
                Image.fromarray((noise + 50 * (c == 0)).astype(np.uint8)).save(
                    folder / part / label / f"{i}.png"
                )
    return folder


def test_data_that_do_not_fit_are_refused(home: Path, tmp_path: Path) -> None:
    settings = training.settings_for(muffin_cnn.DEFINITION, TINY)
    with pytest.raises(UserMistake, match="tells chihuahua from muffin; the folder pets holds cat, dog"):
        muffin_cnn.load(str(make_photos(tmp_path / "pets", ("cat", "dog"), 3)), settings)
    with pytest.raises(UserMistake, match="the dataset iris holds none"):
        muffin_cnn.load("iris", settings)


def test_photos_and_scenes_are_judged_apart(home: Path, tmp_path: Path) -> None:
    settings = training.settings_for(muffin_cnn.DEFINITION, TINY | {"photo_share": 0.25})
    dataset = muffin_cnn.load(str(make_photos(tmp_path / "snaps", n=8)), settings)
    train_rows, kept_back = muffin_cnn._validation_split(dataset, 0)
    assert not set(train_rows) & set(kept_back)
    assert sorted([*train_rows, *kept_back]) == dataset.split.train.tolist()
    photo, scene = muffin_cnn._streams(dataset, train_rows, settings)
    assert (photo.in_batch, scene.in_batch) == (4, 12)
    assert (photo.cut, scene.cut) == (PHOTO_CUT, SCENE_CUT)
    assert {dataset.sources[k] for k in dataset.source[photo.rows]} == {"photos"}
    assert {dataset.sources[k] for k in dataset.source[scene.rows]} == {"scenes"}


def test_a_version_from_scenes_is_made_again_and_every_difference_is_named(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = open_store()
    version = train(store, settings=TINY, seed=3)
    metrics = version.record.body["results"]["metrics"]
    assert list(metrics["by_source"]) == ["scenes", "tightest scenes"]
    for figures in metrics["by_source"].values():
        assert {"value", "interval", "ece", "brier", "ece_before", "brier_before"} <= figures.keys()
    assert version.record.body["results"]["test_looks"] == 1
    assert version.record.body["data"]["observed"]
    assert version.record.body["numerics"]["torch"]["deterministic_algorithms"] is True
    tensors = version.record.body["results"]["tensors"]
    assert tensors.keys() == networks.named_arrays(loading.load(store, version)).keys()  # type: ignore[arg-type]

    same = make_again(store, version).body
    assert same["level"] == "bit-identical" and same["differences"] == []
    other = make_again(store, version, seed="4", threads="1").body
    assert other["level"] != "bit-identical"
    assert other["tensors"].keys() == tensors.keys()
    assert not other["tensors"]["stem.0.weight"]
    named = {difference["fact"] for difference in other["differences"]}
    assert {"parameters.seed", "parameters.threads", "numerics.torch.threads"} <= named

    shipped.write(store, version, tmp_path / "artifacts")
    monkeypatch.setenv("CRUMBTRAIL_HOME", str(tmp_path / "fresh"))
    monkeypatch.setattr(shipped, "FOLDER", tmp_path / "none")
    fresh = open_store()
    pictures = np.random.default_rng(0).random((3, 96, 96, 3), dtype=np.float32)
    answers = loading.load(store, version).predict_proba(pictures)
    (adopted,) = shipped.adopt(fresh, tmp_path / "artifacts")
    assert (adopted.record_id, adopted.number, adopted.aliases) == (version.record_id, 1, ("champion",))
    np.testing.assert_array_equal(loading.load(fresh, adopted).predict_proba(pictures), answers)
    assert shipped.adopt(fresh, tmp_path / "artifacts") == []
    assert audit.verify(fresh).problems == ()


def test_a_version_from_photos_needs_its_photos(home: Path, tmp_path: Path) -> None:
    store = open_store()
    folder = make_photos(tmp_path / "snaps")
    version = train(store, settings={**TINY, "scenes": 16}, data=str(folder))
    assert str(tmp_path) not in json.dumps(version.record.body)
    assert list(version.record.body["results"]["metrics"]["by_source"])[:2] == ["photos", "scenes"]

    elsewhere = Path(shutil.move(folder, tmp_path / "attic"))
    gone = make_again(store, version).body
    assert gone["level"] == "not comparable" and "snaps" in gone["reason"]
    found = make_again(store, version, data=str(elsewhere)).body
    assert found["level"] == "bit-identical"
    assert [
        d["fact"] for d in found["differences"] if not d["fact"].endswith((".name", ".of", ".folder"))
    ] == ["data.transforms"]
    assert str(tmp_path) not in json.dumps(found)


@pytest.mark.full
def test_scenes_alone_reach_the_target(home: Path) -> None:
    store = open_store()
    version = train(store)
    figures = version.record.body["results"]["metrics"]["by_source"]["scenes"]
    assert figures["value"] >= 0.98, figures
    assert make_again(store, version).body["level"] == "bit-identical"
