"""What every model of the catalogue promises, held for each of them and for the toys."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from data import datasets
from governance import child, digests
from models import catalogue, training
from models.spec import Definition, Fitted, HasTrees, Progress
from tests import answering_toys, toys

# Settings with which a training takes a second; a model that is missing here is trained with its defaults.
CHEAP: dict[str, dict[str, Any]] = {
    "iris_tree": {"max_depth": 2},
    "iris_forest": {"n_estimators": 3},
    "muffin_cnn": {"scenes": 32, "epochs": 1, "width": 4},
    toys.MODEL: {"max_depth": 3},
}
BUILT_IN = catalogue.names()
_fitted: dict[str, tuple[Definition, Fitted, list[Progress]]] = {}


@pytest.fixture(params=[*BUILT_IN, toys.MODEL, *answering_toys.ALL])
def trained(request: pytest.FixtureRequest, home: Path) -> tuple[Definition, Fitted, list[Progress]]:
    """A definition, what its training gave back, and what it reported; each is trained once."""
    name = request.param
    if name not in _fitted:
        definition = _definition(name)
        reports: list[Progress] = []
        settings = training.settings_for(definition, CHEAP.get(name, {}))
        dataset = training.load_data(definition, definition.dataset, settings)
        fitted = definition.fit(dataset, settings, 1, reports.append)
        _fitted[name] = definition, fitted, reports
    return _fitted[name]


def _definition(name: str) -> Definition:
    """What the catalogue holds, or would hold of a toy; a toy's dataset stays loadable."""
    if name in answering_toys.ALL:
        with answering_toys.registered(name) as definition:
            return definition
    definition = toys.register_table_model() if name == toys.MODEL else catalogue.definition(name)
    toys.unregister_table_model()
    return definition


Trained = tuple[Definition, Fitted, list[Progress]]


def test_spec_says_one_consistent_thing(trained: Trained, home: Path) -> None:
    definition, fitted, _ = trained
    spec = definition.spec
    assert fitted.model.spec == spec
    assert spec.name.isidentifier() and spec.title
    assert len(set(spec.classes)) == len(spec.classes) >= 2
    assert (spec.modality == "tabular") == bool(spec.features) == (spec.image_size is None)
    assert len({feature.name for feature in spec.features}) == len(spec.features)
    dataset = datasets.load(definition.dataset)
    assert dataset.classes == spec.classes
    if spec.modality == "tabular":
        assert dataset.features == tuple(feature.name for feature in spec.features)
    assert ("tree" in spec.capabilities or "trees" in spec.capabilities) == isinstance(fitted.model, HasTrees)
    if "tree" in spec.capabilities:
        assert len(fitted.model.trees) == 1  # type: ignore[attr-defined]


def test_card_says_who_and_what_for(trained: Trained) -> None:
    card = trained[0].card
    assert card.question.endswith("?") and card.summary and card.owner and card.intended_use
    assert card.users and card.limits


def test_probabilities_have_the_promised_form(trained: Trained) -> None:
    definition, fitted, _ = trained
    for rows in (fitted.probe, fitted.probe[:1], fitted.probe[:7]):
        probabilities = fitted.model.predict_proba(rows)
        assert probabilities.shape == (len(rows), len(definition.spec.classes))
        assert probabilities.dtype == np.float64
        assert (probabilities >= 0).all()
        np.testing.assert_allclose(probabilities.sum(axis=1), 1, atol=1e-9)


def test_a_row_s_answer_does_not_depend_on_its_company(trained: Trained) -> None:
    _, fitted, _ = trained
    rows = fitted.probe[:16]
    together = fitted.model.predict_proba(rows)
    alone = np.concatenate([fitted.model.predict_proba(row[None]) for row in rows])
    np.testing.assert_allclose(alone, together, atol=1e-6)
    np.testing.assert_allclose(fitted.model.predict_proba(rows[::-1])[::-1], together, atol=1e-6)


def test_predicting_leaves_its_input_alone(trained: Trained) -> None:
    _, fitted, _ = trained
    rows = fitted.probe[:5].copy()
    fitted.model.predict_proba(rows)
    np.testing.assert_array_equal(rows, fitted.probe[:5])


def test_artefact_gives_back_the_same_model_bit_for_bit(trained: Trained) -> None:
    definition, fitted, _ = trained
    restored = definition.restore(fitted.artefact)
    before = digests.of_arrays(definition.arrays(fitted.model))
    assert digests.of_arrays(definition.arrays(restored)) == before
    np.testing.assert_array_equal(
        restored.predict_proba(fitted.probe), fitted.model.predict_proba(fitted.probe)
    )


def test_digest_covers_everything_that_decides_an_answer(trained: Trained) -> None:
    """Each array counts: changing one value of any changes the digest."""
    definition, fitted, _ = trained
    arrays = definition.arrays(fitted.model)
    whole = digests.of_arrays(arrays)[1]
    assert arrays
    for name, array in arrays.items():
        changed = array.copy()
        changed.reshape(-1)[-1] += 1
        assert digests.of_arrays({**arrays, name: changed})[1] != whole, name


def test_metrics_are_json_with_an_accuracy_and_its_interval(trained: Trained) -> None:
    _, fitted, _ = trained
    assert json.loads(digests.canonical_json(fitted.metrics))
    accuracy = fitted.metrics["accuracy"]
    low, high = accuracy["interval"]
    assert 0 <= low <= accuracy["value"] <= high <= 1
    assert accuracy["method"]
    assert json.loads(digests.canonical_json({"chosen": fitted.chosen, "curve": fitted.curve}))


def test_every_setting_is_among_those_chosen(trained: Trained) -> None:
    definition, fitted, _ = trained
    assert fitted.chosen.keys() == {setting.name for setting in definition.settings}
    assert "auto" not in fitted.chosen.values()


def test_progress_goes_forward_to_its_end(trained: Trained) -> None:
    _, _, reports = trained
    assert reports
    for step in dict.fromkeys(report.step for report in reports):
        counts = [report.done for report in reports if report.step == step]
        assert counts == sorted(counts)
        assert counts[-1] == next(r.total for r in reports if r.step == step)
    assert all(0 <= report.done <= report.total for report in reports)


@pytest.mark.parametrize("name", BUILT_IN)
def test_two_fresh_processes_make_the_same_model_from_a_seed(home: Path, tmp_path: Path, name: str) -> None:
    datasets.put_in_place()
    request = {"settings": CHEAP.get(name, {}), "seed": 5, "threads": 2, "data": None}
    failures: list[BaseException] = []

    def train(folder: Path) -> None:
        try:
            child.train(name, request, folder, lambda progress: None, lambda: False)
        except BaseException as error:  # a thread's failure must become the test's
            failures.append(error)

    folders = [tmp_path / "first", tmp_path / "second"]
    threads = []
    for folder in folders:
        folder.mkdir()
        threads.append(threading.Thread(target=train, args=(folder,)))
        threads[-1].start()
    for thread in threads:
        thread.join()
    assert not failures
    first, second = (json.loads((folder / "record.json").read_bytes()) for folder in folders)
    assert first["results"]["weights_digest"] == second["results"]["weights_digest"]
    assert first["results"]["tensors"] == second["results"]["tensors"]
    assert first["results"]["metrics"] == second["results"]["metrics"]
    assert (folders[0] / "probe.safetensors").read_bytes() == (folders[1] / "probe.safetensors").read_bytes()
