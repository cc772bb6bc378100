"""`Definition.train` is the training of `Definition.fit`, without what surrounds it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from data import datasets
from governance import digests
from models import catalogue, training
from tests import toys


@pytest.mark.parametrize(
    ("model", "settings"),
    [
        ("iris_tree", {"max_depth": 3, "criterion": "entropy"}),
        ("iris_forest", {"n_estimators": 2}),
        (toys.MODEL, {"max_depth": 2}),
    ],
)
def test_the_same_rows_settings_and_seed_give_the_same_arrays(
    home: Path, toy: Any, model: str, settings: dict[str, Any]
) -> None:
    definition = catalogue.definition(model)
    chosen = training.settings_for(definition, settings)
    dataset = datasets.load(definition.dataset)
    fitted = definition.fit(dataset, chosen, 11, lambda progress: None)
    assert definition.train is not None
    rows = dataset.split.train
    alone = definition.train(dataset.x[rows], dataset.y[rows], chosen, 11)
    one, two = (digests.of_arrays(definition.arrays(found))[1] for found in (fitted.model, alone))
    assert one == two
