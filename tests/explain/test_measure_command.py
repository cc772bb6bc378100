"""``python -m explain.measure``: what is stored is what was measured, and what cannot be is told."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from explain import measurements
from explain.measure import measure
from explain.measure_shortcut import measure as measure_shortcut
from explain.truth import agreement
from governance import measurements as kept
from governance import registry
from governance.store import open_store
from models import loading


def run(command: object, *arguments: str) -> Result:
    return CliRunner().invoke(command, arguments, catch_exceptions=False)  # type: ignore[arg-type]


def test_it_is_stored_with_the_version_and_printed(home: Path) -> None:
    done = run(measure, "muffin_cnn", "agreement", "--n", "1", "--seed", "3", "--json")
    assert done.exit_code == 0
    told = json.loads(done.stdout)
    store = open_store()
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


def test_every_measurement_has_a_name_of_its_own() -> None:
    names = measurements.names()
    assert len(set(names)) == len(names)
    assert all(measurements.measurement(name).name == name for name in names)


def test_the_shortcut_is_measured_for_two_versions_and_kept_with_the_first(home: Path) -> None:
    done = run(measure_shortcut, "muffin_cnn@1", "muffin_cnn@1", "--n", "2", "--json")
    assert done.exit_code == 0
    store = open_store()
    version = registry.resolve(store, "muffin_cnn@1")
    found = kept.newest(store, version, "shortcut")
    assert found is not None and found.id == json.loads(done.stdout)["record"]
    assert found.body["asked"] == {"n": 2, "seed": 0, "clean": version.record_id}
    assert {line["verdict"] for line in found.body["results"]["lines"]} == {"silent"}


def test_the_shortcut_needs_models_that_know_scenes(trained_home: Path) -> None:
    done = run(measure_shortcut, "iris_tree@1", "iris_tree@1")
    assert done.exit_code == 2 and "Iris tree" in done.stderr
