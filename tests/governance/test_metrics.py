"""A metric tells a figure with its unit and decimals, and with what is known of its interval."""

from __future__ import annotations

import json

import pytest

from governance.metrics import ACCURACY, Figure, Metric
from governance.record_parts import Results

ERROR = Metric("mae", "Mean error", "Mean distance from the truth", "°C", 1, higher_is_better=False)


@pytest.mark.parametrize(
    ("metric", "facts", "told"),
    [
        (ACCURACY, {"value": 0.95, "interval": [0.9, 1]}, "0.950 (95 % interval 0.900 to 1.000)"),
        (ACCURACY, {"value": 0.95}, "0.950"),
        (ERROR, {"value": 2.25, "interval": [2, 2.46]}, "2.2 °C (95 % interval 2.0 °C to 2.5 °C)"),
    ],
)
def test_a_figure_is_told(metric: Metric, facts: dict[str, object], told: str) -> None:
    assert metric.told_with_interval(Figure.of(facts)) == told


def test_a_record_keeps_what_its_headline_measures() -> None:
    stored = json.loads(json.dumps({"headline": ERROR.to_json(), "metrics": {"mae": {"value": 3.5}}}))
    results = Results(stored)
    assert results.headline == ERROR
    assert results.figure == Figure(3.5, None, "")


def test_a_record_that_names_no_headline_meant_the_accuracy() -> None:
    results = Results({"metrics": {"accuracy": {"value": 0.5, "interval": [0.4, 0.6], "method": "counted"}}})
    assert results.headline == ACCURACY
    assert results.figure == Figure(0.5, (0.4, 0.6), "counted")
