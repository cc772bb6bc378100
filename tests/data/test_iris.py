"""Fisher's iris: the values, the way through SQL, the fingerprint and the split."""

from __future__ import annotations

import csv
import hashlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import rfc8785
from sqlalchemy import text

from data import iris, tables, workspace
from data.dataset_types import DatasetError, stratified_split


def sql(statement: str) -> None:
    with workspace.engine().begin() as connection:
        connection.execute(text(statement))


def fingerprint_by_hand(columns: list[str], rows: list[list[object]]) -> str:
    return hashlib.sha256(b"".join(rfc8785.dumps(line) + b"\n" for line in [columns, *rows])).hexdigest()


@pytest.fixture
def csv_rows() -> list[list[object]]:
    with iris.CSV.open(encoding="utf-8", newline="") as file:
        lines = list(csv.reader(file))[1:]
    return [[int(line[0]), *map(float, line[1:5]), line[5]] for line in lines]


def test_values_are_those_that_scikit_learn_ships(home: Path) -> None:
    from sklearn.datasets import load_iris

    oracle = load_iris()
    dataset = iris.load()
    np.testing.assert_array_equal(dataset.x, oracle.data)
    np.testing.assert_array_equal(dataset.y, oracle.target)
    assert dataset.classes == tuple(oracle.target_names)
    assert [f"{name.replace('_', ' ')} (cm)" for name in dataset.features] == oracle.feature_names


def test_two_flowers_are_fisher_s_and_not_those_of_the_uci_copy(home: Path) -> None:
    # https://archive.ics.uci.edu/dataset/53/iris names both: the fourth value of flower 35 should be
    # 0.2, the second and third of flower 38 should be 3.6 and 1.4.
    dataset = iris.load()
    uci = {35: [4.9, 3.1, 1.5, 0.1], 38: [4.9, 3.1, 1.5, 0.1]}
    fisher = {35: [4.9, 3.1, 1.5, 0.2], 38: [4.9, 3.6, 1.4, 0.1]}
    for flower, values in fisher.items():
        row = dataset.x[dataset.ids.index(f"flower_id {flower}")].tolist()
        assert row == values
        assert row != uci[flower]


def test_card_agrees_with_the_table(home: Path) -> None:
    dataset = iris.load()
    assert dataset.card.name == dataset.name == "iris"
    assert dataset.counts() == dataset.card.counts == {"setosa": 50, "versicolor": 50, "virginica": 50}
    assert dataset.card.classification == "public"
    assert dataset.card.known_biases
    assert dataset.card.owner_role


def test_every_value_lies_in_its_feature_s_range(home: Path) -> None:
    x = iris.load().x
    assert [f.name for f in iris.FEATURES if not (f.low <= x[:, iris.FEATURES.index(f)]).all()] == []
    assert [f.name for f in iris.FEATURES if not (f.high >= x[:, iris.FEATURES.index(f)]).all()] == []


def test_rows_come_from_the_table_once_it_is_filled(home: Path) -> None:
    iris.put_in_place()
    assert "iris" in tables.names(workspace.engine())
    sql("UPDATE iris SET petal_length = 9.9 WHERE flower_id = 7")
    dataset = iris.load()
    assert dataset.x[dataset.ids.index("flower_id 7"), 2] == 9.9


def test_fingerprint_is_the_sha256_of_canonical_lines(home: Path, csv_rows: list[list[object]]) -> None:
    columns = ["flower_id", *(f.name for f in iris.FEATURES), "species"]
    dataset = iris.load()
    assert dataset.fingerprint == fingerprint_by_hand(columns, csv_rows)
    assert dataset.row_digests == tuple(hashlib.sha256(rfc8785.dumps(row)).hexdigest() for row in csv_rows)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE iris SET sepal_width = sepal_width + 0.1 WHERE flower_id = 12",
        "UPDATE iris SET species = 'virginica' WHERE flower_id = 12",
        "DELETE FROM iris WHERE flower_id = 150",
        "INSERT INTO iris VALUES (151, 5.1, 3.5, 1.4, 0.2, 'setosa')",
        # Two flowers change places: the same values, in another order.
        "UPDATE iris SET flower_id = CASE flower_id WHEN 1 THEN -2 ELSE -1 END WHERE flower_id IN (1, 2)",
    ],
)
def test_fingerprint_changes_with_the_content(home: Path, change: str) -> None:
    before = iris.load()
    sql(change)
    after = iris.load()
    assert after.fingerprint != before.fingerprint
    assert set(after.row_digests) != set(before.row_digests)


def test_an_unknown_species_is_named(home: Path) -> None:
    iris.put_in_place()
    sql("UPDATE iris SET species = 'iris gracilis' WHERE flower_id = 3")
    with pytest.raises(DatasetError, match="iris gracilis"):
        iris.load()


def test_a_table_of_another_form_is_refused_in_a_sentence(home: Path) -> None:
    sql("CREATE TABLE iris (flower_id INTEGER PRIMARY KEY, colour TEXT)")
    with pytest.raises(DatasetError, match=r"iris cannot be read from table iris.*sepal_length"):
        iris.load()


def test_split_is_that_of_the_card_stratified_and_complete(home: Path) -> None:
    dataset = iris.load()
    train, test = dataset.split.train, dataset.split.test
    assert dataset.card.split == {"kind": "stratified", "test_fraction": 0.2, "seed": 7}
    assert sorted([*train, *test]) == list(range(150))
    assert train.tolist() == sorted(train) and test.tolist() == sorted(test)
    assert np.bincount(dataset.y[train]).tolist() == [40, 40, 40]
    assert np.bincount(dataset.y[test]).tolist() == [10, 10, 10]


def test_split_is_the_same_at_every_load_and_follows_the_card_s_seed(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, again = iris.load(), iris.load()
    np.testing.assert_array_equal(first.split.test, again.split.test)
    other = stratified_split(first.y, 0.2, 8)
    assert other.test.tolist() != first.split.test.tolist()
    card = iris.card()
    card.split["seed"] = 8
    monkeypatch.setattr(iris, "card", lambda: card)
    np.testing.assert_array_equal(iris.load().split.test, other.test)


def test_transforms_say_what_was_done_in_order(home: Path) -> None:
    steps = iris.load().transforms
    assert [step["name"] for step in steps] == ["query", "stratified_split", "cast"]
    assert steps[0]["sql"] == iris.QUERY
    assert (steps[1]["test_fraction"], steps[1]["seed"]) == (0.2, 7)


def test_one_class_in_two_unicode_spellings_is_no_dataset(home: Path) -> None:
    with pytest.raises(DatasetError, match="has the class café in two Unicode spellings"):
        replace(iris.load(), classes=("caf\u00e9", "cafe\u0301", "tea"))
