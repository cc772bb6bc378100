"""Datasets by name, and the stratified split."""

from __future__ import annotations

import math
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from data import datasets
from data.dataset_types import TooFewRows, UnknownDataset, stratified_split
from models.spec import Definition
from tests import toys


def test_an_unknown_name_gets_the_nearest_and_the_whole_list() -> None:
    with pytest.raises(UnknownDataset, match=r"'irsi'\. Did you mean iris\? There are: .*iris"):
        datasets.load("irsi")
    with pytest.raises(UnknownDataset, match=r"'flower power'\. There are:"):
        datasets.card("flower power")
    assert UnknownDataset.exit_code == 2


def test_names_are_sorted_and_hold_the_built_in_ones() -> None:
    assert datasets.names() == sorted(datasets.names())
    assert "iris" in datasets.names()


def test_a_registered_dataset_is_loaded_by_its_name(home: Path, toy: Definition) -> None:
    dataset = datasets.load(toys.DATASET)
    assert dataset.x.shape == (toys.N_ROWS, 5)
    assert dataset.x.tolist() == [row[1:-1] for row in toys.rows()]
    assert datasets.card(toys.DATASET).owner_role == "Test engineer"


@pytest.mark.parametrize(
    ("shares", "fraction"), [((50, 50, 50), 0.2), ((80, 15, 5), 0.2), ((7, 13), 0.3), ((30,), 0.1)]
)
def test_split_keeps_the_shares_of_the_classes(shares: tuple[int, ...], fraction: float) -> None:
    y = np.repeat(np.arange(len(shares)), shares)
    split = stratified_split(y, fraction, 5)
    total = len(y)
    # scikit-learn's documented rounding: the test part is rounded up to a whole row.
    assert len(split.test) == math.ceil(round(total * fraction, 9))
    assert sorted([*split.train, *split.test]) == list(range(total))
    for label, count in enumerate(shares):
        assert abs(Counter(y[split.test].tolist())[label] - count * fraction) < 1


@pytest.mark.parametrize("shares", [(2, 2), (38, 2), (1, 40), (5,) * 30, ()])
def test_too_few_rows_are_said_with_what_is_enough(shares: tuple[int, ...]) -> None:
    """A part that lacks a class would be judged, or learned from, without it."""
    names = [f"kind {k}" for k in range(len(shares))]
    y = np.repeat(np.arange(len(shares)), shares)
    if shares == (5,) * 30:
        assert set(y[stratified_split(y, 0.2, 5, names).test]) == set(y)
        return
    with pytest.raises(TooFewRows, match=r"5 of each are enough") as told:
        stratified_split(y, 0.2, 5, names)
    assert all(f"{count} of {name}" in str(told.value) for name, count in zip(names, shares, strict=True))


def test_split_depends_on_the_seed_alone() -> None:
    y = np.repeat(np.arange(3), 20)
    first, again, other = (stratified_split(y, 0.25, seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first.train, again.train)
    assert first.test.tolist() != other.test.tolist()
    np.random.seed(9)  # the global state must not matter
    np.testing.assert_array_equal(stratified_split(y, 0.25, 1).test, first.test)
