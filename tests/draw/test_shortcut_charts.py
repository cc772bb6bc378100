"""The charts of the planted shortcut: what they say in words is what their dots show."""

from __future__ import annotations

from typing import Any

import pytest

from draw.charts.base import Spec
from draw.charts.shortcut import answers_chart, shortcut_chart
from draw.palette import LIGHT


def called(count: int) -> dict[str, Any]:
    return {"called": count, "share": count / 10, "interval": [count / 20, (count + 10) / 20]}


def of(chart: Spec) -> dict[tuple[str, str], tuple[float, float, float]]:
    """Value and interval of every dot, by its line and its version."""
    dots = [layer["data"]["values"] for layer in chart["layer"] if layer["mark"]["type"] == "circle"]
    return {
        (one["row"], one["version"]): (one["value"], one["low"], one["high"])
        for layer in dots
        for one in layer
    }


def test_the_answers_of_both_versions_stand_on_a_line_a_kind_of_picture() -> None:
    counts = {"chihuahua": ((1, 9), (0, 2)), "muffin": ((3, 10), (8, 7))}
    answers = [
        {
            "kind": kind,
            "pictures": 10,
            "planted": {"plain": called(planted[0]), "tinted": called(planted[1])},
            "clean": {"plain": called(clean[0]), "tinted": called(clean[1])},
        }
        for kind, (planted, clean) in counts.items()
    ]
    chart = answers_chart(answers, "muffin", LIGHT)
    found = of(chart)
    assert len(found) == 8
    assert found["chihuahua, with the tint", "with the shortcut"] == (0.9, 0.45, 0.95)
    assert found["chihuahua, with the tint", "without the shortcut"] == (0.2, 0.1, 0.6)
    assert found["muffin, as it is", "with the shortcut"] == (0.3, 0.15, 0.65)
    assert chart["description"] == (
        "Of 10 held-out pictures of a chihuahua with the tint, 9 are called muffin by the version with the "
        "shortcut and 2 by the one without."
    )


@pytest.mark.parametrize(
    ("verdicts", "told"),
    [(("tells", "hints"), "One would have told"), (("hints", "silent"), "No method would have told")],
)
def test_the_shares_of_both_versions_stand_on_a_line_a_method(verdicts: tuple[str, str], told: str) -> None:
    lines = [
        {
            "title": title,
            "verdict": verdict,
            "planted": {"value": 1.5, "interval": [1.25, 1.75]},
            "clean": {"value": 0.5, "interval": [0.25, 0.75]},
        }
        for title, verdict in zip(("One", "Other"), verdicts, strict=True)
    ]
    chart = shortcut_chart({"kind": "chihuahua", "lines": lines}, LIGHT)
    assert of(chart) == {
        (title, version): values
        for title in ("One", "Other")
        for version, values in (
            ("with the shortcut", (1.5, 1.25, 1.75)),
            ("without the shortcut", (0.5, 0.25, 0.75)),
        )
    }
    assert chart["description"].startswith(f"Asked about a chihuahua with the tint, {told}")
