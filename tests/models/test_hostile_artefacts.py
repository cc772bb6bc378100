"""A hostile or damaged artefact is refused in one sentence, soon, without much memory, and the others answer on."""

from __future__ import annotations

import re
import resource
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from ask import picture_answer
from ask.cache import Memory
from data import workspace
from data.failures import CrumbtrailError
from governance import registry
from governance.home import open_store
from governance.store import Store
from models import catalogue, checkpoints, loading, training
from models.loading import ArtefactRefused
from models.spec import Definition
from tests import answering_toys, toys
from tests.models import hostile_artefacts
from tests.models.hostile_artefacts import NETWORKS, TREES, Change, registered

SENTENCE = (
    r"^The artefact of {}@\d+ cannot be read as its model: [^\n]+\. It is not used\. Restore it from a backup"
)
SECONDS = 10
MEBIBYTES = 300


@pytest.fixture
def store(home: Path, nothing_shipped: None, toy: Definition) -> Store:
    return open_store()


def assert_refused(store: Store, reference: str) -> str:
    """Refused in the one sentence, in time and without memory for what the file asks for."""
    version = registry.resolve(store, reference)
    before, started = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.monotonic()
    with pytest.raises(ArtefactRefused, match=SENTENCE.format(version.model)) as raised:
        loading.load(store, version)
    assert time.monotonic() - started < SECONDS
    # Kilobytes; the most that this process ever had.
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < MEBIBYTES * 1024
    return str(raised.value)


@pytest.mark.parametrize("change", NETWORKS.values(), ids=NETWORKS)
def test_a_hostile_network_is_refused(
    store: Store, tiny_network: Path, tmp_path: Path, change: Change
) -> None:
    toys.put_tiny_network(store, tiny_network)
    version = registered(store, tiny_network, tmp_path / "hostile", change)
    assert_refused(store, version.reference)
    picture = np.full((1, 96, 96, 3), 0.5, dtype=np.float32)
    whole = loading.load(store, registry.resolve(store, "muffin_cnn@1"))
    assert whole.predict_proba(picture).shape == (1, 2)


@pytest.mark.parametrize("change", TREES.values(), ids=TREES)
def test_a_hostile_tree_is_refused(
    store: Store, trained_folder: Path, tmp_path: Path, change: Change
) -> None:
    registered(store, trained_folder, tmp_path / "whole", lambda content: content)
    version = registered(store, trained_folder, tmp_path / "hostile", change)
    assert_refused(store, version.reference)
    whole = loading.load(store, registry.resolve(store, f"{toys.MODEL}@1"))
    assert whole.predict_proba(np.zeros((1, 5))).shape == (1, 4)


@pytest.mark.parametrize(
    ("model", "name", "reason"),
    [
        ("muffin_cnn", "without_metadata", "its head has no entry 'crumbtrail'"),
        (
            "muffin_cnn",
            "width_of_a_million",
            r"its array head\.weight is F32 of shape \(2, 10\), and not F32 of shape \(2, 2500000\)",
        ),
        ("muffin_cnn", "three_classes", "it holds no network that tells chihuahua, muffin apart"),
        ("muffin_cnn", "of_no_numbers", "its answers are no probabilities"),
        ("toy_table", "no_zip", "it is no whole skops file"),
        ("toy_table", "bomb_of_two_gigabytes", r"it unpacks to 2,0\d\d MiB .* more than the 256 MiB"),
        ("toy_table", "a_forest", "it holds a RandomForestClassifier, and no tree"),
        ("toy_table", "nodes_in_a_ring", "it holds a tree whose nodes lead nowhere"),
    ],
)
def test_the_sentence_says_what_is_wrong_with_the_file(
    store: Store, tiny_network: Path, trained_folder: Path, tmp_path: Path, model: str, name: str, reason: str
) -> None:
    trained, changes = (tiny_network, NETWORKS) if model == "muffin_cnn" else (trained_folder, TREES)
    version = registered(store, trained, tmp_path / "hostile", changes[name])
    assert re.search(reason, assert_refused(store, version.reference))


@pytest.mark.parametrize(
    "change",
    [
        lambda content: b"",
        lambda content: content[:60],
        hostile_artefacts.of_three_classes,
        hostile_artefacts.without_metadata,
    ],
)
def test_hostile_copies_of_a_network_are_refused(
    store: Store, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, change: Change
) -> None:
    folder = tmp_path_factory.mktemp("network") / "trained"
    settings = toys.TINY_NETWORK | {"epochs": 2}
    folder.mkdir()
    training.run(catalogue.definition("muffin_cnn"), settings, 0, 2, folder, lambda progress: None)
    version = registered(store, folder, tmp_path / "hostile", change, checkpoints.FILE)
    with pytest.raises(
        ArtefactRefused, match=r"The file checkpoints\.safetensors of muffin_cnn@1 cannot be read"
    ):
        picture_answer.copies(store, version, Memory())
    assert loading.load(store, version).spec.name == "muffin_cnn"


def foreign_linear(content: bytes) -> bytes:
    """Arrays of other shapes with which the formula still gives something."""
    from safetensors.numpy import load, save

    held = load(content)
    return save({**held, "weights": held["weights"][:2], "offset": held["offset"][:2]})


@pytest.mark.parametrize(
    "change", [lambda content: b"no arrays", foreign_linear], ids=["no_arrays", "foreign"]
)
def test_a_model_that_a_project_declares_is_held_to_its_own_spec(
    store: Store, tmp_path: Path, change: Change
) -> None:
    """Its own code reads the file, and knows nothing of what is checked for the built-in models."""
    with answering_toys.registered("toy_linear") as definition:
        folder = tmp_path / "trained"
        folder.mkdir()
        training.run(definition, {}, 0, 2, folder, lambda progress: None)
        version = registered(store, folder, tmp_path / "hostile", change)
        assert_refused(store, version.reference)


@pytest.mark.parametrize("content", [b"no json", b"[]", b'{"train": "x", "test": []}', b"[" * 100_000])
def test_a_split_that_is_none_is_said(
    store: Store, trained_folder: Path, tmp_path: Path, content: bytes
) -> None:
    version = registered(store, trained_folder, tmp_path / "hostile", lambda _: content, "split.json")
    with pytest.raises(CrumbtrailError, match=rf"{version.reference}.*split\.json"):
        _ = version.split


def test_the_command_ends_with_the_sentence_and_1(home: Path, tiny_network: Path, tmp_path: Path) -> None:
    store = open_store()
    version = registered(store, tiny_network, tmp_path / "hostile", NETWORKS["width_of_a_million"])
    command = [sys.executable, "-m", "models", "predict", version.reference, "muffin-2"]
    done = subprocess.run(command, cwd=workspace.ROOT, capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stdout) == (1, "")
    assert re.match(SENTENCE.format("muffin_cnn"), done.stderr) and done.stderr.count("\n") == 1
