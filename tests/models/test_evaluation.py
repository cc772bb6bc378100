"""Accuracy figures against closed forms."""

from __future__ import annotations

import math
import statistics

import numpy as np
import pytest
from scipy.special import stdtrit

from models import evaluation
from models.spec import Progress


def test_corrected_interval_is_nadeau_and_bengio_s() -> None:
    """Nadeau and Bengio 2003, section 3: t × sqrt((1/J + n2/n1) s²), with J − 1 degrees of freedom."""
    scores = [0.9, 0.95, 1.0, 0.85, 0.95, 0.9, 0.97, 0.93, 0.99, 0.88]
    expected = stdtrit(9, 0.975) * math.sqrt((1 / 10 + 30 / 120) * statistics.variance(scores))
    assert evaluation.corrected_half_width(np.array(scores), 30 / 120) == pytest.approx(expected, rel=1e-12)
    # The table value of Student's t with 9 degrees of freedom, 97.5 %.
    assert stdtrit(9, 0.975) == pytest.approx(2.262, abs=5e-4)


def test_another_confidence_is_another_quantile() -> None:
    scores = np.array([0.9, 0.95, 1.0, 0.85])
    wide, narrow = (evaluation.corrected_half_width(scores, 0.25, confidence) for confidence in (0.99, 0.8))
    assert wide / narrow == pytest.approx(stdtrit(3, 0.995) / stdtrit(3, 0.9), rel=1e-12)


@pytest.mark.parametrize(("correct", "rows"), [(0, 30), (15, 30), (29, 30), (30, 30), (1, 1), (940, 1000)])
def test_test_interval_is_wilson_s(correct: int, rows: int) -> None:
    """Wilson 1927, in the form of Brown, Cai and DasGupta 2001, equation 4."""
    probabilities = np.tile([0.2, 0.8], (rows, 1))
    y = np.array([1] * correct + [0] * (rows - correct))
    found = evaluation.accuracy_on(probabilities, y)
    z, p = statistics.NormalDist().inv_cdf(0.975), correct / rows
    centre = (p + z * z / (2 * rows)) / (1 + z * z / rows)
    half = z / (1 + z * z / rows) * math.sqrt(p * (1 - p) / rows + z * z / (4 * rows * rows))
    assert found["interval"] == pytest.approx([centre - half, centre + half], abs=1e-12)
    assert (found["value"], found["correct"], found["rows"]) == (p, correct, rows)


def test_confusion_has_a_row_for_each_true_class() -> None:
    predicted = [0, 0, 1, 2, 2, 2]
    probabilities = np.eye(3)[predicted]
    found = evaluation.accuracy_on(probabilities, np.array([0, 1, 1, 0, 2, 2]))
    assert found["confusion"] == [[1, 0, 1], [1, 1, 0], [0, 0, 2]]
    assert found["correct"] == 4


def test_a_fold_s_predictor_is_judged_on_rows_that_it_was_not_given() -> None:
    """A predictor that knows what it saw and nothing else must be wrong everywhere."""
    x, y = np.arange(60.0).reshape(60, 1), np.repeat([0, 1, 2], 20)

    def remember(x: np.ndarray, y: np.ndarray, seed: int) -> evaluation.Predictor:
        seen = {float(row[0]): label for row, label in zip(x, y, strict=True)}
        return lambda rows: np.array([seen.get(float(row[0]), -1) for row in rows])

    found = evaluation.repeated_cross_validation(remember, x, y, 0, lambda progress: None)
    assert found["folds"] == [0.0] * 50
    assert found["interval"] == [0.0, 0.0]


def test_folds_are_repeated_stratified_and_reported() -> None:
    x, y = np.arange(60.0).reshape(60, 1), np.repeat([0, 1, 2], 20)
    given: list[list[int]] = []
    tested: list[float] = []
    reports: list[Progress] = []

    def first_class(x: np.ndarray, y: np.ndarray, seed: int) -> evaluation.Predictor:
        given.append(np.bincount(y).tolist())

        def predict(rows: np.ndarray) -> np.ndarray:
            tested.extend(rows[:, 0].tolist())
            return np.zeros(len(rows), dtype=int)

        return predict

    found = evaluation.repeated_cross_validation(first_class, x, y, 0, reports.append)
    assert given == [[16, 16, 16]] * 50
    assert sorted(tested) == sorted(np.tile(x[:, 0], 10).tolist())
    assert found["value"] == pytest.approx(1 / 3)
    assert [(r.step, r.done, r.total) for r in reports] == [("cross-validation", i, 50) for i in range(1, 51)]
    assert reports[-1].figures["accuracy"] == found["value"]


def test_interval_is_around_the_mean_of_the_folds_and_inside_0_and_1() -> None:
    random = np.random.default_rng(3)
    x, y = np.arange(100.0).reshape(100, 1), np.arange(100) % 2

    def mostly(x: np.ndarray, y: np.ndarray, seed: int) -> evaluation.Predictor:
        return lambda rows: np.where(random.random(len(rows)) < 0.97, rows[:, 0] % 2, -1)

    found = evaluation.repeated_cross_validation(
        mostly, x, y, 0, lambda progress: None, n_splits=4, n_repeats=3
    )
    folds = found["folds"]
    half = stdtrit(11, 0.975) * math.sqrt((1 / 12 + 25 / 75) * statistics.variance(folds))
    assert len(folds) == 12
    assert found["value"] == pytest.approx(statistics.fmean(folds))
    assert found["interval"][0] == pytest.approx(max(0.0, found["value"] - half))
    assert found["interval"][1] == pytest.approx(min(1.0, found["value"] + half))
    assert found["interval"][1] <= 1.0
