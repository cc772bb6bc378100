"""From a stored version to a model that answers, and what is refused on the way."""

from __future__ import annotations

import dataclasses
import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlalchemy import text

from data import workspace
from governance import registry
from governance.blobs import BlobAltered, BlobMissing
from governance.home import open_store
from governance.record import RecordError
from governance.registry import Version
from governance.store import Store
from models import catalogue, loading, training
from models.loading import ArtefactRefused
from models.spec import Definition
from tests import toys


@pytest.fixture
def store(trained_home: Path) -> Store:
    return open_store()


@pytest.fixture
def version(store: Store, toy: Definition) -> Version:
    return registry.resolve(store, toys.MODEL)


@pytest.fixture
def restored(toy: Definition) -> list[bytes]:
    """What reached the code that opens an artefact."""
    seen: list[bytes] = []

    def restore(artefact: bytes) -> Any:
        seen.append(artefact)
        return toy.restore(artefact)

    loading._restore.cache_clear()
    catalogue.register(dataclasses.replace(toy, restore=restore))
    return seen


def artefact_path(store: Store, version: Version) -> Path:
    results = version.record.body["results"]
    return store.blobs.path(results["files"][results["artefact"]]["digest"])


def flip_a_bit(path: Path, position: int = -1) -> None:
    content = bytearray(path.read_bytes())
    content[position] ^= 1
    path.write_bytes(content)


def test_a_stored_version_answers_as_it_did_in_training(store: Store, version: Version) -> None:
    from safetensors.numpy import load

    probe = load(store.blobs.get(version.record.body["results"]["files"]["probe.safetensors"]["digest"]))
    model = loading.load(store, version)
    np.testing.assert_array_equal(model.predict_proba(probe["inputs"]), probe["probabilities"])


@pytest.mark.parametrize("position", [0, 200, -1])
def test_an_artefact_altered_by_one_bit_is_refused_before_it_is_opened(
    store: Store, version: Version, restored: list[bytes], position: int
) -> None:
    flip_a_bit(artefact_path(store, version), position)
    with pytest.raises(BlobAltered, match=r"was altered.*not loaded"):
        loading.load(store, version)
    assert restored == []


def test_an_artefact_altered_later_is_refused_although_the_model_is_in_memory(
    store: Store, version: Version, restored: list[bytes]
) -> None:
    loading.load(store, version)
    assert loading.load(store, version) is loading.load(store, version)
    assert len(restored) == 1
    flip_a_bit(artefact_path(store, version))
    with pytest.raises(BlobAltered):
        loading.load(store, version)


def test_a_missing_artefact_is_named(store: Store, version: Version) -> None:
    artefact_path(store, version).unlink()
    with pytest.raises(BlobMissing, match="is missing"):
        loading.load(store, version)


def test_a_file_with_other_arrays_than_the_record_s_is_refused(
    store: Store, toy: Definition, tmp_path: Path
) -> None:
    """The file is whole and its digest is the record's, but the model inside is another."""
    folders = [tmp_path / "deep", tmp_path / "flat"]
    for folder, depth in zip(folders, (4, 1), strict=True):
        folder.mkdir()
        training.run(toy, {"max_depth": depth}, 0, 2, folder, lambda progress: None)
    deep, flat = (json.loads((folder / "record.json").read_bytes()) for folder in folders)
    deep["results"]["files"]["model.skops"] = flat["results"]["files"]["model.skops"]
    (folders[0] / "record.json").write_text(json.dumps(deep))
    (folders[0] / "model.skops").write_bytes((folders[1] / "model.skops").read_bytes())
    version = registry.register(store, folders[0], "0" * 64)
    with pytest.raises(ArtefactRefused, match=rf"{version.reference} holds other arrays"):
        loading.load(store, version)


def test_a_version_whose_record_was_altered_is_not_loaded(store: Store, version: Version) -> None:
    """Somebody swaps model and record together: the record's own digest still betrays it."""
    with store.writing() as connection:
        connection.execute(text("DROP TRIGGER records_no_update"))
        connection.execute(
            text("UPDATE records SET body = replace(body, :old, :new) WHERE id = :id"),
            {"old": '"seed":0', "new": '"seed":1', "id": version.record_id},
        )
    with pytest.raises(RecordError, match="was altered"):
        loading.load(store, version)
    with pytest.raises(RecordError, match="was altered"):
        _ = registry.resolve(store, toys.MODEL).record


def test_a_file_that_names_other_types_than_trees_is_refused(toy: Definition) -> None:
    """A skops file can ask for any class by name; only NumPy's, scikit-learn's own and the tree are let in."""
    import skops.io

    content = skops.io.dumps(toy.spec)
    with pytest.raises(Exception, match=r"Untrusted types.*models\.spec\.ModelSpec"):
        toy.restore(content)


def test_answering_with_a_tree_never_loads_torch(trained_home: Path) -> None:
    """It would cost seconds; skops by itself makes scikit-learn import it."""
    code = (
        "import sys\nfrom governance import registry\nfrom governance.home import open_store\n"
        "from models import loading\n"
        "opened = open_store()\n"
        "for name in ('iris_tree', 'iris_forest'):\n"
        "    model = loading.load(opened, registry.resolve(opened, name))\n"
        "    model.predict_proba([[5.1, 3.5, 1.4, 0.2]])\n"
        "heavy = {'torch', 'shap', 'captum', 'matplotlib'} & sys.modules.keys()\n"
        "assert not heavy, heavy\n"
        "assert 'sklearn.externals.array_api_compat.torch' not in sys.modules, 'the placeholder has stayed'\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=workspace.ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_an_artefact_holds_json_and_plain_arrays_alone(store: Store, version: Version) -> None:
    with zipfile.ZipFile(io.BytesIO(registry.artefact(store, version))) as archive:
        names = archive.namelist()
        assert "schema.json" in names
        assert {Path(name).suffix for name in names} <= {".json", ".npy", ".npz"}
        for name in names:
            if name.endswith(".npy"):
                np.load(io.BytesIO(archive.read(name)), allow_pickle=False)


def test_a_version_of_a_model_that_left_the_catalogue_is_said(store: Store, version: Version) -> None:
    loading._restore.cache_clear()
    toys.unregister_table_model()
    with pytest.raises(catalogue.UnknownModel, match="toy_table"):
        loading.load(store, version)
