"""Whether a what-if stays as fast as it is when versions pile up, each of them made from a large table."""

from __future__ import annotations

import itertools
import json
import os
import tempfile
from collections.abc import Callable, Mapping
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np
from streamlit.testing.v1 import AppTest

from benchmarks.measure import ROOT, Row, compare
from data import datasets
from data.cards import DatasetCard
from data.datasets import Source, TableDataset
from data.features import Feature
from governance import digests, registry, sessions
from governance.home import open_store
from governance.metrics import ACCURACY
from models import catalogue, evaluation, sklearn_trees, training
from models.spec import Definition, Fitted, ModelCard, ModelSpec, Report

ROWS, FEW, MANY = 100_000, 3, 300
FEATURES = tuple(Feature(name, name.capitalize(), "cm", 0.0, 10.0, 0.1, 5.0) for name in ("length", "width"))
SPEC = ModelSpec("many_rows", "Many rows", "tabular", ("low", "high"), FEATURES, None, frozenset({"tree"}))


def what_if_many_versions() -> Row:
    """A moved slider with 300 versions of a model against the same with three; the budget is 1.2 times."""
    _declare()
    few, many = (_moves(_home(count), count) for count in (FEW, MANY))
    what = f"moved slider, {MANY} versions"
    return compare(what, many, f"the same with {FEW}, {ROWS:,} rows each", few, rounds=31)


def _moves(home: str, versions: int) -> Callable[[], object]:
    """Move the slider to and fro on a page that lives in this home."""
    os.environ["CRUMBTRAIL_HOME"] = home
    page = AppTest.from_file(str(ROOT / "pages" / "_router.py"), default_timeout=120)
    page.run().switch_page("what_if.py")
    page.query_params.update(version=SPEC.name)
    page.run()
    assert len(page.selectbox(key="version").options) == 1 + versions, "it must be the page of this home"
    values = itertools.cycle([4.6, 4.9, 5.2])

    def move() -> None:
        os.environ["CRUMBTRAIL_HOME"] = home
        page.slider(key="length").set_value(next(values)).run()
        assert not page.exception and not page.error

    move()
    return move


def _home(versions: int) -> str:
    """A home with so many versions, all of one training; it goes when the process ends."""
    folder = _folder(versions).name
    os.environ["CRUMBTRAIL_HOME"] = folder
    os.environ.pop("CRUMBTRAIL_DB", None)
    store = open_store()
    session = sessions.start(store, "bench")
    run = Path(_trained().name)
    record = json.loads((run / "record.json").read_bytes())
    for seed in range(versions):
        record["parameters"]["seed"] = seed
        (run / "record.json").write_text(json.dumps(record), encoding="utf-8")
        registry.register(store, run, session)
    return folder


@cache
def _folder(_versions: int) -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="crumbtrail-bench-")


@cache
def _trained() -> tempfile.TemporaryDirectory[str]:
    """What one real training leaves behind."""
    folder = tempfile.TemporaryDirectory(prefix="crumbtrail-bench-")
    training.run(catalogue.definition(SPEC.name), {}, 0, 2, Path(folder.name), lambda progress: None)
    return folder


def _declare() -> None:
    datasets.register(Source("many_rows", _card, _rows, lambda: None))
    owner = ModelCard("Is it high?", "A small tree.", "What if?", "Nobody", (), (), "Timing.", (), ())
    catalogue.register(
        Definition(
            spec=SPEC,
            card=owner,
            dataset="many_rows",
            settings=(),
            fit=_fit,
            restore=partial(sklearn_trees.restore, SPEC),
            arrays=sklearn_trees.named_arrays,
            headline=ACCURACY,
            tolerance=0.02,
        )
    )


def _card() -> DatasetCard:
    return DatasetCard(
        name="many_rows",
        title="Many rows",
        description="Points in a box.",
        source="benchmarks/versions.py",
        licence="Apache-2.0",
        licence_certainty="verified",
        classification="internal",
        collection="Drawn at random.",
        counts={"low": ROWS // 2, "high": ROWS - ROWS // 2},
        known_biases=("Made up.",),
        owner_role="Nobody",
        split={"kind": "stratified", "test_fraction": 0.25, "seed": 0},
    )


@cache
def _rows() -> TableDataset:
    x = np.random.default_rng(0).uniform(0, 10, (ROWS, len(FEATURES)))
    y = (x.sum(axis=1) > 10).astype(np.int64)
    return TableDataset(
        name="many_rows",
        card=_card(),
        classes=SPEC.classes,
        features=tuple(feature.name for feature in FEATURES),
        x=x,
        y=y,
        ids=tuple(map(str, range(ROWS))),
        split=datasets.stratified_split(y, 0.25, 0),
        fingerprint=digests.of_array(x),
        row_digests=tuple(digests.of_bytes(row.tobytes()) for row in x),
        origin={"tables": [], "query": "drawn at random"},
        transforms=(),
    )


def _fit(dataset: TableDataset, _settings: Mapping[str, Any], seed: int, _report: Report) -> Fitted:
    from sklearn.tree import DecisionTreeClassifier

    train, test = dataset.split.train, dataset.split.test
    tree = DecisionTreeClassifier(max_depth=4, random_state=seed).fit(dataset.x[train], dataset.y[train])
    model = sklearn_trees.SklearnTreeModel(SPEC, tree)
    figure = evaluation.accuracy_on(model.predict_proba(dataset.x[test]), dataset.y[test])
    probe = np.random.default_rng(1).uniform(0, 10, (64, len(FEATURES)))
    artefact = sklearn_trees.dump(tree)
    return Fitted(model, artefact, "model.skops", {}, {ACCURACY.name: figure}, [], probe)
