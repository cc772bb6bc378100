"""A table model that nobody built Crumbtrail for: 5 features, 4 classes, a decision tree.

Its rows lie in a table of the workspace as iris's do, so whatever follows a version back to its data
can follow this one. It is registered in this process alone: a child process does not know it.
"""

from __future__ import annotations

import csv
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from data import datasets, tables, workspace
from data.cards import DatasetCard
from data.dataset_types import Source, TableDataset, stratified_split
from data.features import Feature
from governance import jobs, registry, sessions, worker
from governance.home import open_store
from governance.metrics import ACCURACY
from governance.registry import Version
from governance.store import Store
from models import catalogue, sklearn_trees, training
from models.spec import Definition, Fitted, ModelCard, ModelSpec, Report, Setting

MODEL = "toy_table"
DATASET = "toy_rows"
CLASSES = ("north", "east", "south", "west")
FEATURES = (
    Feature("length", "Length", "cm", 0.0, 10.0, 0.1, 5.0),
    Feature("width", "Width", "cm", 0.0, 10.0, 0.1, 5.0),
    Feature("weight", "Weight", "kg", 0.0, 80.0, 0.5, 40.0),
    Feature("age", "Age", "years", 0.0, 90.0, 1.0, 30.0),
    Feature("score", "Score", "", -1.0, 1.0, 0.05, 0.0),
)
QUERY = f"SELECT row_id, {', '.join(f.name for f in FEATURES)}, class FROM {DATASET} ORDER BY row_id"  # noqa: S608
N_ROWS = 160
_TYPES = {"row_id": "integer", **{f.name: "real" for f in FEATURES}, "class": "text"}

SPEC = ModelSpec(
    name=MODEL,
    title="Toy table",
    modality="tabular",
    classes=CLASSES,
    features=FEATURES,
    capabilities=frozenset({"tree"}),
)


def card() -> DatasetCard:
    """The card of the toy's rows."""
    return DatasetCard(
        name=DATASET,
        title="Toy rows",
        description="Points in a box, in four classes by the quadrant of length and width.",
        source="tests/toys.py",
        licence="Apache-2.0",
        licence_certainty="verified",
        classification="internal",
        collection="Drawn at random.",
        counts=dict.fromkeys(CLASSES, N_ROWS // len(CLASSES)),
        known_biases=("Made up.",),
        owner_role="Test engineer",
        split={"kind": "stratified", "test_fraction": 0.25, "seed": 3},
    )


def rows() -> list[list[Any]]:
    """The rows as the table gets them: id, five values on their features' steps, class."""
    random = np.random.default_rng(20)
    made: list[list[Any]] = []
    for number in range(N_ROWS):
        quadrant = number % 4
        length = random.uniform(0, 4.5) + 5.5 * (quadrant in (1, 2))
        width = random.uniform(0, 4.5) + 5.5 * (quadrant in (2, 3))
        # One row in ten carries its neighbour's class, so that no tree is perfect.
        label = (quadrant + (number % 10 == 9)) % 4
        others = [random.uniform(f.low, f.high) for f in FEATURES[2:]]
        values = [f.snap(v) for f, v in zip(FEATURES, [length, width, *others], strict=True)]
        made.append([number + 1, *values, CLASSES[label]])
    return made


def put_in_place() -> None:
    """Fill the workspace's table ``toy_rows``, unless it is there."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "toy_rows.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([list(_TYPES), *rows()])
        tables.ingest_csv(workspace.engine(), DATASET, _TYPES, path)


def load() -> TableDataset:
    """Read the toy's rows from the workspace's table."""
    put_in_place()
    found = tables.query(workspace.engine(), QUERY)
    declared = card()
    y = np.array([CLASSES.index(str(row[-1])) for row in found.values], dtype=np.int64)
    return TableDataset(
        name=DATASET,
        card=declared,
        classes=CLASSES,
        features=tuple(feature.name for feature in FEATURES),
        x=np.array([row[1:-1] for row in found.values], dtype=np.float64),
        y=y,
        ids=tuple(f"row_id {row[0]}" for row in found.values),
        split=stratified_split(y, declared.split["test_fraction"], declared.split["seed"]),
        fingerprint=found.fingerprint(),
        row_digests=tuple(found.row_digests()),
        origin={"tables": [DATASET], "query": QUERY},
        transforms=({"name": "query", "sql": QUERY}, {"name": "stratified_split", **declared.split}),
    )


def fit(dataset: TableDataset, settings: Mapping[str, Any], seed: int, report: Report) -> Fitted:
    """A scikit-learn tree with the settings as they are given."""

    def describe(tree: Any) -> tuple[Mapping[str, Any], dict[str, Any]]:
        return settings, {"leaves": int(tree.get_n_leaves()), "depth": int(tree.get_depth())}

    return sklearn_trees.learn(SPEC, partial(_grown, settings), dataset, seed, report, describe)


def _grown(settings: Mapping[str, Any], x: np.ndarray, y: np.ndarray, seed: int) -> Any:
    from sklearn.tree import DecisionTreeClassifier

    return DecisionTreeClassifier(**settings, random_state=seed).fit(x, y)


SOURCE = Source(name=DATASET, card=card, load=load, put_in_place=put_in_place)
DEFINITION = Definition(
    spec=SPEC,
    card=ModelCard(
        question="Which quarter is this point in?",
        summary="A small tree on made-up rows.",
        what_if="What if it were longer?",
        owner="Test engineer",
        users=("Tests",),
        tags=("toy", "tree"),
        intended_use="Showing that no page expects iris.",
        limits=("The rows are made up.",),
        examples=(
            {
                "title": "Across the middle",
                "sentence": "Where does north become east?",
                "view": {"view": "Curve", "along": "Length", "length": 4.9, "width": 2.0},
            },
        ),
    ),
    dataset=DATASET,
    settings=(
        Setting("max_depth", "Depth", "Questions to the farthest leaf.", "int", 4, low=1, high=6),
        Setting("ccp_alpha", "Pruning", "Cost of a leaf.", "float", 0.0, low=0.0, high=1.0),
        Setting("criterion", "Criterion", "Impurity.", "choice", "gini", choices=("gini", "entropy")),
    ),
    fit=fit,
    restore=partial(sklearn_trees.restore, SPEC),
    arrays=sklearn_trees.named_arrays,
    headline=ACCURACY,
    tolerance=0.05,
    train=partial(sklearn_trees.train, SPEC, _grown),
)


def register_table_model() -> Definition:
    """Put ``toy_table`` into this process's catalogue, with its dataset ``toy_rows``."""
    datasets.register(SOURCE)
    catalogue.register(DEFINITION)
    return DEFINITION


def unregister_table_model() -> None:
    """Take the model out again; its dataset stays loadable, which no test minds."""
    catalogue.unregister(MODEL)


def train_into(store: Store, definition: Definition, seed: int = 0, **settings: Any) -> Version:
    """Train in this process with the real training, and register the version in a store.

    No child, so no numerics are fixed and the record is not one to reproduce; for the built-in models
    `train_by_queue` does it as the app does.
    """
    with tempfile.TemporaryDirectory() as folder:
        training.run(definition, settings, seed, 2, Path(folder), lambda progress: None)
        return registry.register(store, Path(folder), sessions.start(store, "test"))


def train_by_queue(store: Store, model: str, seed: int = 0, **settings: Any) -> Version:
    """Train a built-in model through the queue in a child process, as the app and the commands do."""
    definition = catalogue.definition(model)
    asked = worker.request(training.changed_settings(definition, settings), seed)
    job, _ = jobs.submit(store, "train", model, asked, sessions.start(store, "test"))
    done = worker.wait_for(store, job, lambda job: None)
    return registry.resolve(store, str((done.result or {})["version"]))


TINY_NETWORK: dict[str, Any] = {"epochs": 1, "width": 4, "scenes": 16, "augment": "none"}


def train_tiny_network(folder: Path, seed: int = 0, data: str | None = None) -> Path:
    """Train ``muffin_cnn`` with `TINY_NETWORK` in this process; a store's home is not needed, only a folder."""
    with tempfile.TemporaryDirectory() as home, home_at(Path(home)):
        folder.mkdir()
        definition = catalogue.definition("muffin_cnn")
        training.run(definition, TINY_NETWORK, seed, 2, folder, lambda progress: None, data)
    return folder


def put_tiny_network(store: Store, trained: Path) -> Version:
    """Register a copy of what `train_tiny_network` made, as a training's end does."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(shutil.copytree(trained, Path(folder) / "training"))
        return registry.register(store, copy, sessions.start(store, "test"))


def prepare_home(path: Path) -> Path:
    """Make a home with ``iris_tree@1``, ``iris_forest@1`` (5 trees) and ``toy_table@1``, all champions.

    ``iris_tree@1`` has depth 3 and went through the queue, so it can be reproduced; the others were
    trained in this process. Takes some seconds: make it once a session and copy the folder.
    """
    register_table_model()
    try:
        with home_at(path):
            store = open_store()
            train_by_queue(store, "iris_tree", max_depth=3)
            train_into(store, catalogue.definition("iris_forest"), n_estimators=5)
            train_into(store, DEFINITION)
            # The last connection folds the write-ahead log into the file, which can then be copied.
            store.engine.dispose()
    finally:
        unregister_table_model()
    return path


@contextmanager
def home_at(path: Path) -> Iterator[Path]:
    """Use a home in this process and its children, for as long as the block runs."""
    before = {name: os.environ.pop(name, None) for name in ("CRUMBTRAIL_HOME", "CRUMBTRAIL_DB")}
    os.environ["CRUMBTRAIL_HOME"] = str(path)
    try:
        yield path
    finally:
        del os.environ["CRUMBTRAIL_HOME"]
        os.environ.update({name: value for name, value in before.items() if value is not None})
