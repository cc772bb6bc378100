"""The record of a real training: every part of it held against what it speaks of."""

from __future__ import annotations

import hashlib
import json
import platform
import re
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rfc8785

from data import iris, workspace
from governance import audit, registry
from governance.home import open_store
from governance.registry import Version
from governance.store import Store, now
from models import loading, training
from models.spec import Definition, Fitted
from tests import toys

CARD_FACTS = ("title", "source", "licence", "licence_certainty", "classification", "owner_role")


@pytest.fixture
def store(trained_home: Path) -> Store:
    return open_store()


@pytest.fixture
def version(store: Store) -> Version:
    """``iris_tree@1``, depth 3, trained in a child by the queue."""
    return registry.resolve(store, "iris_tree@1")


@pytest.fixture
def record(version: Version) -> dict[str, Any]:
    return version.record.body


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield f"{path}/{name}", name
            yield from leaves(inner, f"{path}/{name}")
    elif isinstance(value, list):
        for inner in value:
            yield from leaves(inner, path)
    else:
        yield path, value


def test_identity_is_the_sha256_of_the_canonical_json(version: Version) -> None:
    assert hashlib.sha256(rfc8785.dumps(version.record.body)).hexdigest() == version.record_id


def test_it_is_stored_in_canonical_form(store: Store, version: Version) -> None:
    with store.reading() as connection:
        query = "SELECT body FROM records WHERE id = ?"
        body = connection.exec_driver_sql(query, (version.record_id,)).scalar()
    assert body.encode() == rfc8785.dumps(json.loads(body))


def test_head_says_what_it_is(record: dict[str, Any]) -> None:
    assert (record["schema"], record["kind"], record["model"]) == (2, "run", "iris_tree")
    assert re.fullmatch(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", record["created"])
    assert record["created"] < now()


def test_code_is_named_by_commit_files_entry_point_and_arguments(record: dict[str, Any]) -> None:
    code = record["code"]
    files = code["files"]
    assert {
        *("models/iris_tree.py", "models/sklearn_trees.py", "models/evaluation.py", "models/training.py"),
        *("models/__main__.py", "models/cards/iris_tree.yaml", "data/iris.py", "data/tables.py"),
        *("data/cards/iris.yaml", "governance/observe.py", "governance/digests.py"),
    } <= files.keys()
    # Only what was used: not the other models, not the pages, and the table instead of the file.
    assert not {"models/iris_forest.py", "app.py", "data/iris.csv", "governance/lineage.py"} & files.keys()
    for name, digest in files.items():
        assert hashlib.sha256((workspace.ROOT / name).read_bytes()).hexdigest() == digest, name
    assert code["entry_point"] == "python -m models train"
    assert code["arguments"] == ["iris_tree", "--seed", "0", "--threads", "2", "--set", "max_depth=3"]


def test_git_is_what_git_says(record: dict[str, Any]) -> None:
    git = record["code"]["git"]
    if not (workspace.ROOT / ".git").exists():
        assert git is None
        return
    assert re.fullmatch(r"[0-9a-f]{40}", git["commit"])
    assert isinstance(git["dirty"], bool)


def test_data_are_those_of_the_table(record: dict[str, Any], trained_home: Path) -> None:
    data, dataset = record["data"], iris.load()
    assert (data["name"], data["rows"]) == ("iris", 150)
    assert data["fingerprint"] == dataset.fingerprint
    assert data["counts"] == {"setosa": 50, "versicolor": 50, "virginica": 50}
    assert data["features"] == ["sepal_length", "sepal_width", "petal_length", "petal_width"]
    rows = {"train": dataset.split.train.tolist(), "test": dataset.split.test.tolist()}
    assert data["split"] == {
        "train": 120,
        "test": 30,
        "digest": hashlib.sha256(rfc8785.dumps(rows)).hexdigest(),
    }
    assert record["results"]["files"]["split.json"]["digest"] == data["split"]["digest"]
    assert data["transforms"] == [dict(step) for step in dataset.transforms]
    filled_from = hashlib.sha256((workspace.ROOT / "data" / "iris.csv").read_bytes()).hexdigest()
    assert data["origin"] == {
        "tables": ["iris"],
        "query": iris.QUERY,
        "sources": {"iris": {"file": "data/iris.csv", "digest": filled_from}},
    }
    assert data["card"] == {name: getattr(dataset.card, name) for name in CARD_FACTS}


def test_parameters_are_all_after_defaults_with_every_seed(record: dict[str, Any]) -> None:
    assert record["parameters"] == {
        "settings": {"max_depth": 3, "min_samples_leaf": 3, "criterion": "gini"},
        "chosen": {"max_depth": 3, "min_samples_leaf": 3, "criterion": "gini"},
        "seed": 0,
        "threads": 2,
    }


def test_numerics_were_in_force(record: dict[str, Any]) -> None:
    numerics = record["numerics"]
    variables = numerics["environment_variables"]
    for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        assert variables[name] == "2"
    assert variables["PYTHONHASHSEED"] == "0"
    assert numerics["thread_pools"]
    assert all(pool["num_threads"] in (1, 2) for pool in numerics["thread_pools"])
    assert numerics["simd"] == sorted(numerics["simd"]) != []
    # The tree never loads torch, so nothing is said about it.
    assert "torch" not in numerics


def test_environment_lists_every_distribution_that_is_installed(record: dict[str, Any]) -> None:
    environment = record["environment"]
    installed = {name.lower() for d in metadata.distributions() if (name := d.metadata["Name"])}
    assert environment["distributions"] == {name: metadata.version(name) for name in installed}
    assert "scikit-learn" in environment["distributions"]
    assert environment["python"] == platform.python_version()
    assert environment["machine"] == platform.machine()
    assert platform.system() in environment["os"]
    assert environment["cpu"]


def test_results_are_those_of_the_stored_files(store: Store, version: Version) -> None:
    from safetensors.numpy import load

    results = version.record.body["results"]
    for entry in results["files"].values():
        content = store.blobs.get(entry["digest"])
        assert hashlib.sha256(content).hexdigest() == entry["digest"]
        assert len(content) == entry["bytes"]
    model = loading.load(store, version)
    probe = load(store.blobs.get(results["files"]["probe.safetensors"]["digest"]))
    np.testing.assert_array_equal(model.predict_proba(probe["inputs"]), probe["probabilities"])
    assert results["probe_rows"] == len(probe["inputs"]) == 4096
    assert results["tensors"].keys() == {
        *("nodes", "left", "right", "feature", "threshold", "value", "samples", "impurity")
    }
    plain = json.dumps(results["tensors"], sort_keys=True, separators=(",", ":"))
    assert results["weights_digest"] == hashlib.sha256(plain.encode()).hexdigest()
    assert results["tolerance"] == 0.02
    assert results["duration_s"] > 0


def test_metrics_can_be_computed_again_from_what_is_stored(store: Store, version: Version) -> None:
    metrics = version.record.body["results"]["metrics"]
    assert metrics["accuracy"]["value"] == pytest.approx(np.mean(metrics["accuracy"]["folds"]))
    assert metrics["accuracy"]["value"] >= 0.93
    dataset, model = iris.load(), loading.load(store, version)
    rows = json.loads(store.blobs.get(version.record.body["data"]["split"]["digest"]))["test"]
    labels = model.predict_proba(dataset.x[rows]).argmax(axis=1)
    assert metrics["test_accuracy"]["correct"] == int((labels == dataset.y[rows]).sum())


def test_rows_file_has_a_digest_for_each_row(store: Store, version: Version) -> None:
    digest = version.record.body["results"]["files"]["rows.json"]["digest"]
    rows = json.loads(store.blobs.get(digest))
    dataset = iris.load()
    assert rows == {name: d[:32] for name, d in zip(dataset.ids, dataset.row_digests, strict=True)}


@pytest.mark.parametrize("model", ["iris_tree", "iris_forest", toys.MODEL])
def test_no_absolute_path_stands_in_a_record(store: Store, trained_home: Path, model: str) -> None:
    for path, value in leaves(registry.resolve(store, model).record.body):
        if isinstance(value, str):
            assert not re.match(r"(/|~|[A-Za-z]:\\|file:)", value), path
            assert str(workspace.ROOT) not in value and str(Path.home()) + "/" not in value, path
            assert "/tmp/" not in value and str(trained_home) not in value, path  # noqa: S108


def test_session_is_a_digest_and_no_name(record: dict[str, Any]) -> None:
    assert re.fullmatch(r"[0-9a-f]{64}", record["session"])


def test_data_that_change_during_the_training_abort_it(home: Path, toy: Definition, tmp_path: Path) -> None:
    """The row changes inside the fit, as it would by another process in the middle of a long training."""
    import dataclasses

    store = open_store()
    toys.put_in_place()
    before = audit.entries(store)

    def fit(*arguments: Any) -> Fitted:
        fitted = toy.fit(*arguments)
        with store.engine.begin() as connection:
            connection.exec_driver_sql("UPDATE toy_rows SET age = age + 1 WHERE row_id = 17")
        return fitted

    folder = tmp_path / "run"
    folder.mkdir()
    with pytest.raises(
        training.DataChanged, match=r"toy_rows changed during the training.*Nothing was stored"
    ):
        training.run(dataclasses.replace(toy, fit=fit), {}, 0, 2, folder, lambda progress: None)
    assert list(folder.iterdir()) == []
    assert audit.entries(store) == before
    assert registry.versions(store, toys.MODEL) == []


def test_data_other_than_those_expected_are_described_and_not_trained_on(
    home: Path, toy: Definition, tmp_path: Path
) -> None:
    import dataclasses

    def fit(*_arguments: Any) -> Fitted:
        raise AssertionError("trained on other data")

    open_store()
    made = training.run(
        dataclasses.replace(toy, fit=fit), {}, 0, 2, tmp_path, lambda progress: None, expect="0" * 64
    )
    assert made["data"]["fingerprint"] == toys.load().fingerprint
    assert made["results"].keys() == {"files"}
    assert made["results"]["files"].keys() == {"rows.json", "split.json"}


def test_a_folder_inside_the_repository_is_not_part_of_its_code(home: Path, toy: Definition) -> None:
    """CRUMBTRAIL_HOME may lie in the repository: what a training writes there is no source."""
    import tempfile

    from governance import observe

    open_store()
    observe.watch_files()
    with tempfile.TemporaryDirectory(dir=workspace.ROOT / "tests") as folder:
        made = training.run(toy, {"max_depth": 1}, 0, 2, Path(folder), lambda progress: None)
        assert not [name for name in made["code"]["files"] if Path(folder).name in name]
