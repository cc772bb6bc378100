"""Figures that judge a model, each declared by what it measures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Metric:
    """What a figure of a record measures.

    Attributes
    ----------
    name : str
        By which a record keeps the figure.
    title : str
        As a heading says it.
    of : str
        What is measured, in words.
    unit : str
        Empty for a share.
    decimals : int
        With which it is told.
    higher_is_better : bool
    """

    name: str
    title: str
    of: str
    unit: str = ""
    decimals: int = 3
    higher_is_better: bool = True

    def told(self, value: float) -> str:
        """A value of this metric as text: ``0.953``, or ``1.2 cm``."""
        return f"{value:.{self.decimals}f}" + (f" {self.unit}" if self.unit else "")

    def told_with_interval(self, figure: Figure) -> str:
        """``0.953 (95 % interval 0.919 to 0.987)``; the value alone where no interval is known."""
        if figure.interval is None:
            return self.told(figure.value)
        return f"{self.told(figure.value)} (95 % interval {self.told_interval(figure)})"

    def told_interval(self, figure: Figure) -> str:
        """``0.919 to 0.987``; empty where no interval is known."""
        return "" if figure.interval is None else " to ".join(self.told(end) for end in figure.interval)

    def to_json(self) -> dict[str, Any]:
        """As a record keeps it."""
        return asdict(self)


TEST_ACCURACY = "test_accuracy"
"""Name of the figure that a training measures on the test split alone, where its headline is another."""
ACCURACY = Metric("accuracy", "Accuracy", "Share of answers that are right, on rows that were kept back")


@dataclass(frozen=True, slots=True)
class Figure:
    """A measured value.

    Attributes
    ----------
    interval : tuple of two floats, or None
        In which the true value lies with 95 % confidence.
    method : str
        How it was measured; empty where that was not recorded.
    """

    value: float
    interval: tuple[float, float] | None
    method: str

    @classmethod
    def of(cls, facts: Mapping[str, Any]) -> Figure:
        """From a record's ``value``, ``interval`` and ``method``."""
        low_high = facts.get("interval")
        return cls(
            facts["value"],
            None if low_high is None else (low_high[0], low_high[1]),
            facts.get("method", ""),
        )
