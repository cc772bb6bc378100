"""Levels of a reproduction, and which facts of two records are compared: pure functions, by cases."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
import rfc8785

from governance import reproduce
from governance.record import Record
from governance.reproduce import LEVELS


@pytest.mark.parametrize(
    ("same_weights", "disagreeing", "gaps", "level"),
    [
        (True, 0.0, [0.0], "bit-identical"),
        (True, None, [0.0], "bit-identical"),
        (True, 0.0, [0.0, 0.0], "bit-identical"),
        # The same weights, judged otherwise than the record says.
        (True, 0.0, [0.5], "different"),
        (True, 0.0, [0.0, 0.0333], "different"),
        (True, 0.0, [0.0, None], "different"),
        (False, 0.0, [0.0], "prediction-identical"),
        (False, 0.0, [0.02, 0.0], "prediction-identical"),
        (False, 0.0, [0.5], "different"),
        (False, 0.0, [0.0, 0.0333], "different"),
        (False, 0.01, [0.0], "within tolerance"),
        (False, 0.02, [0.019, 0.02], "within tolerance"),
        (False, 0.01, [0.98 - 0.96], "within tolerance"),
        (False, 0.0201, [0.0], "different"),
        (False, 1.0, [0.0], "different"),
        (False, 0.01, [0.0201], "different"),
        # The cross-validated figure is the same, and the test's is not.
        (False, 0.01, [0.0, 0.0333], "different"),
        (False, None, [0.0], "within tolerance"),
        (False, None, [0.5], "different"),
    ],
)
def test_level_by_cases(
    same_weights: bool, disagreeing: float | None, gaps: list[float | None], level: str
) -> None:
    assert reproduce.level_of(same_weights, disagreeing, gaps, 0.02) == level
    assert level in LEVELS


def test_every_compared_part_of_a_record_is_named_when_it_differs() -> None:
    record: dict[str, Any] = {
        "created": "yesterday",
        "session": "a",
        "code": {
            "files": {"a.py": "1", "b.py": "2"},
            "git": {"commit": "c", "dirty": False},
            "arguments": [],
        },
        "data": {
            "fingerprint": "f",
            "split": {"train": [0, 1], "test": [2]},
            "transforms": [{"name": "cast"}],
        },
        "parameters": {"settings": {"depth": 1}, "seed": 0},
        "numerics": {"environment_variables": {"OMP_NUM_THREADS": "2"}, "simd": ["AVX2"]},
        "environment": {"python": "3.11", "distributions": {"numpy": "2.4.6"}},
        "results": {
            "weights_digest": "w",
            "tensors": {"left": "l"},
            "metrics": {"accuracy": 0.9},
            "curve": [],
            "duration_s": 1.0,
            "files": {"model.skops": {"digest": "x"}},
        },
    }

    def changed(**parts: Any) -> list[tuple[str, Any, Any]]:
        other = json.loads(json.dumps(record))
        for path, value in parts.items():
            place, *rest = path.split("__")
            inner = other[place]
            for step in rest[:-1]:
                inner = inner[step]
            if value is None:
                del inner[rest[-1]]
            else:
                inner[rest[-1]] = value
        return [
            (d["fact"], d["recorded"], d["found"])
            for d in reproduce.differences(Record(record), Record(other))
        ]

    assert changed() == []
    assert changed(code__files={"a.py": "1", "c.py": "3"}) == [
        ("code.files.b.py", "2", None),
        ("code.files.c.py", None, "3"),
    ]
    assert changed(code__git__dirty=True) == [("code.git.dirty", False, True)]
    before, after = (sha256(rfc8785.dumps({"train": [0, 1], "test": [row]})).hexdigest() for row in (2, 3))
    assert changed(data__split__test=[3]) == [("data.split.digest", before, after)]
    # One split, as schema 1 wrote it and as schema 2 does.
    assert changed(data__split={"train": 2, "test": 1, "digest": before}) == []
    assert changed(data__split={"train": 3, "test": 1, "digest": before}) == [("data.split.train", 2, 3)]
    assert changed(data__transforms=[]) == [("data.transforms", [{"name": "cast"}], [])]
    assert changed(parameters__seed=7) == [("parameters.seed", 0, 7)]
    assert changed(parameters__seed=None) == [("parameters.seed", 0, None)]
    assert changed(numerics__environment_variables={}) == [
        ("numerics.environment_variables", None, {}),
        ("numerics.environment_variables.OMP_NUM_THREADS", "2", None),
    ]
    assert changed(environment__distributions__numpy="2.5") == [
        ("environment.distributions.numpy", "2.4.6", "2.5")
    ]
    assert changed(results__tensors__left="m", results__metrics__accuracy=0.8) == [
        ("results.metrics.accuracy", 0.9, 0.8),
        ("results.tensors.left", "l", "m"),
    ]
    # These differ by nature: how long it took, and the bytes of a file that holds addresses.
    assert changed(results__duration_s=9.0, results__files={}, code__arguments=["x"]) == []


def test_a_training_that_no_longer_measures_the_headline_is_not_comparable(tmp_path: Path) -> None:
    run = {"data": {"fingerprint": "f"}, "results": {"metrics": {"accuracy": {"value": 0.9}}}}
    again = {"data": {"fingerprint": "f"}, "results": {"metrics": {"mae": {"value": 2.0}}}}
    nothing_stored: Any = None
    verdict = reproduce.judge(nothing_stored, Record(run), again, tmp_path, None)
    assert verdict["level"] == "not comparable"
    assert verdict["reason"] == "The training no longer measures accuracy, by which the record was judged."
    assert [one["fact"] for one in verdict["differences"]] == [
        "results.metrics.accuracy.value",
        "results.metrics.mae.value",
    ]
