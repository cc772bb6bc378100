"""``python -m explain.measure``: what is stored is what was measured, and what cannot be is told."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result
from PIL import Image

from ask.explain_command import explain
from data import bakery, photo_folders
from explain import measurement_catalogue
from explain.measure import measure
from explain.measure_shortcut import measure as measure_shortcut
from explain.truth import agreement, shortcut, shortcut_pair
from explain.typicality import feature_typicality
from governance import measurements as kept
from governance import registry, setup
from governance.home import open_store
from models import loading
from tests import answering_toys, toys


def run(command: object, *arguments: str) -> Result:
    return CliRunner().invoke(command, arguments, catch_exceptions=False)  # type: ignore[arg-type]


def test_it_is_stored_with_the_version_and_printed(
    home: Path, nothing_shipped: None, tiny_network: Path
) -> None:
    store = open_store()
    toys.put_tiny_network(store, tiny_network)
    done = run(measure, "muffin_cnn", "agreement", "--n", "1", "--seed", "3", "--json")
    assert done.exit_code == 0
    told = json.loads(done.stdout)
    version = registry.resolve(store, "muffin_cnn")
    found = kept.newest(store, version, "agreement")
    assert found is not None
    assert told["version"] == version.reference
    assert told["measurements"]["agreement"] == {"record": found.id, "results": found.body["results"]}
    assert found.body["asked"] == {"n": 1, "seed": 3}
    alone = agreement.measure(loading.load(store, version), 1, 3, lambda progress: None)
    assert found.body["results"]["pairs"] == alone["pairs"]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("muffin_cnn", "agrement"), "Did you mean agreement?"),
        (("iris_tree", "agreement"), "Iris tree"),
        (("iris_tree",), "Nothing can be measured on iris_tree."),
    ],
)
def test_what_cannot_be_measured_is_told_in_a_sentence(
    home: Path, arguments: tuple[str, ...], sentence: str
) -> None:
    done = run(measure, *arguments)
    assert done.exit_code == 2
    assert sentence in done.stderr
    assert "Traceback" not in done.output


def test_limits_of_another_model_for_pictures_are_measured_on_its_held_out_pictures(
    home: Path, nothing_shipped: None, tmp_path: Path
) -> None:
    with answering_toys.registered("toy_colours") as definition:
        toys.train_into(open_store(), definition)
        done = run(measure, "toy_colours", "trust_thresholds", "--n", "5", "--json")
        assert done.exit_code == 0, done.stderr
        found = json.loads(done.stdout)["measurements"]["trust_thresholds"]["results"]
        assert (found["pictures"], found["dataset"]) == (5, "toy_patches")
        Image.fromarray(np.full((32, 32, 3), (90, 40, 40), np.uint8)).save(tmp_path / "a.png")
        asked = run(explain, "toy_colours", str(tmp_path / "a.png"), "--method", "occlusion")
        assert asked.exit_code == 0, asked.stderr
        assert "Compared with the placebos on 5 held-out pictures of toy_patches." in asked.stdout


def test_without_its_photos_typicality_is_measured_over_scenes_and_says_so(home: Path) -> None:
    done = run(measure, "muffin_cnn", "typicality", "--n", "4", "--json")
    assert done.exit_code == 0
    told = json.loads(done.stdout)["measurements"]["typicality"]["results"]
    assert [one["name"] for one in told["sources"]] == ["scenes"]
    assert told["instead"] in done.stderr and "(photos) are not on this machine" in told["instead"]


def test_a_folder_of_photos_that_is_not_there_is_told(home: Path) -> None:
    done = run(measure, "muffin_cnn", "typicality", "--n", "4", "--data", "no_such_photos")
    assert done.exit_code == 2 and "no_such_photos" in done.stderr


def test_what_is_shipped_holds_training_photos_by_names_that_the_manifest_knows(home: Path) -> None:
    store = open_store()
    setup.version_for(store, "muffin_cnn", lambda job: None)
    found = feature_typicality.stored(store, registry.resolve(store, "muffin_cnn@1"))
    assert found is not None and found.sources == ("photos", "scenes") and found.instead == ""
    lines = [
        photo_folders._documented()[d] for d, of in zip(found.digests, found.source, strict=True) if of == 0
    ]
    assert len(lines) == 940 - 134 and {line["split"] for line in lines} == {"train"}
    kinds = [bakery.KINDS.index(line["label"]) for line in lines]
    assert found.labels[found.source == 0].tolist() == kinds
    assert np.linalg.norm(found.features, axis=1) == pytest.approx(1, abs=2e-3)
    assert [len(apart) for apart in found.apart] == [134, 150]


def test_every_measurement_has_a_name_of_its_own() -> None:
    names = measurement_catalogue.names()
    assert len(set(names)) == len(names)
    assert all(measurement_catalogue.measurement(name).name == name for name in names)


def test_the_shortcut_is_measured_for_two_versions_and_kept_with_the_first(
    home: Path, tiny_network: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shortcut_pair, "PICTURES", 24)
    store = open_store()
    shipped = setup.version_for(store, "muffin_cnn", lambda job: None)
    version = toys.put_tiny_network(store, tiny_network)
    done = run(measure_shortcut, version.reference, shipped.reference, "--n", "2", "--json")
    assert done.exit_code == 0
    found = kept.newest(store, version, shortcut.NAME)
    assert found is not None and found.id == json.loads(done.stdout)["record"]
    # Only the shipped version learned from photos, it is wider, and neither learned from a tint: all are said.
    differing = found.body["asked"]["differing"]
    assert {"the data (photos)", "width 4 and 32"} <= set(differing)
    assert found.body["asked"] == {"n": 2, "seed": 0, "clean": shipped.record_id, "differing": differing}
    assert all(one in done.stderr for one in ("did not learn from pictures with this tint", *differing))
    for one in found.body["results"]["asked"]:
        # A placebo never asks a model, so it cannot tell one from the other.
        placebos = [line for line in one["lines"] if line["name"] in ("edges", "centre_blob")]
        assert [line["verdict"] for line in placebos] == ["silent", "silent"]


def test_the_shortcut_needs_models_that_know_scenes(trained_home: Path) -> None:
    done = run(measure_shortcut, "iris_tree@1", "iris_tree@1")
    assert done.exit_code == 2 and "Iris tree" in done.stderr
