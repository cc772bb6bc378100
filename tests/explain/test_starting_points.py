"""Where a what-if begins: the row that lies in the middle of its class, as comparing every pair finds it."""

from __future__ import annotations

import numpy as np
import pytest

from explain.rows.starting_points import typical_rows


def by_every_pair(x: np.ndarray, y: np.ndarray, index: int) -> np.ndarray:
    scaled = x / np.where(x.std(axis=0) > 0, x.std(axis=0), 1.0)
    rows = np.flatnonzero(y == index)
    means = [np.abs(scaled[rows] - scaled[row]).sum(axis=1).mean() for row in rows]
    return x[rows[int(np.argmin(means))]]


@pytest.mark.parametrize("ties", [True, False])
def test_it_is_the_row_nearest_to_all_others_and_of_equally_near_ones_the_first(ties: bool) -> None:
    random = np.random.default_rng(5)
    for _ in range(60):
        n = int(random.integers(1, 50))
        x = random.integers(0, 4, (n, 3)).astype(float) if ties else random.normal(size=(n, 3))
        y = random.integers(0, 3, n)
        found = typical_rows(x, y, 4)
        assert sorted(found) == sorted(set(y.tolist()))
        for index, row in found.items():
            assert row.tolist() == by_every_pair(x, y, index).tolist()


def test_a_feature_that_never_varies_decides_nothing() -> None:
    x = np.array([[7.0, 0.0], [7.0, 1.0], [7.0, 5.0]])
    assert typical_rows(x, np.zeros(3, dtype=int), 1)[0].tolist() == [7.0, 1.0]


def test_a_large_table_takes_no_time_that_grows_with_its_square() -> None:
    """Every pair of 200,000 rows would be 40,000,000,000 distances: hours, and this test would not end."""
    x = np.arange(200_000, dtype=float)[:, None]
    assert typical_rows(x, np.zeros(len(x), dtype=int), 1)[0].tolist() == [99_999.0]
